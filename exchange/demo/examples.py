"""One e-mail of each kind, made of the demo network, in each language: for pictures and for the tests.

Everything that has to happen for them is done and taken back, so the demo stays as it is.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from config.journal.models import Entry
from config.journal.services import record
from config.outbox.kinds import Rendered, all_kinds, get_kind
from config.outbox.models import Message
from config.outbox.rendering import speak_to
from config.vocabulary.models import Topic
from exchange.announcements.emails import build_message as build_announcement
from exchange.announcements.services import write_announcement
from exchange.connections.services import accept_request, request_connection
from exchange.conversations.commenting import add_comment
from exchange.conversations.gathering import save_event
from exchange.conversations.grouping import act_as_keeper, act_for_oneself, found_group
from exchange.conversations.messaging import begin_thread
from exchange.conversations.models import Delivery, Group
from exchange.conversations.reporting import COMMENT
from exchange.digests.alerts import plan_alerts
from exchange.digests.models import Alert
from exchange.digests.selection import select_for
from exchange.digests.services import add_missing_subscriptions, build_message, get_subscription
from exchange.exchanges.agreeing import answer_exchange
from exchange.exchanges.emails import queue_proposal, queue_session_soon
from exchange.exchanges.models import Party
from exchange.exchanges.services import change_exchange
from exchange.exchanges.working import add_session, add_task
from exchange.moderation.models import Case
from exchange.moderation.services import decide_case, report_thing
from exchange.peers.introducing import answer_introduction, introduce_members
from exchange.peers.models import Introduction, Notice
from exchange.peers.services import close_overdue_notices, open_notice, warn_of_closing
from members.accounts.emails import TEMPLATES, queue_account_mail
from members.accounts.models import User
from members.directory.contact_checks import check_contacts
from members.directory.models import Contact, Member, Office, OfficeRole
from members.directory.services import invite_colleague
from members.fees.emails import write_about
from members.joining.deciding import approve_application, request_documents
from members.joining.models import Application
from members.joining.services import submit_application
from members.people.join_requests import approve_request, request_to_join
from members.people.roles import remove_person, set_role
from practices.editorial.assessing import invite_expert, submit_assessment, withdraw_invitation
from practices.editorial.desk import assign_revision, hand_over_revision
from practices.editorial.emails.assessments import queue_assessment_reminder
from practices.editorial.emails.desk import queue_overdue, queue_weekly
from practices.editorial.emails.revisions import queue_waiting
from practices.editorial.models import Assessment, Revision
from practices.editorial.models.assessments import CRITERIA
from practices.editorial.responsibility import reassign_publication
from practices.editorial.services import decide_revision
from practices.editorial.talking import add_remark
from practices.intake.emails import queue_imported
from practices.intake.models import Batch, BatchRow
from practices.library.models import Publication, Seen
from practices.search.saving import save_search
from practices.translations.emails import queue_waiting as queue_translation_waiting
from practices.translations.models import Translation
from practices.translations.services import approve_translation, send_back_translation
from practices.upkeep import emails as upkeep
from practices.upkeep.models import Check, LinkCheck
from practices.uptake.services import confirm_uptake, record_uptake

SAID = {
    "en": (
        "The call for study visits closes on 15 January",
        "Cities that want to **host or join a study visit** next spring can still apply.\n\n- Two days on site\n- One page is enough\n\n[The form](https://network.example/form)",
    ),
    "mk": (
        "Повикот за студиски посети се затвора на 15 јануари",
        "Градовите што сакаат да бидат **домаќини или учесници** на студиска посета сè уште може да се пријават.",
    ),
    "fi": (
        "Opintomatkojen haku päättyy 15. tammikuuta",
        "Kaupungit, jotka haluavat **isännöidä opintomatkaa tai osallistua siihen**, voivat vielä hakea.",
    ),
}


@dataclass(frozen=True)
class Example:
    """One e-mail as it would leave."""

    kind: str
    language: str
    message: Message
    rendered: Rendered


def example_emails() -> list[Example]:
    """Return an e-mail of each kind in each language of the interface."""
    found: dict[str, list[Example]] = {}
    with transaction.atomic():
        for message in [_digest(), _announcement()]:
            found[message.kind] = _render(message)
        for act in _ACTS:
            last = Message.objects.aggregate(last=Max("pk"))["last"] or 0
            act()
            for message in Message.objects.filter(pk__gt=last).select_related("user").order_by("pk"):
                # At once, while what it tells of is so.
                found[message.kind] = found.get(message.kind) or _render(message)
        transaction.set_rollback(True)
    return [example for kind in all_kinds() for example in found.get(kind.name, [])]


def _render(message: Message) -> list[Example]:
    examples = []
    for code, _name in settings.LANGUAGES:
        message.language = code
        (prepared,) = get_kind(message.kind).look_at([message])
        with speak_to(message):
            rendered = prepared.render()
        if rendered:
            examples.append(Example(message.kind, code, message, rendered))
    return examples


def _person(name: str) -> User:
    return User.objects.get(email=f"{name}.example")


def _practice() -> Publication:
    found: Publication = Publication.objects.get(owner_member__name_en="Pontevedra")
    return found


def _digest() -> Message:
    add_missing_subscriptions()
    subscription = get_subscription(_person("elena@bitola"))
    (selection,) = select_for([subscription], highest=None)
    return build_message(subscription, selection, 0, key="example", now=timezone.now())


def _alerts() -> None:
    """Save searches and publish something that they find; what was published before is nothing new."""
    elena, practice = _person("elena@bitola"), _practice()
    for name, cadence in (("School streets", "at_once"), ("Like us in Spain", "daily"), ("Europe", "daily")):
        save_search(query=f"country={practice.country}", values={"name": name, "cadence": cadence}, by=elena)
    plan_alerts()
    record(verb="published", obj=practice, by=practice.created_by, audience=Entry.Audience.NETWORK)
    Entry.objects.update(at=timezone.now() - timedelta(hours=1))  # nothing waits to be embedded
    Seen.objects.filter(user=elena).delete()
    Alert.objects.filter(cadence="daily").update(next_due=timezone.now())
    plan_alerts()


def _announcement() -> Message:
    values: dict[str, Any] = {"topic": None, "is_important": False, "texts": SAID}
    office = Office.objects.get(kind=Office.Kind.WORLD)
    announcement = write_announcement(values=values | {"office": office}, by=_person("ada@network"))
    return build_announcement(announcement, _person("elena@bitola"))


def _accounts() -> None:
    elena = _person("elena@bitola")
    facts = {
        "from_email": "elena@old.example", "to_email": elena.email, "deleted_email": "elena@old.example",
        "ip": "192.0.2.1", "user_agent": "Firefox", "timestamp": timezone.now().isoformat(),
    }  # fmt: skip
    # So that there is something to confirm.
    EmailAddress.objects.filter(user=elena, email=elena.email).update(verified=False)
    for name in TEMPLATES:
        queue_account_mail(name=name, to=elena.email, user=elena, facts=facts)


def _invitation() -> None:
    joensuu = Member.objects.get(name_en="Joensuu")
    invite_colleague(
        member=joensuu, email="new@joensuu.example", role="reader", language="fi", by=_person("aino@joensuu")
    )


def _applying() -> None:
    """Kajaani is asked for something, hands it in, is approved, and pays late."""
    application, kaisa = Application.objects.get(name="Kajaanin kaupunki"), _person("kaisa@network")
    request_documents(application=application, message="The decision has **no date**.", by=kaisa)
    application = submit_application(application=application)
    invoice = approve_application(application=application, by=kaisa)
    write_about(invoice, "reminder_1")


def _contacts() -> None:
    Contact.objects.filter(member__name_en="Joensuu", function="leader").update(
        term_ends_on=timezone.localdate() - timedelta(days=1), confirmed_at=None
    )
    check_contacts()


def _submitted() -> tuple[Revision, Revision]:
    """Return a change of a published text and a new text, which wait at the Finnish office."""
    change, new = Revision.objects.filter(
        state=Revision.State.SUBMITTED, publication__owner_member__office__slug="finland"
    ).order_by("pk")[:2]
    return change, new


def _waiting() -> None:
    change, _new = _submitted()
    queue_waiting(change)
    queue_overdue(change)
    queue_weekly(Office.objects.get(slug="finland"), "2026-W48", timezone.now(), [_person("kaisa@network")])


def _decision() -> None:
    """The office that the new text was handed to asks for changes."""
    new = Revision.objects.filter(state=Revision.State.SUBMITTED, handed_to__slug="europe").order_by("pk")[0]
    decide_revision(
        revision=new, verdict="changes_requested", reason="Please say what it cost.", edition=new.edition,
        version=new.publication.version, by=_person("jonas@network"),
    )  # fmt: skip


def _remark() -> None:
    change, _new = _submitted()
    add_remark(revision=change, text="Where does the figure of **2023** come from?", by=_person("kaisa@network"))


def _handing_over() -> None:
    _change, new = _submitted()
    europe = Office.objects.get(slug="europe")
    hand_over_revision(revision=new, office=europe, reason="It is about all of Europe.", by=_person("kaisa@network"))


def _assigning() -> None:
    change = Revision.objects.filter(state=Revision.State.SUBMITTED).order_by("pk")[0]
    colleague = _person("marta@network")  # the demo has one person at each office
    Office.objects.get(slug="finland").roles.create(user=colleague, role=OfficeRole.Role.COORDINATOR)
    assign_revision(revision=change, to=colleague, by=_person("kaisa@network"))


def _responsible() -> None:
    """From here on Lucía looks after the practice of Pontevedra, so that she is asked about it."""
    reassign_publication(publication=_practice(), to=_person("lucia@pontevedra"), by=_person("jonas@network"))


def _assessment() -> Assessment:
    practice = _practice()
    return invite_expert(
        publication=practice, expert=_person("ines@network"), note="Does it work in a hot climate?",
        by=_person("jonas@network"),
    )  # fmt: skip


def _assessing() -> None:
    queue_assessment_reminder(_assessment())


def _assessed() -> None:
    asked = Assessment.objects.filter(expert=_person("ines@network")).order_by("-pk")[0]
    answers: dict[str, Any] = dict.fromkeys(CRITERIA, 3) | {f"{code}_comment": "Clear and useful." for code in CRITERIA}
    submit_assessment(assessment=asked, answers=answers, version=asked.publication.version, by=asked.expert)


def _assessment_withdrawn() -> None:
    withdraw_invitation(assessment=_assessment(), by=_person("jonas@network"))


def _translation() -> Translation:
    practice = _practice()
    row, _made = Translation.objects.get_or_create(
        publication=practice, language="en", defaults={"texts": {"title": "A town for walking"}}
    )
    row.saved_by = _person("tom@melbourne")
    row.edition += 1
    row.save()
    return row


def _translation_waiting() -> None:
    queue_translation_waiting(_translation())


def _translation_approved() -> None:
    row = _translation()
    approve_translation(translation=row, edition=row.edition, by=_person("lucia@pontevedra"))


def _translation_sent_back() -> None:
    row = _translation()
    row.approved_at = row.approved_by = None
    row.save()
    send_back_translation(
        translation=row, edition=row.edition, reason="The names are wrong.", by=_person("lucia@pontevedra")
    )


def _upkeep() -> None:
    practice = _practice()
    ago = timezone.now() - timedelta(days=400)
    check = Check.objects.create(publication=practice, confirmed_at=ago, asked_at=timezone.now())
    upkeep.queue_question(check)
    upkeep.queue_update_wanted(check)
    upkeep.queue_lapsed(check)
    link = LinkCheck.objects.create(
        publication=practice, url="https://pontevedra.example/gone", status="broken", failures=2, checked_at=ago,
        first_broken_at=ago,
    )  # fmt: skip
    upkeep.queue_broken_links(practice, [link.pk])


def _imports() -> None:
    revision = Revision.objects.filter(state="submitted").order_by("pk")[0]
    batch = Batch.objects.create(
        uploaded_by=_person("aino@joensuu"), owner_member=revision.publication.owner_member, name="practices.xlsx",
        language="en", state=Batch.State.DONE,
    )  # fmt: skip
    BatchRow.objects.create(batch=batch, number=1, content={}, revision=revision)
    queue_imported(batch, [revision])


def _uptake() -> None:
    uptake = record_uptake(
        publication=_practice(), member=Member.objects.get(name_en="Lahti"), state="adapting", since=None,
        facts={"language": "fi", "changed": "Begin with two streets."}, by=_person("mikko@lahti"),
    )  # fmt: skip
    confirm_uptake(uptake=uptake, edition=uptake.edition, by=_person("lucia@pontevedra"))


def _introducing() -> None:
    """Kaisa proposes Lahti to Pontevedra."""
    lahti, pontevedra = (Member.objects.get(name_en=name) for name in ("Lahti", "Pontevedra"))
    note = "Lahti wants to calm its centre. You have lived without cars in yours for twenty years."
    introduce_members(member=lahti, peer=pontevedra, note=note, by=_person("kaisa@network"))


def _asking() -> None:
    """Lahti asks the owner of a practice about it."""
    practice = _practice()
    open_notice(
        kind=Notice.Kind.ASK, member=Member.objects.get(name_en="Lahti"),
        facts={
            "title": "How did you talk to the shops?", "text": "Ours fear for their customers. What did you do first?",
            "language": "en", "formats": ["call"], "languages": ["en"], "publication": practice,
            "closes_on": timezone.localdate() + timedelta(weeks=8),
        },
        topics=practice.topics.all(), pathways=practice.pathways.all(), by=_person("mikko@lahti"),
    )  # fmt: skip


def _peers() -> None:
    """Both are interested; then Lahti's ask is over, and another one is soon."""
    introduction = Introduction.objects.latest("pk")
    lahti, pontevedra = introduction.member, introduction.peer
    for member, person in ((lahti, "mikko@lahti"), (pontevedra, "lucia@pontevedra")):
        answer_introduction(introduction=introduction, member=member, interested=True, by=_person(person))
    yesterday = timezone.localdate() - timedelta(days=1)
    Notice.objects.filter(pk=Notice.objects.filter(member=lahti, state="open")[0].pk).update(closes_on=yesterday)
    close_overdue_notices()
    Notice.objects.open().filter(member__name_en="Joensuu").update(
        opened_at=timezone.now() - timedelta(days=30), closes_on=timezone.localdate() + timedelta(days=6)
    )
    warn_of_closing()


