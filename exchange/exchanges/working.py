"""What is done inside an exchange: who takes part, when they meet, tasks, notes and files."""

from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from config.files.detection import DOCUMENTS, IMAGES
from config.files.names import clean_name
from config.files.services import store_upload
from config.journal.services import record
from exchange.exchanges import emails
from exchange.exchanges.inviting import cancel, people_of, sync_people
from exchange.exchanges.locking import lock_exchange, today_in
from exchange.exchanges.models import Attachment, Exchange, Note, Participant, Party, Session, Task
from exchange.exchanges.transitions import move
from exchange.moderation.silences import check_may_write
from members.accounts.models import User

LONGEST_SESSION = timedelta(hours=24)
MOST_SESSIONS, MOST_TASKS, MOST_NOTES, MOST_FILES = 60, 100, 500, 100
WORK, RUN = "exchanges.work_on_exchange", "exchanges.run_exchange"
# What others have to know of a session.
SAID = ("title", "starts_at", "ends_at", "time_zone", "place", "link")


class StaleSessionError(Exception):
    """Somebody changed the session meanwhile; `session` is as it is now. Nothing was written."""

    def __init__(self, session: Session) -> None:
        super().__init__(f"sequence {session.sequence} of session {session.pk} is newer")
        self.session = session


@transaction.atomic
def choose_people(*, party: Party, people: Collection[User], person: User | None, by: User) -> None:
    """Say who takes part for a party, and who looks after it. They get the invitations, those left out lose them.

    Raises:
        PermissionDenied: `by` does not speak for the party.
        ValidationError: it has ended, the side takes part no more, nobody is chosen, or somebody has no role at the
            member.
    """
    if not by.has_perm("exchanges.answer_party", party):
        raise PermissionDenied
    exchange, _own = lock_exchange(party.exchange)
    party = exchange.parties.select_related("member").get(pk=party.pk)
    move(exchange, "work")
    if not party.is_in:
        raise ValidationError(_("This side takes part no more."))
    wanted = {one.pk for one in people}
    if not wanted:
        raise ValidationError({"people": _("Choose at least one person: the others meet somebody of each side.")})
    at_member = set(party.member.roles.filter(user__is_active=True).values_list("user_id", flat=True))
    if (wanted | ({person.pk} if person else set())) - at_member:
        raise ValidationError({"people": _("This person does not belong to the member.")})
    party.person = person
    party.save(update_fields=["person"])
    party.participants.exclude(user__in=wanted).delete()
    for pk in sorted(wanted):
        Participant.objects.get_or_create(party=party, user_id=pk)
    record(verb="exchange_people_chosen", obj=exchange, by=by, member_id=party.member_id)
    sync_people(exchange)


@transaction.atomic
def add_session(*, exchange: Exchange, facts: dict[str, Any], by: User) -> Session:
    """Plan a session; once the exchange is agreed, those who take part get it for their calendars.

    Args:
        facts: see `SAID`. What is sent twice is planned once.

    Raises:
        PermissionDenied: `by` speaks for no party that has agreed.
        ValidationError: the exchange has ended; or by field, what cannot be.
    """
    exchange, _own = lock_exchange(exchange, RUN, by)
    check_may_write(by)
    move(exchange, "work")
    if exchange.sessions.planned().count() >= MOST_SESSIONS:
        raise ValidationError(_("There are %(count)d sessions already.") % {"count": MOST_SESSIONS})
    session = Session(exchange=exchange)
    _write_session(session, facts)
    same: Session | None = exchange.sessions.planned().filter(**{name: getattr(session, name) for name in SAID}).first()
    if same:
        return same
    session.save()
    record(verb="exchange_session_added", obj=exchange, by=by, details={"session": session.pk})
    sync_people(exchange)
    return session


@transaction.atomic
def change_session(*, session: Session, facts: dict[str, Any], sequence: int, by: User) -> Session:
    """Change a session; calendars follow.

    Args:
        sequence: what `by` saw.

    Raises:
        PermissionDenied: `by` speaks for no party that has agreed.
        StaleSessionError: it was changed since `by` read it.
        ValidationError: it is cancelled or over, the exchange has ended; or by field, what cannot be.
    """
    exchange, session = _lock_session(session, by)
    check_may_write(by)
    if session.sequence != sequence:
        raise StaleSessionError(session)
    said = [getattr(session, name) for name in SAID]
    _write_session(session, facts)
    if [getattr(session, name) for name in SAID] == said:
        return session
    session.sequence += 1
    session.changed_at = timezone.now()
    session.save()
    record(verb="exchange_session_changed", obj=exchange, by=by, details={"session": session.pk})
    sync_people(exchange)
    return session


