"""Experts assess what is published; coordinators recommend and verify it."""

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from config.journal.models import Entry
from config.outbox.models import Message
from config.outbox.sender import Sender
from members.accounts.models import User
from members.directory.models import OfficeRole
from members.directory.rules import forget_roles
from practices.editorial import assessing
from practices.editorial.models import Assessment, Revision
from practices.editorial.models.assessments import CRITERIA
from practices.editorial.rubric import as_shown
from practices.editorial.tasks import remind_experts_task
from practices.library.models import Publication
from tests.factories import MemberRoleFactory, OfficeRoleFactory, PublicationFactory, RevisionFactory, UserFactory
from tests.pages import without_tokens
from tests.practices.acts import fresh
from tests.threads import raised_at_once

pytestmark = pytest.mark.django_db


def scores(*values, **more):
    """Return answers with these scores, or one for all."""
    values = values * 4 if len(values) == 1 else values
    comments = {f"{code}_comment": f"Why {code} & <b>so</b>." for code in CRITERIA}
    return dict(zip(CRITERIA, values, strict=True)) | comments | {"shows_name": False} | more


@pytest.fixture
def invite(cast, published):
    """Return a function that asks a new expert, or `expert`, to assess the practice of Lahti."""

    def invite(expert=None, note=""):
        expert = expert or OfficeRoleFactory(office=cast.europe, role="expert").user
        return assessing.invite_expert(publication=published, expert=expert, note=note, by=cast.kaisa)

    return invite


@pytest.fixture
def assess(invite, published):
    """Return a function that asks an expert and hands in their answers."""

    def assess(*values, expert=None, **more):
        one = invite(expert)
        version = fresh(published).version
        return assessing.submit_assessment(
            assessment=one, answers=scores(*values, **more), version=version, by=one.expert
        )

    return assess


def told(kind):
    return [message.recipient for message in Message.objects.filter(kind=f"editorial.{kind}").order_by("pk")]


def recommend(publication, by):
    assessing.recommend_publication(publication=publication, by=by)
    return fresh(publication).review_level


# Who -----------------------------------------------------------------------------------------------------------------


def everybody(cast):
    for name, one in vars(cast).items():
        if isinstance(one, User):
            forget_roles(one)
            yield name, one


def test_who_looks_after_and_who_assesses_a_publication(cast, published):
    found = {
        permission: {name for name, one in everybody(cast) if one.has_perm(f"editorial.{permission}", published)}
        for permission in ("look_after_publication", "assess_publication")
    }
    assert found == {"look_after_publication": {"kaisa", "ada"}, "assess_publication": {"xavier"}}


ACTS = {
    "invite": (assessing.invite_expert, {"note": ""}),  # of Xavier
    "recommend": (assessing.recommend_publication, {}),
    "take back": (assessing.take_back_recommendation, {"reason": "Over."}),
    "verify": (assessing.verify_publication, {"note": "Read."}),
    "unverify": (assessing.take_back_verification, {"reason": "Gone."}),
}


def do(act, publication, cast, by):
    service, facts = ACTS[act]
    more = {"expert": cast.xavier} if act == "invite" else {}
    return service(publication=publication, by=by, **facts, **more)


@pytest.mark.parametrize("name", ["alice", "bob", "rita", "carlos", "eva", "xavier", "nora"])
@pytest.mark.parametrize("act", ACTS)
def test_acts_of_the_desk_are_not_for_others(act, name, cast, published):
    before = [list(model.objects.values()) for model in (Assessment, Publication, Entry, Message)]
    with pytest.raises(PermissionDenied):
        do(act, published, cast, getattr(cast, name))
    assert [list(model.objects.values()) for model in (Assessment, Publication, Entry, Message)] == before


@pytest.mark.parametrize("act", ACTS)
def test_nobody_looks_after_the_work_of_their_own_member_or_office(act, cast, published):
    MemberRoleFactory(user=cast.kaisa, member=cast.lahti, role="reader")
    with pytest.raises(PermissionDenied):
        do(act, published, cast, cast.kaisa)
    own = PublicationFactory(owner=cast.bonn)
    with pytest.raises(PermissionDenied):
        do(act, own, cast, OfficeRoleFactory(office=cast.bonn).user)