def _exchanging() -> None:
    """Joensuu agrees to what waits for it; a session is planned, and is soon."""
    aino = _person("aino@joensuu")
    party = Party.objects.answerable_by(aino).select_related("exchange", "member")[0]
    queue_proposal(party, 3)
    exchange = answer_exchange(party=party, agrees=True, edition=party.exchange.edition, by=aino)
    soon = timezone.now() + timedelta(days=2)
    facts = {"title": "Wood and law", "starts_at": soon, "ends_at": soon + timedelta(hours=1), "time_zone": "UTC"}
    session = add_session(exchange=exchange, facts=facts, by=aino)
    queue_session_soon(session, aino)
    mikko = _person("mikko@lahti")
    for who, days in ((mikko, 20), (aino, 2)):
        due_on = timezone.localdate() + timedelta(days=days)
        by = aino if who == mikko else mikko
        add_task(exchange=exchange, what="Book the trains", who=who, due_on=due_on, is_milestone=False, by=by)
    change_exchange(
        exchange=exchange, format_=exchange.format, facts={"place": "Joensuu, Ellintie 2"}, edition=exchange.edition,
        by=aino,
    )  # fmt: skip


def _joining() -> None:
    """Somebody of the city asks to join; Mikko lets them in."""
    lahti = Member.objects.get(name_en="Lahti")
    lahti.email_domains = ["lahti.example"]
    lahti.save(update_fields=["email_domains"])
    newcomer = User.objects.create_user("ilkka@lahti.example", name="Ilkka Korhonen", language="fi")
    EmailAddress.objects.create(user=newcomer, email=newcomer.email, verified=True, primary=True)
    asked = request_to_join(member=lahti, leaves=None, by=newcomer)
    approve_request(request=asked, role="reader", by=_person("mikko@lahti"))


