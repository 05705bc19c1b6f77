"""The desk: filters and ages of the queue, who reviews, handing over, escalation, the weekly mail."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from config.journal.models import Entry
from config.outbox.models import Message
from config.outbox.sender import Sender
from members.accounts.models import User
from members.directory.models import Office, OfficeRole
from members.directory.rules import forget_roles
from practices.editorial import desk, services
from practices.editorial.models import Revision
from practices.editorial.tasks import escalate_overdue_task, send_weekly_task
from practices.library.models import Publication
from tests.factories import (
    MemberFactory,
    MemberRoleFactory,
    OfficeFactory,
    OfficeRoleFactory,
    PublicationFactory,
    RevisionFactory,
    UserFactory,
)
from tests.practices.acts import decide, fresh, rows
from tests.threads import at_once

pytestmark = pytest.mark.django_db
QUEUE = reverse("editorial:queue")


def hand_over(revision, office, by, reason="They know more."):
    return desk.hand_over_revision(revision=revision, office=office, reason=reason, by=by)


def told(kind):
    return {message.recipient for message in Message.objects.filter(kind=f"editorial.{kind}")}


def age(revision, **since):
    Revision.objects.filter(pk=revision.pk).update(submitted_at=timezone.now() - timedelta(**since))


# The queue -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def waiting(cast, write):
    """Return a queue of Kaisa's and Ada's in which every filter leaves something out."""
    write("submitted", title="New", language="fi")
    age(write("submitted", title="Old"), days=30)
    write("in_review", title="Taken", kind="project")
    RevisionFactory(publication=PublicationFactory(owner=cast.lahti), by=cast.bob, title="Change", state="submitted")
    swedish = MemberFactory(office=cast.finland, country="SE")
    RevisionFactory(owner=swedish, by=MemberRoleFactory(member=swedish).user, title="Swedish", state="submitted")
    RevisionFactory(owner=cast.pontevedra, by=cast.carlos, title="European", state="submitted")


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("", ["Old", "New", "Taken", "Change", "Swedish"]),
        ("kind=project", ["Taken"]),
        ("state=in_review", ["Taken"]),
        ("age=over", ["Old"]),
        ("whose=mine", ["Taken"]),
        ("whose=nobody", ["Old", "New", "Change", "Swedish"]),
        ("what=change", ["Change"]),
        ("what=new&kind=practice&country=FI", ["Old", "New"]),
        ("language=fi", ["New"]),
        ("country=SE", ["Swedish"]),
        # What nobody offers is not followed.
        ("office=999999&kind=x&state=approved&age=-1&whose=%00&what=1&language=xx&country=ES", None),
        ("office=x", None),
        ("page=99", None),
    ],
)
def test_queue_is_narrowed_down_by_its_address(query, titles, cast, as_person, waiting):
    answer = as_person(cast.kaisa).get(f"{QUEUE}?{query}")
    if "%00" in query:
        assert answer.status_code == 400
        return
    expected = titles or ["Old", "New", "Taken", "Change", "Swedish"]
    assert [one.title for one in answer.context["page"]] == expected


def test_queue_by_office_and_the_offices_of_an_administrator(cast, as_person, waiting):
    client = as_person(cast.ada)
    context = client.get(QUEUE).context
    assert [(one["office"], one["count"], one["days"] > 5) for one in context["desks"]] == [
        (cast.finland, 5, True),
        (cast.europe, 1, False),
    ]
    page = client.get(f"{QUEUE}?office={cast.europe.pk}").context["page"]
    assert [one.title for one in page] == ["European"]
    assert as_person(cast.kaisa).get(QUEUE).context["desks"] == []
    choices = [label for _, label in as_person(cast.kaisa).get(QUEUE).context["filter"].form.fields["office"].choices]
    assert [str(one) for one in choices] == ["All", "Finnish Office"]


def test_queue_shows_ages_in_working_days_of_the_office_and_marks_the_overdue(cast, as_person, write):
    Office.objects.filter(pk=cast.finland.pk).update(time_zone="Europe/Helsinki")
    with time_machine.travel(datetime(2026, 11, 20, 9, tzinfo=UTC), tick=False):  # a Friday
        write("submitted", title="Late")
    with time_machine.travel(datetime(2026, 11, 23, 9, tzinfo=UTC), tick=False):
        write("submitted", title="Just in time")
    with time_machine.travel(datetime(2026, 11, 29, 22, 30, tzinfo=UTC), tick=False):  # Monday there
        page = as_person(cast.kaisa).get(QUEUE)
    assert [(one.title, one.days) for one in page.context["page"]] == [("Late", 6), ("Just in time", 5)]
    assert page.content.decode().count("Overdue</span>") == 1


def test_queue_does_not_fail_for_a_zone_that_nobody_knows(cast, as_person, write):
    Office.objects.filter(pk=cast.finland.pk).update(time_zone="Mars/Olympus")
    revision = write("submitted")
    assert as_person(cast.kaisa).get(f"{QUEUE}?age=over").status_code == 200
    assert as_person(cast.ada).get(QUEUE).status_code == 200
    assert as_person(cast.kaisa).get(reverse("editorial:revision_review", args=[revision.pk])).status_code == 200


@pytest.mark.parametrize(("person", "queries"), [("kaisa", 10), ("ada", 11)])
def test_queue_takes_as_many_queries_for_one_as_for_thirty(
    person, queries, cast, as_person, write, django_assert_num_queries
):
    client, made = as_person(getattr(cast, person)), 0
    for number in (1, 3, 30):
        while made < number:
            hand_over(write("submitted"), cast.europe, cast.kaisa) if person == "ada" else write("submitted")
            made += 1
        with django_assert_num_queries(queries):
            client.get(f"{QUEUE}?what=new")


def test_next_in_the_queue_keeps_the_filters_and_comes_to_its_end(cast, as_person, waiting):
    client = as_person(cast.kaisa)
    old, new, taken, change, swedish = client.get(QUEUE).context["page"]

    def follow(revision, query=""):
        return client.get(reverse("editorial:revision_review", args=[revision.pk]) + query).context["next"]

    assert [follow(one) for one in (old, new, taken, change, swedish)] == [new, taken, change, swedish, old]
    assert follow(new, "?whose=nobody") == change
    html = client.get(reverse("editorial:revision_review", args=[new.pk]) + "?whose=nobody").content.decode()
    assert f"{reverse('editorial:revision_review', args=[change.pk])}?whose=nobody" in html


# Who reviews ---------------------------------------------------------------------------------------------------------


def test_review_is_given_back_and_to_a_colleague(cast, as_person, write):
    other = OfficeRoleFactory(office=cast.finland).user
    revision = write("in_review")
    as_person(other).post(reverse("editorial:revision_give_back", args=[revision.pk]))
    assert (fresh(revision).state, fresh(revision).reviewer) == ("submitted", None)
    as_person(cast.kaisa).post(reverse("editorial:revision_assign", args=[revision.pk]), {"to": other.pk})
    assert (fresh(revision).state, fresh(revision).reviewer) == ("in_review", other)
    assert told("assigned") == {other.email}
    desk.assign_revision(revision=revision, to=cast.kaisa, by=cast.kaisa)  # one's own act is no news
    assert told("assigned") == {other.email}
    verbs = Entry.objects.order_by("pk").values_list("verb", flat=True)
    assert list(verbs)[-4:] == ["review_taken", "review_given_back", "review_assigned", "review_assigned"]


def test_review_is_given_to_those_only_who_may(cast, as_person, write):
    left = OfficeRoleFactory(office=cast.finland, user=UserFactory(is_active=False)).user
    reader = OfficeRoleFactory(office=cast.finland).user
    MemberRoleFactory(user=reader, member=cast.lahti, role="reader")
    revision = write("submitted")
    for person in (left, reader, cast.eva, cast.xavier, cast.alice, cast.ada):
        with pytest.raises(ValidationError, match="may not review"):
            desk.assign_revision(revision=revision, to=person, by=cast.kaisa)
    url = reverse("editorial:revision_assign", args=[revision.pk])
    for bad in ("", "x", "-1", reader.pk, 10**30):
        assert as_person(cast.kaisa).post(url, {"to": bad}).status_code == 302
    assert (fresh(revision).state, fresh(revision).reviewer) == ("submitted", None)


@pytest.mark.parametrize("name", ["alice", "bob", "rita", "carlos", "eva", "xavier", "nora"])
def test_desk_is_not_for_others(name, cast, write):
    revision = write("in_review")
    person = getattr(cast, name)
    before = rows(Revision)
    for act in (
        lambda: desk.give_back_revision(revision=revision, by=person),
        lambda: desk.assign_revision(revision=revision, to=cast.kaisa, by=person),
        lambda: hand_over(revision, cast.europe, person),
    ):
        with pytest.raises(PermissionDenied):
            act()
    assert rows(Revision) == before


# Handing over --------------------------------------------------------------------------------------------------------


def test_receiving_office_decides_and_the_former_one_still_reads(cast, as_person, write):
    revision = write("in_review")
    Message.objects.all().delete()
    url = reverse("editorial:revision_hand_over", args=[revision.pk])
    assert as_person(cast.kaisa).post(url, {"office": cast.europe.pk, "reason": " They know <more>. "}).url == QUEUE
    now = fresh(revision)
    assert (now.state, now.reviewer, now.handed_to, now.handed_from) == ("submitted", None, cast.europe, cast.finland)
    assert now.handed_reason == "They know <more>."
    assert (now.deciding_office, now.waits_since) == (cast.europe, now.handed_at)
    may = {name for name, one in people(cast) if one.has_perm("editorial.review_revision", now)}
    sees = {name for name, one in people(cast) if one.has_perm("editorial.view_revision", now)}
    assert (may, sees) == ({"eva", "ada"}, {"alice", "bob", "kaisa", "eva", "ada"})
    assert told("waiting") == {cast.eva.email}
    assert told("handed_over") == {cast.alice.email}
    (entry,) = Entry.objects.filter(verb="handed_over")
    assert (entry.by, entry.details["from"], entry.details["to"]) == (cast.kaisa, cast.finland.pk, cast.europe.pk)
    page = as_person(cast.kaisa).get(reverse("editorial:revision_review", args=[revision.pk])).content.decode()
    assert "European Office" in page
    assert "They know &lt;more&gt;." in page
    assert 'name="verdict"' not in page
    closed = as_person(cast.alice).get(revision.get_absolute_url()).content.decode()
    assert "to European Office" in closed
    with pytest.raises(PermissionDenied):
        decide(revision, "approved", cast.kaisa)
    decide(revision, "approved", cast.eva)
    assert Publication.objects.get().state == "published"


def people(cast):
    for name, one in vars(cast).items():
        if isinstance(one, User):
            forget_roles(one)
            yield name, one


def test_what_was_handed_over_stays_there_when_it_comes_again(cast, write):
    revision = write("submitted")
    hand_over(revision, cast.europe, cast.kaisa)
    decide(revision, "changes_requested", cast.eva)
    services.submit_revision(revision=revision, edition=revision.edition, by=cast.bob)
    assert list(Revision.objects.awaiting_review_by(cast.eva)) == [revision]
    assert not Revision.objects.awaiting_review_by(cast.kaisa).exists()
    hand_over(revision, cast.finland, cast.eva, "Yours after all.")
    assert list(Revision.objects.awaiting_review_by(cast.kaisa)) == [revision]
    assert not Revision.objects.awaiting_review_by(cast.eva).exists()
    assert Revision.objects.visible_to(cast.eva).exists()


def test_reviewer_whose_office_has_handed_it_over_meanwhile_is_told_with_the_words_kept(cast, as_person, write):
    other = OfficeRoleFactory(office=cast.finland).user
    revision = write("submitted")
    hand_over(revision, cast.europe, other)
    typed = {"verdict": "declined", "reason": "My <words>", "edition": revision.edition, "version": 0}
    answer = as_person(cast.kaisa).post(reverse("editorial:revision_review", args=[revision.pk]), typed)
    html = answer.content.decode()
    assert "European Office decides on it now. Nothing was changed." in html
    assert "My &lt;words&gt;" in html
    assert fresh(revision).state == "submitted"


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"reason": "  "}, "reason"),
        ({"reason": "x" * 100_000}, "reason"),
        ({"reason": "a\x00b"}, "reason"),
        ({"office": "999999"}, "office"),
        ({"office": "x"}, "office"),
        ({"office": ""}, "office"),
        ({"office": "home"}, "office"),
    ],
)
def test_handing_over_asks_for_another_office_and_a_reason(typed, field, cast, as_person, write):
    revision = write("submitted")
    data = {"office": str(cast.europe.pk), "reason": "Why."} | typed
    data["office"] = data["office"].replace("home", str(cast.finland.pk))
    answer = as_person(cast.kaisa).post(reverse("editorial:revision_hand_over", args=[revision.pk]), data)
    assert (answer.status_code, list(answer.context["form"].errors)) == (200, [field])
    assert fresh(revision).handed_to is None


@pytest.mark.parametrize(
    ("reason", "message"), [("", "Please say why."), ("x" * 5001, "at most 5000"), ("a\x00b", "Null characters")]
)
def test_service_checks_the_reason_itself(reason, message, cast, write):
    with pytest.raises(ValidationError, match=message):
        hand_over(write("submitted"), cast.europe, cast.kaisa, reason)


def test_office_gets_neither_what_it_has_nor_its_own_work(cast, write):
    with pytest.raises(ValidationError, match="at this office already"):
        hand_over(write("submitted"), cast.finland, cast.kaisa)
    own = RevisionFactory(owner=cast.finland, by=cast.kaisa, state="submitted")
    with pytest.raises(ValidationError, match="own work"):
        hand_over(own, cast.finland, cast.eva)


@pytest.mark.django_db(transaction=True)
def test_deciding_and_handing_over_at_once_do_one_thing(cast, write):
    other = OfficeRoleFactory(office=cast.finland).user
    revision = write("submitted")
    decided, handed = at_once(
        lambda: decide(revision, "declined", cast.kaisa), lambda: hand_over(revision, cast.europe, other)
    )
    now = fresh(revision)
    if isinstance(decided, Exception):
        assert (type(decided), now.state, now.handed_to) == (PermissionDenied, "submitted", cast.europe)
    else:
        assert (type(handed), now.state, now.handed_to) == (ValidationError, "declined", None)


# Escalation ----------------------------------------------------------------------------------------------------------


def escalated(at):
    with time_machine.travel(datetime.fromisoformat(at).replace(tzinfo=UTC), tick=False):
        escalate_overdue_task()
    return told("overdue")


@pytest.fixture
def monday(cast, write):
    """Return a revision submitted on a Monday in the Finnish office, which counts as Helsinki does."""
    Office.objects.filter(pk=cast.finland.pk).update(time_zone="Europe/Helsinki")
    with time_machine.travel(datetime(2026, 11, 23, 9, tzinfo=UTC), tick=False):
        return write("submitted")


def test_escalation_after_five_working_days_there_once(cast, monday, smtp):
    assert escalated("2026-11-30 21:59") == set()  # still the fifth day there
    assert escalated("2026-11-30 22:00") == {cast.kaisa.email, cast.eva.email}
    assert escalated("2026-12-09 12:00") == {cast.kaisa.email, cast.eva.email}
    assert Message.objects.filter(kind="editorial.overdue").count() == 2
    Message.objects.exclude(kind="editorial.overdue").delete()
    Message.objects.update(not_before=timezone.now())
    assert Sender().run() == 2
    links = {"kaisa": f"/revisions/{monday.pk}/review/", "eva": "/offices/finland/"}
    for name, link in links.items():
        (mail,) = smtp.to(getattr(cast, name).email)
        assert mail["Subject"] == f"Waits too long: {monday.title}"
        assert link in mail.get_body(("plain",)).get_content()


def test_escalation_begins_anew_at_another_office_and_with_another_submission(cast, monday):
    escalated("2026-12-01 12:00")
    with time_machine.travel(datetime(2026, 12, 2, 12, tzinfo=UTC), tick=False):
        hand_over(monday, cast.europe, cast.kaisa)
    assert Message.objects.filter(kind="editorial.overdue").count() == 2
    escalated("2026-12-09 12:00")
    assert Message.objects.filter(kind="editorial.overdue").count() == 2
    marta = OfficeRoleFactory(office=cast.bonn).user
    escalated("2026-12-10 00:00")
    assert list(Message.objects.filter(kind="editorial.overdue").order_by("pk").values_list("recipient", flat=True)) == [
        cast.kaisa.email, cast.eva.email, cast.eva.email, marta.email,
    ]  # fmt: skip
    with time_machine.travel(datetime(2026, 12, 10, 12, tzinfo=UTC), tick=False):
        decide(monday, "changes_requested", cast.eva)
        services.submit_revision(revision=monday, edition=monday.edition, by=cast.alice)
    escalated("2026-12-18 00:00")
    assert Message.objects.filter(kind="editorial.overdue").count() == 6


def test_escalation_of_an_office_without_another_above_goes_to_administrators(cast):
    member = MemberFactory(office=cast.bonn)
    writer = MemberRoleFactory(member=member).user
    marta = OfficeRoleFactory(office=cast.bonn).user
    RevisionFactory(owner=member, by=writer, state="submitted")
    Revision.objects.update(submitted_at=timezone.now() - timedelta(days=30))
    assert desk.escalate_overdue() == 1
    assert told("overdue") == {marta.email, cast.ada.email}


def test_escalation_is_told_to_nobody_of_the_owner(cast, write):
    MemberRoleFactory(user=cast.eva, member=cast.lahti, role="reader")
    age(write("submitted"), days=30)
    desk.escalate_overdue()
    assert told("overdue") == {cast.kaisa.email}


def test_what_is_decided_meanwhile_is_not_escalated_any_more(cast, write, smtp):
    revision = write("submitted")
    age(revision, days=30)
    desk.escalate_overdue()
    decide(revision, "approved", cast.kaisa)
    Sender().run()
    assert smtp.to(cast.eva.email) == []


# The weekly mail -----------------------------------------------------------------------------------------------------


def weekly(at):
    with time_machine.travel(datetime.fromisoformat(at).replace(tzinfo=UTC), tick=False):
        send_weekly_task()
    return sorted(Message.objects.filter(kind="editorial.weekly").values_list("recipient", flat=True))


def test_weekly_mail_on_monday_at_eight_there_once_a_week(cast, monday):
    other = OfficeRoleFactory(office=cast.finland, user=UserFactory(email="o@network.example")).user
    both = [cast.kaisa.email, other.email]
    assert weekly("2026-11-30 05:59") == []
    assert weekly("2026-11-30 06:00") == both
    assert weekly("2026-11-30 09:00") == both
    assert weekly("2026-12-06 23:59") == both  # Monday there, and not eight yet
    assert weekly("2026-12-07 06:00") == sorted([*both, *both])


@pytest.mark.parametrize("at", ["2026-11-29 12:00", "2026-11-30 22:30", "2026-12-01 08:00", "2026-12-05 08:00"])
def test_weekly_mail_comes_on_no_other_day(at, monday):
    assert weekly(at) == []


def test_weekly_mail_does_not_take_what_came_after_eight(cast, write):
    with time_machine.travel(datetime(2026, 11, 30, 8, 30, tzinfo=UTC), tick=False):
        write("submitted")
    assert weekly("2026-11-30 09:00") == []
    assert weekly("2026-12-07 08:00") == [cast.kaisa.email]


def test_weekly_mail_lists_what_waits_the_oldest_first(cast, write, smtp):
    with time_machine.travel(datetime(2026, 11, 24, 9, tzinfo=UTC), tick=False):
        write("submitted", title="Younger")
        decided = write("submitted", title="Decided meanwhile")
    with time_machine.travel(datetime(2026, 11, 18, 9, tzinfo=UTC), tick=False):
        write("submitted", title="Older & <b>")
        RevisionFactory(owner=cast.pontevedra, by=cast.carlos, title="Elsewhere", state="submitted")
    weekly("2026-11-30 08:00")
    with time_machine.travel(datetime(2026, 11, 30, 8, 1, tzinfo=UTC), tick=False):
        decide(decided, "declined", cast.kaisa)
        Message.objects.exclude(kind="editorial.weekly").delete()
        Sender().run()
    (mail,) = smtp.to(cast.kaisa.email)
    assert mail["Subject"] == "2 texts wait for review (Finnish Office)"
    text = mail.get_body(("plain",)).get_content()
    assert text.index("Older & <b> (Lahden kaupunki), 8 working days") < text.index(
        "Younger (Lahden kaupunki), 4 working"
    )
    assert "Elsewhere" not in text
    assert "Decided" not in text
    assert "Older &amp; &lt;b&gt;" in mail.get_body(("html",)).get_content()
    assert [one["Subject"] for one in smtp.to(cast.eva.email)] == ["1 text waits for review (European Office)"]


def test_weekly_mail_is_not_sent_where_nothing_waits_any_more(cast, monday, smtp):
    weekly("2026-11-30 08:00")
    decide(monday, "declined", cast.kaisa)
    Message.objects.exclude(kind="editorial.weekly").delete()
    Message.objects.update(not_before=timezone.now())
    Sender().run()
    assert smtp.messages == []
    assert Message.objects.get().state == "empty"


def test_one_failing_office_stops_no_other_and_is_logged(cast, write, caplog):
    first = OfficeFactory(parent=cast.europe)
    Office.objects.filter(pk=cast.europe.pk).update(time_zone="Mars/Olympus")
    RevisionFactory(owner=cast.pontevedra, by=cast.carlos, state="submitted")
    write("submitted")
    Revision.objects.update(submitted_at=datetime(2026, 11, 2, tzinfo=UTC))
    assert first.pk > cast.europe.pk
    assert weekly("2026-11-30 08:00") == [cast.kaisa.email]
    assert escalated("2026-11-30 08:00") == {cast.kaisa.email, cast.eva.email}
    failed = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert failed == [f"The desk of office {cast.europe.pk} failed"] * 2


def test_nobody_is_told_weekly_of_what_they_may_not_decide(cast, monday):
    MemberRoleFactory(user=cast.kaisa, member=cast.lahti, role="reader")
    assert weekly("2026-11-30 08:00") == []
    OfficeRole.objects.filter(user=cast.kaisa).delete()
    assert weekly("2026-11-30 09:00") == []