def test_experts_are_of_the_network_and_not_of_the_owner(cast, published):
    reads_there = OfficeRoleFactory(office=cast.bonn, role="expert").user
    MemberRoleFactory(user=reads_there, member=cast.lahti, role="reader")
    left = OfficeRoleFactory(office=cast.bonn, role="expert", user=UserFactory(is_active=False)).user
    submitted_it = MemberRoleFactory(member=cast.lahti).user
    RevisionFactory(publication=published, by=submitted_it, state="submitted", title="New")
    submitted_it.member_roles.all().delete()
    OfficeRole.objects.create(user=submitted_it, office=cast.europe, role="expert")
    for person in (reads_there, left, submitted_it, cast.eva, cast.carlos, cast.ada, cast.nora):
        forget_roles(person)
        with pytest.raises(ValidationError, match="no expert of the network, or it is the work of their own"):
            assessing.invite_expert(publication=published, expert=person, note="", by=cast.kaisa)
    assert not Assessment.objects.exists()


@pytest.mark.parametrize("state", ["unpublished", "archived"])
def test_only_what_is_published_is_assessed_recommended_and_verified(state, cast):
    publication = PublicationFactory(owner=cast.lahti, state=state)
    for act in ("invite", "recommend", "verify"):
        with pytest.raises(ValidationError, match="Only what is published"):
            do(act, publication, cast, cast.kaisa)


# Inviting and answering ----------------------------------------------------------------------------------------------


def test_expert_is_asked_answers_in_two_goes_and_the_coordinator_is_told(cast, as_person, published, smtp):
    url = reverse("editorial:expert_invite", args=[published.pk])
    as_person(cast.kaisa).post(url, {"expert": cast.xavier.pk, "note": "Is it <new>?"})
    one = Assessment.objects.get()
    Message.objects.exclude(kind__startswith="editorial.assessment").delete()
    assert Sender().run() == 1
    (mail,) = smtp.to(cast.xavier.email)
    assert mail["Subject"] == "Please assess: Old title"
    text = mail.get_body(("plain",)).get_content()
    assert "Is it <new>?" in text
    assert f"/assessments/{one.pk}/" in text
    client = as_person(cast.xavier)
    assert one in client.get(reverse("editorial:my_assessments")).context["waiting"]
    form = client.get(one.get_absolute_url()).content.decode()
    assert "0: There are only intentions, or no results." in form
    assert "Is it &lt;new&gt;?" in form
    answer = client.post(one.get_absolute_url(), {"relevant": "4", "relevant_comment": " Many have it. ", "save": "1"})
    assert answer.url == one.get_absolute_url()
    saved = fresh(one)
    assert (saved.relevant, saved.relevant_comment, saved.impact, saved.is_open) == (4, "Many have it.", None, True)
    assert fresh(published).review_level == "none"
    typed = {name: value for name, value in scores(4, 3, 2, 0).items() if value is not False}
    answer = client.post(one.get_absolute_url(), typed | {"version": 1, "submit": "1"})
    assert answer.url == reverse("editorial:my_assessments")
    done = fresh(one)
    assert ([getattr(done, code) for code in CRITERIA], done.version, done.is_open) == ([4, 3, 2, 0], 1, False)
    assert fresh(published).review_level == "experts"
    assert one in client.get(reverse("editorial:my_assessments")).context["done"]
    Sender().run()
    assert [mail["Subject"] for mail in smtp.to(cast.kaisa.email)] == ["Assessed: Old title"]
    verbs = list(Entry.objects.order_by("pk").values_list("verb", "audience"))
    assert verbs[-2:] == [("expert_invited", "nobody"), ("assessed", "nobody")]