def _role_set() -> None:
    set_role(role=_person("ilkka@lahti").member_roles.get(), to="contributor", by=_person("mikko@lahti"))


def _leaving() -> None:
    """The office ends the role of somebody who looks after a text."""
    newcomer, lahti = _person("ilkka@lahti"), Member.objects.get(name_en="Lahti")
    Publication.objects.filter(owner_member=lahti).update(responsible=newcomer)
    remove_person(role=newcomer.member_roles.get(), by=_person("kaisa@network"))


def _connecting() -> None:
    """Haruka asks Petra, who accepts."""
    haruka, petra = _person("haruka@kamikatsu"), _person("petra@kuntaliitto")
    said = "I would like to hear how your **members** share what they learn. Shall we have a call?"
    accept_request(connection=request_connection(to=petra, message=said, by=haruka), by=petra)


def _talking() -> None:
    """Haruka asks about the practice of Pontevedra, and writes to Petra."""
    haruka, petra = _person("haruka@kamikatsu"), _person("petra@kuntaliitto")
    add_comment(
        publication=_practice(), kind="question", text="How did you begin, and **what did it cost**?", language="en",
        by=haruka,
    )  # fmt: skip
    begin_thread(people=[petra], subject="A call in January", text="Would Tuesday suit you?", by=haruka)


