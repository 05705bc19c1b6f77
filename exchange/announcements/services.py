"""Writing an announcement, and saying when it goes out."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.signing import BadSignature
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from config.journal.services import record
from config.outbox.services import hold_back, queue_message
from exchange.announcements.audience import audience_of
from exchange.announcements.emails import ANNOUNCEMENT, LEAVE, messages_of
from exchange.announcements.models import FIRST_LANGUAGE, Announcement, Leave, Text
from exchange.announcements.transitions import move
from members.accounts.models import User
from members.directory.models import Office

FARTHEST = timedelta(days=366)
SLACK = timedelta(minutes=5)  # a time that was right when the form was opened


@transaction.atomic
def write_announcement(*, values: Mapping[str, Any], by: User) -> Announcement:
    """Keep a new draft.

    Args:
        values: `office`, `topic` (None: everybody there), `is_important` and `texts`: subject and body by language.

    Raises:
        PermissionDenied: `by` does not write for this office, or may not call anything important.
        ValidationError: by field, a text that cannot be kept.
    """
    announcement = Announcement(written_by=by)
    _write(announcement, values, by)
    record(verb="announcement_written", obj=announcement, by=by, office_id=announcement.office_id)
    return announcement


@transaction.atomic
def change_announcement(
    *, announcement: Announcement, values: Mapping[str, Any], edition: int, by: User
) -> Announcement:
    """Change a draft; see `write_announcement`.

    Raises:
        PermissionDenied, ValidationError: also where it is no draft any more, or has been changed since `edition`.
    """
    announcement = _lock(announcement, by)
    move(announcement, "edit")
    if announcement.edition != edition:
        raise ValidationError(_("Somebody has changed this meanwhile. Please compare, and save again."), code="stale")
    announcement.edition += 1
    _write(announcement, values, by)
    return announcement


@transaction.atomic
def delete_announcement(*, announcement: Announcement, by: User) -> None:
    """Throw a draft away.

    Raises:
        PermissionDenied, ValidationError: it is no draft any more.
    """
    announcement = _lock(announcement, by)
    move(announcement, "delete")
    office = announcement.office
    record(
        verb="announcement_deleted", obj=office, by=by, office_id=office.pk, details={"announcement": str(announcement)}
    )
    announcement.delete()


@transaction.atomic
def schedule_announcement(*, announcement: Announcement, at: datetime | None, edition: int, by: User) -> None:
    """Let it go out at `at`, or at once.

    Args:
        edition: what `by` has read.

    Raises:
        PermissionDenied: `by` does not write for its office.
        ValidationError: it is no draft any more, was changed meanwhile, reaches nobody, or `at` is past or far away.
    """
    announcement = _lock(announcement, by)
    move(announcement, "schedule")
    if announcement.edition != edition:
        raise ValidationError(_("Somebody has changed this meanwhile. Please read it again first."), code="stale")
    now = timezone.now()
    if at and at < now - SLACK:
        raise ValidationError({"send_at": _("This time has passed.")})
    if at and at > now + FARTHEST:
        raise ValidationError({"send_at": _("This is more than a year away.")})
    if not audience_of(announcement).exists():
        raise ValidationError(_("There is nobody whom it would reach."))
    announcement.send_at = max(at, now) if at else now
    announcement.save(update_fields=["state", "send_at"])
    _record(announcement, "announcement_scheduled", by, at=announcement.send_at.isoformat())


@transaction.atomic
def unschedule_announcement(*, announcement: Announcement, by: User) -> None:
    """Make it a draft again, before it goes out.

    Raises:
        PermissionDenied, ValidationError: it is going out already.
    """
    announcement = _lock(announcement, by)
    move(announcement, "unschedule")
    announcement.send_at = None
    announcement.save(update_fields=["state", "send_at"])
    _record(announcement, "announcement_unscheduled", by)


@transaction.atomic
def stop_announcement(*, announcement: Announcement, by: User) -> int:
    """Stop it while it goes out: what no sender is submitting at this moment stays here, for good.

    Returns:
        How many messages were held back.

    Raises:
        PermissionDenied, ValidationError: it is not going out.
    """
    announcement = _lock(announcement, by)
    move(announcement, "stop")
    announcement.closed_at = timezone.now()
    announcement.save(update_fields=["state", "closed_at"])
    held = hold_back(messages_of(announcement), reason="stopped by a coordinator")
    _record(announcement, "announcement_stopped", by, held_back=held)
    return held


@transaction.atomic
def send_test(*, announcement: Announcement, by: User) -> None:
    """Send it to `by` alone, in each language that it is written in.

    Raises:
        PermissionDenied: `by` does not write for its office.
    """
    announcement = _lock(announcement, by)
    stamp = timezone.now().strftime("%Y%m%dT%H%M%S.%f")
    for text in announcement.texts.all():
        queue_message(
            kind=ANNOUNCEMENT,
            key=f"test:{announcement.pk}:{text.language}:{stamp}",
            to=by.email,
            user=by,
            language=text.language,
            payload={"announcement": announcement.pk, "test": True},
        )


def leave_announcements(*, user: User) -> None:
    """Send `user` no announcements, whoever holds the link; a second time changes nothing."""
    Leave.objects.get_or_create(user=user)


def rejoin_announcements(*, user: User) -> None:
    """Send them again."""
    Leave.objects.filter(user=user).delete()


def find_by_token(token: str) -> User | None:
    """Return whom a link was signed for; None where nobody signed it. Links never expire."""
    try:
        pk = int(LEAVE.unsign(token))
    except (BadSignature, ValueError):
        return None
    return User.objects.filter(pk=pk).first()


def _lock(announcement: Announcement, by: User) -> Announcement:
    if not by.has_perm("announcements.change_announcement", announcement):
        raise PermissionDenied
    locked: Announcement = (
        Announcement.objects.select_for_update(of=("self",)).select_related("office", "topic").get(pk=announcement.pk)
    )
    return locked


def _write(announcement: Announcement, values: Mapping[str, Any], by: User) -> None:
    office: Office = values["office"]
    if not by.has_perm("announcements.write_for_office", office):
        raise PermissionDenied
    if values["is_important"] and not by.has_perm("announcements.mark_important"):
        raise PermissionDenied
    announcement.office, announcement.topic = office, values["topic"]
    announcement.is_important = values["is_important"]
    announcement.full_clean(exclude=["written_by"])
    announcement.save()
    texts = {code: said for code, said in values["texts"].items() if any(part.strip() for part in said)}
    if FIRST_LANGUAGE not in texts:
        raise ValidationError(
            {f"subject_{FIRST_LANGUAGE}": _("Everybody can read it in English; please write that first.")}
        )
    for code, (subject, body) in texts.items():
        text = Text(announcement=announcement, language=code, subject=" ".join(subject.split()), body=body.strip())
        try:
            text.full_clean(exclude=["announcement"], validate_constraints=False)
        except ValidationError as error:
            raise ValidationError({f"{name}_{code}": said for name, said in error.error_dict.items()}) from error
        Text.objects.update_or_create(
            announcement=announcement, language=code, defaults={"subject": text.subject, "body": text.body}
        )
    announcement.texts.exclude(language__in=texts).delete()


def _record(announcement: Announcement, verb: str, by: User, **details: object) -> None:
    record(verb=verb, obj=announcement, by=by, office_id=announcement.office_id, details=details)