def test_what_is_submitted_stays_until_another_invitation(cast, assess, invite):
    one = assess(4, expert=cast.xavier)
    for act in (
        lambda: assessing.save_assessment(assessment=one, answers=scores(0), by=cast.xavier),
        lambda: assessing.submit_assessment(assessment=one, answers=scores(0), version=1, by=cast.xavier),
        lambda: assessing.decline_assessment(assessment=one, reason="No.", by=cast.xavier),
    ):
        with pytest.raises(ValidationError, match="submitted and cannot be changed"):
            act()
    assert fresh(one).relevant == 4
    again = assess(2, expert=cast.xavier)
    assert list(Assessment.objects.counting()) == [again]


def test_nobody_else_answers(cast, invite):
    one = invite(cast.xavier)
    for person in (cast.kaisa, cast.ada, cast.alice, OfficeRoleFactory(office=cast.europe, role="expert").user):
        with pytest.raises(PermissionDenied):
            assessing.save_assessment(assessment=one, answers=scores(4), by=person)
        with pytest.raises(PermissionDenied):
            assessing.decline_assessment(assessment=one, reason="No.", by=person)


def test_expert_is_asked_once_at_a_time(cast, invite):
    one = invite(cast.xavier)
    with pytest.raises(ValidationError, match="asked already"):
        invite(cast.xavier)
    assessing.decline_assessment(assessment=one, reason="I advised them.", by=cast.xavier)
    assert invite(cast.xavier).is_open


def test_conflict_of_interest_is_declined_with_a_reason_that_only_the_desk_reads(cast, as_person, invite, smtp):
    one = invite(cast.xavier)
    url = reverse("editorial:assessment_decline", args=[one.pk])
    for reason in ("", "  ", "x" * 100_000, "a\x00b"):
        answer = as_person(cast.xavier).post(url, {"reason": reason})
        assert (answer.status_code, list(answer.context["form"].errors)) == (200, ["reason"])
    assert as_person(cast.xavier).post(url, {"reason": "I advised <them>."}).status_code == 302
    with pytest.raises(ValidationError, match="You have declined"):
        assessing.submit_assessment(assessment=one, answers=scores(4), version=1, by=cast.xavier)
    Sender().run()
    (mail,) = smtp.to(cast.kaisa.email)
    assert mail["Subject"] == "Declined: Old title"
    assert "I advised <them>." in mail.get_body(("plain",)).get_content()
    trust = reverse("editorial:publication_trust", args=[one.publication_id])
    assert "I advised &lt;them&gt;." in as_person(cast.kaisa).get(trust).content.decode()
    page = as_person(cast.alice).get(one.publication.get_absolute_url()).content.decode()
    assert "advised" not in page
    assert fresh(one.publication).review_level == "none"


def test_invitation_is_withdrawn_and_the_expert_told_by_whom(cast, as_person, invite, smtp):
    one = invite(cast.xavier)
    assessing.save_assessment(assessment=one, answers=scores(4), by=cast.xavier)
    client, url = as_person(cast.kaisa), reverse("editorial:assessment_withdraw", args=[one.pk])
    trust = reverse("editorial:publication_trust", args=[one.publication_id])
    assert url in client.get(trust).text
    assert client.post(url).url == trust
    page = client.get(trust).text
    assert url not in page
    assert "Withdrawn" in page
    entry = Entry.objects.filter(verb="invitation_withdrawn").get()
    assert (entry.by, entry.audience) == (cast.kaisa, "nobody")
    assert entry.details == {"assessment": one.pk, "expert": cast.xavier.pk}
    Sender().run()
    (mail,) = smtp.to(cast.xavier.email)  # the invitation, not sent yet, is not wanted any more
    assert mail["Subject"] == "No assessment needed any more: Old title"
    text = " ".join(mail.get_body(("plain",)).get_content().split())
    assert "Kaisa has withdrawn the request to assess “Old title” (Lahden kaupunki)." in text
    assert one.get_absolute_url() in text
    mine = as_person(cast.xavier).get(reverse("editorial:my_assessments")).context
    assert (mine["waiting"], mine["done"]) == ([], [one])
    for act in (
        lambda: assessing.save_assessment(assessment=one, answers=scores(0), by=cast.xavier),
        lambda: assessing.submit_assessment(assessment=one, answers=scores(0), version=1, by=cast.xavier),
        lambda: assessing.decline_assessment(assessment=one, reason="No.", by=cast.xavier),
    ):
        with pytest.raises(ValidationError, match="has withdrawn this invitation"):
            act()
    assert assessing.remind_experts() == 0
    assert invite(cast.xavier).is_open  # and may be asked again