def _grouping() -> None:
    """Petra invites Haruka to a group."""
    petra, haruka = _person("petra@kuntaliitto"), _person("haruka@kamikatsu")
    values = {"name": "What members learn from each other", "about": "How we share.", "topic": Topic.objects.all()[0]}
    group = found_group(values=values, by=petra)
    act_as_keeper(group=group, person=haruka, act="invite", by=petra)


def _meeting() -> None:
    """Haruka accepts and wants to hear of groups at once; Petra plans a meeting."""
    petra, haruka = _person("petra@kuntaliitto"), _person("haruka@kamikatsu")
    group = Group.objects.get(founded_by=petra, name="What members learn from each other")
    act_for_oneself(group=group, act="accept", by=haruka)
    Delivery.objects.update_or_create(user=haruka, defaults={"groups": Delivery.Way.AT_ONCE})
    starts_at = (timezone.now() + timedelta(days=14)).replace(hour=9, minute=0, second=0, microsecond=0)
    said: dict[str, Any] = {
        "title": "First call",
        "time_zone": "Europe/Helsinki",
        "place": "",
        "link": "https://call.example/members",
    }
    said |= {
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(hours=1),
        "about": "What do **members** ask first?",
    }
    save_event(group=group, event=None, values=said, by=petra)


def _reporting() -> Case:
    """Haruka reports a comment of Tom."""
    comment = add_comment(
        publication=_practice(), kind="comment", text="This is nonsense.", language="en", by=_person("tom@melbourne")
    )
    return report_thing(reportable=COMMENT, thing=comment, reason="Not polite.", by=_person("haruka@kamikatsu"))


def _hiding() -> None:
    decide_case(
        case=Case.objects.latest("pk"), verdict="hide", reason="Please stay with the matter.", by=_person("ada@network")
    )


_ACTS: tuple[Callable[[], object], ...] = (
    _accounts, _invitation, _contacts, _applying, _imports, _waiting, _remark, _handing_over, _decision, _assigning, _responsible,
    _assessing, _assessed,
    _assessment_withdrawn, _translation_waiting, _translation_approved, _translation_sent_back, _upkeep, _uptake, _introducing, _asking, _peers, _exchanging,
    _alerts, _joining, _role_set, _leaving,
    _connecting, _talking, _grouping, _meeting, _reporting, _hiding,
)  # fmt: skip
