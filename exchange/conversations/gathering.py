"""Every write to what a group has besides its discussions: files, and when it meets."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from config.files.detection import DOCUMENTS, IMAGES
from config.files.services import store_upload
from config.journal.models import Entry
from config.journal.services import record
from config.kit.texts import tidy_line, tidy_values
from exchange.conversations.group_emails import tell_of_meeting
from exchange.conversations.limits import check_may_post, sent_before
from exchange.conversations.models import Group, GroupEvent, GroupFile
from members.accounts.models import User

MOST_FILES = 200  # of one group
FACTS = ("title", "starts_at", "ends_at", "time_zone", "place", "link", "about")
LONGEST = timedelta(days=31)
LATE = timedelta(days=1)  # so long after its beginning a meeting can still be said


@transaction.atomic
def add_file(*, group: Group, upload: "UploadedFile[Any]", by: User) -> GroupFile:
    """Keep a document or a picture for the members of a group; what was sent twice is kept once.

    Raises:
        PermissionDenied: `by` is not in the group.
        ValidationError: there are too many, or the file cannot be kept; the text says why.
    """
    _check_takes_part(group, by)
    check_may_post(by)
    Group.objects.select_for_update(no_key=True).get(pk=group.pk)
    blob = store_upload(upload=upload, allowed=[*DOCUMENTS, *IMAGES])
    name = (tidy_line(upload.name or "") or "file")[-200:]
    sent: GroupFile | None = sent_before(group.files.filter(blob=blob, name=name), by=by)
    if sent:
        return sent
    if group.files.count() >= MOST_FILES:
        raise ValidationError({"file": _("A group keeps at most %(most)s files.") % {"most": MOST_FILES}})
    file = GroupFile(group=group, blob=blob, name=name, by=by)
    file.full_clean()
    file.save()
    _record(group, "group_file_added", by, file=file.pk)
    return file


@transaction.atomic
def remove_file(*, file: GroupFile, by: User) -> None:
    """Take a file away: whoever brought it, or those who keep the group.

    Raises:
        PermissionDenied: `by` is neither.
    """
    _check_takes_part(file.group, by)
    if file.by_id != by.pk and not by.has_perm("conversations.keep_group", file.group):
        raise PermissionDenied
    _record(file.group, "group_file_removed", by, file=file.pk)
    file.delete()


@transaction.atomic
def save_event(*, group: Group, event: GroupEvent | None, values: Mapping[str, Any], by: User) -> GroupEvent:
    """Say when a group meets, or change that; the others hear of it as they want to, and calendars follow.

    What was sent twice stands once.

    Args:
        event: None for a new one.
        values: see `FACTS`.

    Raises:
        PermissionDenied: `by` is not in the group, or neither made the event nor keeps the group.
        ValidationError: it was cancelled or is over; `by` has written much in an hour; by field.
    """
    _check_takes_part(group, by)
    values = {name: values[name] for name in FACTS}
    values = tidy_values(values, lines=("title", "place"), texts=("about",))
    same = GroupEvent.objects.planned().filter(group=group, sequence=0, **values).annotate(at=F("changed_at"))
    sent: GroupEvent | None = check_may_post(by, again=same if event is None else None)
    if sent:
        return sent
    begins_anew = event is None or event.starts_at != values["starts_at"]
    if event is None:
        event = GroupEvent(group=group, by=by)
    else:
        event = _lock_event(event, by)
        if all(getattr(event, name) == values[name] for name in FACTS):
            return event
        event.sequence += 1
        event.changed_at = timezone.now()
    for name in FACTS:
        setattr(event, name, values[name])
    if event.ends_at <= event.starts_at:
        raise ValidationError({"ends_at": _("It cannot end before it begins.")})
    if event.ends_at - event.starts_at > LONGEST:
        raise ValidationError({"ends_at": _("It can take at most %(days)s days.") % {"days": LONGEST.days}})
    if event.ends_at < timezone.now():
        raise ValidationError({"starts_at": _("This is over already.")})
    if begins_anew and event.starts_at < timezone.now() - LATE:
        raise ValidationError({"starts_at": _("This began more than a day ago.")})
    event.full_clean()
    event.save()
    _record(group, "group_event_saved", by, event=event.pk)
    tell_of_meeting(event, by)
    return event


@transaction.atomic
def cancel_event(*, event: GroupEvent, by: User) -> GroupEvent:
    """Say that a group does not meet then; who heard that it would hears that too.

    Raises:
        PermissionDenied: `by` neither made the event nor keeps the group.
        ValidationError: it was cancelled already, or is over.
    """
    _check_takes_part(event.group, by)
    event = _lock_event(event, by)
    event.cancelled_at = event.changed_at = timezone.now()
    event.sequence += 1
    event.save(update_fields=["cancelled_at", "changed_at", "sequence"])
    _record(event.group, "group_event_cancelled", by, event=event.pk)
    tell_of_meeting(event, by)
    return event


def _lock_event(event: GroupEvent, by: User) -> GroupEvent:
    locked: GroupEvent = (
        GroupEvent.objects.select_for_update(of=("self",)).select_related("group", "by").get(pk=event.pk)
    )
    if locked.by_id != by.pk and not by.has_perm("conversations.keep_group", locked.group):
        raise PermissionDenied
    if locked.hidden_at:
        raise ValidationError(_("This is not there any more."))
    if locked.cancelled_at:
        raise ValidationError(_("It is cancelled."))
    if locked.ends_at < timezone.now():
        raise ValidationError(_("This is over already."))
    return locked


def _check_takes_part(group: Group, by: User) -> None:
    if not by.has_perm("conversations.take_part", group):
        raise PermissionDenied


def _record(group: Group, verb: str, by: User, **details: object) -> None:
    record(verb=verb, obj=group, by=by, audience=Entry.Audience.NOBODY, details=details)