@pytest.mark.parametrize("end", ["submitted", "declined", "withdrawn"])
def test_what_is_answered_is_not_withdrawn(end, cast, assess, invite):
    if end == "submitted":
        one = assess(3, expert=cast.xavier)
    else:
        one = invite(cast.xavier)
        if end == "declined":
            assessing.decline_assessment(assessment=one, reason="No time.", by=cast.xavier)
        else:
            assessing.withdraw_invitation(assessment=one, by=cast.kaisa)
    before = fresh(one).withdrawn_at
    with pytest.raises(ValidationError, match="answered or withdrawn already"):
        assessing.withdraw_invitation(assessment=one, by=cast.kaisa)
    assert fresh(one).withdrawn_at == before
    assert len(told("assessment_withdrawn")) == (end == "withdrawn")


def test_who_withdraws_an_invitation(cast, invite):
    one = invite()
    may = {name for name, person in everybody(cast) if person.has_perm("editorial.withdraw_assessment", one)}
    assert may == {"kaisa", "ada"}
    for person in (one.expert, cast.alice, cast.eva, cast.carlos):
        with pytest.raises(PermissionDenied):
            assessing.withdraw_invitation(assessment=one, by=person)
    assert fresh(one).is_open


def test_expert_who_withdraws_their_own_invitation_is_not_told(cast, invite):
    OfficeRoleFactory(office=cast.finland, user=cast.xavier)
    forget_roles(cast.xavier)
    assessing.withdraw_invitation(assessment=invite(cast.xavier), by=cast.xavier)
    assert told("assessment_withdrawn") == []


@pytest.mark.django_db(transaction=True)
def test_answer_and_withdrawal_at_once_leave_one_of_them(cast, invite):
    one = invite(cast.xavier)
    answer = lambda: assessing.submit_assessment(assessment=one, answers=scores(3), version=1, by=cast.xavier)  # noqa: E731
    assert raised_at_once(answer, lambda: assessing.withdraw_invitation(assessment=one, by=cast.kaisa)) == [
        "ValidationError"
    ]
    now = fresh(one)
    assert (now.submitted_at is None) != (now.withdrawn_at is None)


def test_answer_is_told_to_the_office_where_who_invited_has_left(cast, invite):
    other = OfficeRoleFactory(office=cast.finland).user
    one = invite(cast.xavier)
    OfficeRole.objects.filter(user=cast.kaisa).delete()
    assessing.decline_assessment(assessment=one, reason="No time.", by=cast.xavier)
    assert told("assessment_answered") == [other.email]


def test_expert_who_joined_the_owner_meanwhile_cannot_submit(cast, invite):
    one = invite(cast.xavier)
    MemberRoleFactory(user=cast.xavier, member=cast.lahti, role="reader")
    forget_roles(cast.xavier)
    with pytest.raises(ValidationError, match="decline, and say why"):
        assessing.submit_assessment(assessment=one, answers=scores(4), version=1, by=cast.xavier)


def test_new_version_published_meanwhile_is_told_and_the_words_stay(cast, as_person, published, invite):
    one = invite(cast.xavier)
    RevisionFactory(publication=published, by=cast.bob, reviewer=cast.kaisa, title="Newer", state="approved")
    typed = {name: value for name, value in scores(3).items() if value is not False}
    answer = as_person(cast.xavier).post(one.get_absolute_url(), typed | {"version": "1", "submit": "1"})
    html = answer.content.decode()
    assert "A new version was published after you opened this page." in html
    assert "Why relevant &amp; &lt;b&gt;so&lt;/b&gt;." in html
    assert 'name="version" value="2"' in html
    assert fresh(one).is_open