@transaction.atomic
def cancel_session(*, session: Session, by: User) -> None:
    """Cancel a session; it leaves everybody's calendar.

    Raises:
        PermissionDenied: `by` speaks for no party that has agreed.
        ValidationError: it is cancelled or over, or the exchange has ended.
    """
    exchange, session = _lock_session(session, by)
    cancel(session)
    record(verb="exchange_session_cancelled", obj=exchange, by=by, details={"session": session.pk})
    sync_people(exchange)


@transaction.atomic
def add_task(
    *, exchange: Exchange, what: str, who: User | None, due_on: date | None, is_milestone: bool, by: User
) -> Task:
    """Add a task, or a milestone of the transfer plan. What is sent twice is added once.

    Raises:
        PermissionDenied: `by` neither speaks for a party nor takes part.
        ValidationError: the exchange has ended; or by field, what cannot be.
    """
    exchange, _own = lock_exchange(exchange, WORK, by)
    check_may_write(by)
    move(exchange, "work")
    _check_room(exchange.tasks.count(), MOST_TASKS)
    task = Task(exchange=exchange)
    _write_task(task, what, who, due_on, is_milestone=is_milestone)
    same = exchange.tasks.filter(what=task.what, who=who, due_on=due_on, is_milestone=is_milestone, done_at=None)
    if found := same.first():
        return found
    task.save()
    record(verb="exchange_task_added", obj=exchange, by=by, details={"task": task.pk})
    if who != by:
        emails.queue_task(task, "new")
    return task


@transaction.atomic
def change_task(*, task: Task, what: str, who: User | None, due_on: date | None, is_milestone: bool, by: User) -> Task:
    """Change what is to be done, by whom and by when; whoever it is given to is told.

    Raises:
        PermissionDenied: `by` neither speaks for a party nor takes part.
        ValidationError: it is gone, the exchange has ended; or by field, what cannot be.
    """
    exchange, task = _lock_task(task, by)
    check_may_write(by)
    before = task.who
    _write_task(task, what, who, due_on, is_milestone=is_milestone)
    task.save()
    record(verb="exchange_task_changed", obj=exchange, by=by, details={"task": task.pk})
    if who not in {before, by}:
        emails.queue_task(task, "new")
    return task


@transaction.atomic
def remove_task(*, task: Task, by: User) -> None:
    """Take a task away.

    Raises:
        PermissionDenied: `by` neither speaks for a party nor takes part.
        ValidationError: it is gone, or the exchange has ended.
    """
    exchange, task = _lock_task(task, by)
    record(verb="exchange_task_removed", obj=exchange, by=by, details={"task": task.pk, "what": task.what})
    task.delete()


@transaction.atomic
def tick_task(*, task: Task, done: bool, by: User) -> None:
    """Say that a task is done, or that it is not. Doing so twice changes nothing.

    Raises:
        PermissionDenied: `by` neither speaks for a party nor takes part.
        ValidationError: it is gone, or the exchange has ended.
    """
    exchange, task = _lock_task(task, by)
    if done != (task.done_at is not None):
        task.done_at, task.done_by = (timezone.now(), by) if done else (None, None)
        task.save(update_fields=["done_at", "done_by"])
        verb = "exchange_task_done" if done else "exchange_task_reopened"
        record(verb=verb, obj=exchange, by=by, details={"task": task.pk})


@transaction.atomic
def add_note(*, exchange: Exchange, text: str, by: User) -> Note:
    """Write a note for those who take part; also after the end, since questions come later. Twice the same is one.

    Raises:
        PermissionDenied: `by` neither speaks for a party nor takes part.
        ValidationError: there is no text, it is too long, or there are too many.
    """
    exchange, _own = lock_exchange(exchange, WORK, by)
    check_may_write(by)
    _check_room(exchange.notes.count(), MOST_NOTES)
    note = Note(exchange=exchange, text=text.strip(), by=by)
    note.full_clean()
    newest = exchange.notes.first()
    if newest and (newest.text, newest.by) == (note.text, by):
        return newest
    note.save()
    record(verb="exchange_note_added", obj=exchange, by=by)
    return note