@pytest.mark.parametrize(
    ("typed", "fields"),
    [
        ({"relevant": "5"}, ["relevant"]),
        ({"relevant": "-1"}, ["relevant"]),
        ({"relevant": "x"}, ["relevant"]),
        ({"relevant": "3.5"}, ["relevant"]),
        ({"relevant": ""}, ["relevant"]),
        ({"impact_comment": " "}, ["impact_comment"]),
        ({"impact_comment": "x" * 100_000}, ["impact_comment"]),
        ({"impact_comment": "a\x00b"}, ["impact_comment"]),
        (dict.fromkeys(CRITERIA, ""), list(CRITERIA)),
    ],
)
def test_bad_answers_are_told_beside_the_field(typed, fields, cast, as_person, invite):
    one = invite(cast.xavier)
    data = {name: value for name, value in scores(3).items() if value is not False} | typed
    answer = as_person(cast.xavier).post(one.get_absolute_url(), data | {"version": "1", "submit": "1"})
    assert (answer.status_code, sorted(answer.context["form"].errors)) == (200, sorted(fields))
    assert fresh(one).is_open


@pytest.mark.parametrize("value", [5, -1, "x"])
def test_service_and_database_check_the_scores_themselves(value, cast, invite):
    one = invite(cast.xavier)
    with pytest.raises(ValidationError) as caught:
        assessing.save_assessment(assessment=one, answers={"relevant": value}, by=cast.xavier)
    assert list(caught.value.message_dict) == ["relevant"]
    with pytest.raises(IntegrityError), transaction.atomic():
        Assessment.objects.filter(pk=one.pk).update(relevant=5)
    with pytest.raises(IntegrityError), transaction.atomic():
        Assessment.objects.filter(pk=one.pk).update(submitted_at=timezone.now())


def test_reminder_after_two_weeks_once_and_to_those_only_who_are_still_asked(cast, invite, assess, smtp):
    late, answered, declined, young = invite(cast.xavier), assess(3), invite(), invite()
    assessing.decline_assessment(assessment=declined, reason="No time.", by=declined.expert)
    Assessment.objects.exclude(pk=young.pk).update(invited_at=timezone.now() - timedelta(days=14))
    remind_experts_task()
    remind_experts_task()
    assert told("assessment_reminder") == [late.expert.email]
    assert answered.expert.email not in told("assessment_reminder")
    Message.objects.exclude(kind="editorial.assessment_reminder").delete()
    assessing.decline_assessment(assessment=late, reason="No time.", by=cast.xavier)
    Sender().run()
    assert smtp.to(cast.xavier.email) == []


# Recommending --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "level"),
    [
        ([], "At least 2 experts must have assessed it. So far: 0."),
        ([(4, 4, 4, 4)], "At least 2 experts must have assessed it. So far: 1."),
        ([(3, 3, 3, 3), (3, 3, 3, 3)], "recommended"),
        ([(4, 4, 4, 4), (2, 2, 2, 2)], "recommended"),
        ([(4, 4, 4, 0), (3, 3, 3, 3)], "recommended"),
        ([(3, 3, 3, 3), (3, 3, 3, 2)], "must be 3 or more. It is 2.87."),
        ([(0, 0, 0, 0), (4, 4, 4, 4)], "must be 3 or more. It is 2."),
    ],
)
def test_recommended_is_what_two_experts_give_three_points(answers, level, cast, published, assess):
    for one in answers:
        assess(*one)
    if level == "recommended":
        assert recommend(published, cast.kaisa) == level
    else:
        with pytest.raises(ValidationError) as caught:
            recommend(published, cast.kaisa)
        assert caught.value.messages[0].endswith(level)
        assert fresh(published).review_level != "recommended"


def test_two_answers_of_one_expert_are_one(cast, published, assess):
    assess(4, expert=cast.xavier)
    assess(3, expert=cast.xavier)
    with pytest.raises(ValidationError, match="So far: 1"):
        recommend(published, cast.kaisa)
    assess(3)
    assert recommend(published, cast.kaisa) == "recommended"


def test_drafts_and_declined_do_not_count(cast, published, assess, invite):
    assess(4)
    draft, declined = invite(), invite()
    assessing.save_assessment(assessment=draft, answers=scores(4), by=draft.expert)
    assessing.decline_assessment(assessment=declined, reason="No.", by=declined.expert)
    with pytest.raises(ValidationError, match="So far: 1"):
        recommend(published, cast.kaisa)


def test_mean_of_many_experts_is_exact(cast, published, assess):
    """24 times 12 points and once 11: 2.99, which no rounding makes 3."""
    for _ in range(24):
        assess(3)
    assess(3, 3, 3, 2)
    with pytest.raises(ValidationError, match=r"It is 2\.99\."):
        recommend(published, cast.kaisa)


@pytest.mark.parametrize(
    ("mean", "shown"),
    [(Fraction(2999, 1000), "2.99"), (Fraction(3), "3"), (Fraction(8, 3), "2.66"), (Fraction(0), "0")],
)
def test_mean_is_shown_rounded_down(mean, shown):
    assert as_shown(mean) == Decimal(shown)
    assert str(as_shown(mean)) == shown


def test_recommendation_is_taken_back_with_a_reason(cast, as_person, published, assess):
    assess(4), assess(4)
    client = as_person(cast.kaisa)
    client.post(reverse("editorial:publication_recommend", args=[published.pk]))
    again = client.post(reverse("editorial:publication_recommend", args=[published.pk]), follow=True)
    assert "It is recommended already." in again.content.decode()
    url = reverse("editorial:recommendation_take_back", args=[published.pk])
    assert list(client.post(url, {"reason": " "}).context["take_back_form"].errors) == ["reason"]
    assert fresh(published).review_level == "recommended"
    assert client.post(url, {"reason": "The figures were withdrawn."}).status_code == 302
    assert fresh(published).review_level == "experts"
    verbs = list(Entry.objects.order_by("pk").values_list("verb", "audience"))
    assert verbs[-2:] == [("recommended", "member"), ("not_recommended", "member")]


@pytest.mark.django_db(transaction=True)
def test_recommending_twice_at_once_is_one_act(cast, published, assess):
    assess(4), assess(4)
    other = OfficeRoleFactory(office=cast.finland).user
    assert raised_at_once(lambda: recommend(published, cast.kaisa), lambda: recommend(published, other)) == [
        "ValidationError"
    ]
    assert Entry.objects.filter(verb="recommended").count() == 1


@pytest.mark.django_db(transaction=True)
def test_expert_invited_twice_at_once_is_asked_once(cast, invite):
    other = cast.xavier
    assert raised_at_once(lambda: invite(other), lambda: invite(other)) == ["ValidationError"]
    assert Assessment.objects.count() == Message.objects.filter(kind="editorial.assessment_invited").count() == 1


# Reviewed by a coordinator -------------------------------------------------------------------------------------------


def test_what_was_imported_is_not_reviewed_until_a_coordinator_approves_a_revision(cast, as_person, published):
    client = as_person(cast.rita)
    read = lambda: " ".join(client.get(published.get_absolute_url()).text.split())  # noqa: E731
    assert published.review_level == "none"
    for text in ("Not reviewed", "It was imported, and no coordinator has read it."):
        assert text in read()
    assert "Reviewed by a coordinator" not in read()
    Publication.objects.update(is_demonstration=True)
    assert "It was made for demonstration, and no coordinator has read it." in read()
    for state in ("submitted", "declined"):
        RevisionFactory(publication=published, by=cast.bob, reviewer=cast.kaisa, state=state, title=state)
        assert fresh(published).review_level == "none"
        Revision.objects.filter(state="submitted").update(state="withdrawn")
    RevisionFactory(publication=published, by=cast.bob, reviewer=cast.kaisa, state="approved", title="Read")
    assert fresh(published).review_level == "coordinator"
    assert "A coordinator of the network read it before it was published." in read()