@transaction.atomic
def remove_note(*, note: Note, by: User) -> None:
    """Take a note away again. Whoever wrote it may, and those who speak for a party that has agreed.

    Raises:
        PermissionDenied: `by` may not.
    """
    exchange, _own = lock_exchange(note.exchange, WORK, by)
    if not may_remove(note, by):
        raise PermissionDenied
    note.delete()
    record(verb="exchange_note_removed", obj=exchange, by=by)


@transaction.atomic
def add_file(*, exchange: Exchange, upload: "UploadedFile[Any]", by: User) -> Attachment:
    """Keep a file for those who take part; also after the end. The same file under one name is kept once.

    Raises:
        PermissionDenied: `by` neither speaks for a party nor takes part.
        ValidationError: the file is of a sort or size that is not taken, or there are too many.
    """
    exchange, _own = lock_exchange(exchange, WORK, by)
    check_may_write(by)
    _check_room(exchange.attachments.count(), MOST_FILES)
    blob = store_upload(upload=upload, allowed=DOCUMENTS | IMAGES)
    name = clean_name(upload.name or "", blob.media_type)
    if same := exchange.attachments.filter(blob=blob, name=name).first():
        return same
    file = Attachment.objects.create(exchange=exchange, blob=blob, name=name, by=by)
    record(verb="exchange_file_added", obj=exchange, by=by, details={"name": file.name})
    return file


@transaction.atomic
def remove_file(*, file: Attachment, by: User) -> None:
    """Take a file away again. Whoever uploaded it may, and those who speak for a party that has agreed.

    Raises:
        PermissionDenied: `by` may not.
    """
    exchange, _own = lock_exchange(file.exchange, WORK, by)
    if not may_remove(file, by):
        raise PermissionDenied
    file.delete()
    record(verb="exchange_file_removed", obj=exchange, by=by, details={"name": file.name})


def may_remove(row: Note | Attachment, by: User) -> bool:
    """Whether `by` wrote or uploaded it and still takes part, or speaks for a party that has agreed."""
    own = row.by_id == by.pk and by.has_perm(WORK, row.exchange)
    return own or by.has_perm(RUN, row.exchange)


def _lock_session(session: Session, by: User) -> tuple[Exchange, Session]:
    exchange, _own = lock_exchange(session.exchange, RUN, by)
    move(exchange, "work")
    session = exchange.sessions.get(pk=session.pk)
    if session.cancelled_at or session.is_over:
        raise ValidationError(_("This session is cancelled or over."))
    return exchange, session


def _write_session(session: Session, facts: dict[str, Any]) -> None:
    before = session.starts_at
    for name in SAID:
        if name in facts:
            setattr(session, name, facts[name])
    session.title = session.title or session.exchange.title
    session.clean_fields(exclude=["exchange"])
    if session.ends_at <= session.starts_at:
        raise ValidationError({"ends_at": _("It cannot end before it starts.")})
    if session.ends_at - session.starts_at > LONGEST_SESSION:
        raise ValidationError({"ends_at": _("At most a day. Plan one session for each day.")})
    if session.starts_at != before and session.starts_at < timezone.now():
        raise ValidationError({"starts_at": _("This time has passed.")})


def _lock_task(task: Task, by: User) -> tuple[Exchange, Task]:
    exchange, _own = lock_exchange(task.exchange, WORK, by)
    move(exchange, "work")
    found = exchange.tasks.select_related("who").filter(pk=task.pk).first()
    if found is None:
        raise ValidationError(_("It is no longer there."))
    return exchange, found


def _write_task(task: Task, what: str, who: User | None, due_on: date | None, *, is_milestone: bool) -> None:
    if who and who != task.who and who.pk not in people_of(task.exchange):
        raise ValidationError({"who": _("Choose somebody who takes part.")})
    if due_on and due_on != task.due_on and due_on < today_in(task.exchange):
        raise ValidationError({"due_on": _("This day has passed.")})
    task.what, task.who, task.due_on, task.is_milestone = what.strip(), who, due_on, is_milestone
    task.full_clean()


def _check_room(count: int, most: int) -> None:
    if count >= most:
        raise ValidationError(_("There are %(count)d of them already, as many as may be.") % {"count": most})


def at(day: datetime, zone: ZoneInfo) -> datetime:
    """Return when it is, in UTC, that clocks of a zone show `day`. Where they do so twice, the first time is meant.

    In UTC, since Python subtracts times of the same zone as if no clock were ever changed.

    Raises:
        ValidationError: clocks are put forward over this time, so it does not come.
    """
    found = day.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if found.astimezone(zone).replace(tzinfo=None) != day:
        raise ValidationError(_("This time does not exist there on that day: clocks are put forward over it."))
    return found