@pytest.mark.parametrize("level", ["experts", "recommended"])
def test_approving_takes_no_higher_level_away(level, cast, published):
    Publication.objects.update(review_level=level)
    RevisionFactory(publication=published, by=cast.bob, reviewer=cast.kaisa, state="approved", title="New")
    assert fresh(published).review_level == level


# Verifying -----------------------------------------------------------------------------------------------------------


def test_verified_is_a_grade_that_is_given_and_taken_back(cast, as_person, published):
    assert published.evidence == "documented"  # by the evidence of its indicator
    client = as_person(cast.kaisa)
    url = reverse("editorial:publication_verify", args=[published.pk])
    for note in ("", "x" * 100_000, "a\x00b"):
        assert list(client.post(url, {"note": note}).context["verify_form"].errors) == ["note"]
    assert client.post(url, {"note": "Read the <report>."}).status_code == 302
    now = fresh(published)
    assert (now.evidence, now.verified_by, now.verified_at is not None) == ("verified", cast.kaisa, True)
    page = as_person(cast.rita).get(published.get_absolute_url()).content.decode()
    assert "A coordinator has checked the main facts against the source." in page
    assert "Read the &lt;report&gt;." in page
    assert "of version 1 checked on" in page
    back = reverse("editorial:verification_take_back", args=[published.pk])
    assert as_person(cast.kaisa).post(back, {"reason": "The report is gone."}).status_code == 302
    now = fresh(published)
    assert (now.evidence, now.verified_by, now.verified_at) == ("documented", None, None)
    with pytest.raises(ValidationError, match="not verified now"):
        assessing.take_back_verification(publication=published, reason="Again.", by=cast.kaisa)


# What readers see ----------------------------------------------------------------------------------------------------


def test_readers_see_means_and_comments_and_names_of_those_who_agreed(cast, as_person, published, assess):
    shown, hidden = (
        OfficeRoleFactory(office=cast.europe, role="expert", user=UserFactory(name=name)).user
        for name in ("Vera Visible", "Henrik Hidden")
    )
    assess(4, 4, 3, 0, expert=shown, shows_name=True)
    assess(3, 4, 3, 1, expert=hidden)
    RevisionFactory(publication=published, by=cast.bob, reviewer=cast.kaisa, title="Newer", state="approved")
    for reader in (cast.rita, cast.carlos, cast.alice):
        html = without_tokens(as_person(reader).get(published.get_absolute_url()))
        assert "Assessed by experts" in html
        assert [
            word
            for word in ("3.5</td>", "3</td>", "0.5</td>")
            if word not in " ".join(html.split()).replace(" </td>", "</td>")
        ] == []
        assert "Vera Visible" in html
        assert "Henrik" not in html
        assert "An expert of the network" in html
        assert html.count("Why relevant &amp; &lt;b&gt;so&lt;/b&gt;.") == 2
        assert "assessed version 1" in html
        assert "you read version 2" in html.replace("\n", " ").replace("  ", "")
        assert "/trust/" not in html
    assert "/trust/" in as_person(cast.kaisa).get(published.get_absolute_url()).content.decode()


def test_page_takes_as_many_queries_for_one_expert_as_for_many(
    cast, as_person, published, assess, django_assert_num_queries
):
    client, url = as_person(cast.rita), published.get_absolute_url()
    made = 0
    for number in (1, 3):
        while made < number:
            assess(3)
            made += 1
        with django_assert_num_queries(9):
            client.get(url)


def test_drafts_of_experts_are_seen_by_nobody_else(cast, as_person, published, invite):
    one = invite(cast.xavier)
    assessing.save_assessment(assessment=one, answers=scores(4), by=cast.xavier)
    html = as_person(cast.kaisa).get(one.get_absolute_url()).content.decode()
    assert "Why relevant" not in html
    assert "Why relevant" not in as_person(cast.rita).get(published.get_absolute_url()).content.decode()
