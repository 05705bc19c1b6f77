"""Every write to the yearly question: ask, answer, confirm, lapse. Each locks the publication first."""

import logging
from collections.abc import Callable, Iterable
from datetime import timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from config.journal.models import Entry
from members.accounts.models import User
from practices.library.models import Publication
from practices.library.querysets import PublicationQuerySet
from practices.library.services import confirm_publication, mark_unconfirmed, record_act
from practices.upkeep import emails
from practices.upkeep.models import Check

logger = logging.getLogger(__name__)

YEAR = timedelta(days=365)
PATIENCE = timedelta(days=60)
MOST = 500  # of one run; the next one goes on


def ask_due(*, limit: int = MOST) -> int:
    """Ask about what nobody has confirmed for a year. Safe to run twice, or twice at once.

    A demonstration entry has no owner who wrote it: it is asked about only where somebody can answer, since an address
    is in it or a person has taken it over.

    Returns:
        How many questions were asked.
    """
    now = timezone.now()
    Check.objects.open().exclude(confirmed_at=F("publication__confirmed_at")).update(overtaken_at=now)
    asked = Check.objects.filter(publication=OuterRef("pk"), asked_at__gt=now - YEAR)
    due = (
        Publication.objects.published()
        .filter(~Exists(asked), confirmed_at__lte=now - YEAR)
        .exclude(is_demonstration=True, contact_email="", responsible=None)
        .order_by("confirmed_at", "pk")
    )
    return _each(due.values_list("pk", flat=True)[:limit], _ask)


def lapse_overdue(*, limit: int = MOST) -> int:
    """Show as not confirmed what was not confirmed for 60 days after the question, though somebody may have answered.

    "It needs an update" is no confirmation: what is known to be outdated and was not revised in that time lapses too.

    Returns:
        How many have lapsed.
    """
    overdue = (
        Check.objects.current()
        .filter(_UNSETTLED, asked_at__lte=timezone.now() - PATIENCE, publication__state=Publication.State.PUBLISHED)
        .order_by("asked_at", "pk")
    )
    return _each(overdue.values_list("publication_id", flat=True)[:limit], _lapse)


@transaction.atomic
def answer_check(*, check: Check, answer: str, address: str, by: User | None) -> Check:
    """Answer a question for whoever holds its link.

    Args:
        address: that the link was sent to.
        by: who is signed in, if anybody is; the link itself is the permission.

    Raises:
        ValidationError: it is answered or overtaken, or the text is not published any more.
    """
    publication = _lock(check.publication_id)
    check = Check.objects.select_for_update(of=("self",)).get(pk=check.pk)
    check.publication = publication
    if not check.is_open:
        raise ValidationError(_("This question is closed."), code="closed")
    _close(check, Check.Answer(answer), by, address)
    details = {"check": check.pk}
    if answer == Check.Answer.STILL_TRUE:
        confirm_publication(publication=publication, by=by, details=details)
    else:
        record_act(publication, "update_wanted", by=by, audience=Entry.Audience.MEMBER, details=details)
        emails.queue_update_wanted(check)
    return check


@transaction.atomic
def confirm_as_author(*, publication: Publication, by: User) -> Publication:
    """Say as an author, at any time, that a text is still true; a question about it is answered by that.

    Raises:
        PermissionDenied: `by` does not write for the owner.
        ValidationError: it is not published.
    """
    if not by.has_perm("library.change_publication", publication):
        raise PermissionDenied
    publication = _lock(publication.pk)
    check = Check.objects.open().current().select_for_update(of=("self",)).filter(publication=publication).first()
    if check:
        _close(check, Check.Answer.STILL_TRUE, by, "")
    return confirm_publication(publication=publication, by=by)


# Not answered, or answered that it is not true as it stands.
_UNSETTLED = Q(lapsed_at=None, overtaken_at=None) & ~Q(answer=Check.Answer.STILL_TRUE)


def _close(check: Check, answer: Check.Answer, by: User | None, address: str) -> None:
    check.answer, check.answered_at, check.answered_by, check.answered_from = answer, timezone.now(), by, address
    check.save(update_fields=["answer", "answered_at", "answered_by", "answered_from"])


def _ask(publication: Publication) -> bool:
    """Ask about a publication that is locked, unless somebody has meanwhile."""
    now = timezone.now()
    confirmed = publication.confirmed_at
    checks = Check.objects.filter(publication=publication)
    if confirmed is None or confirmed > now - YEAR or checks.filter(asked_at__gt=now - YEAR).exists():
        return False
    checks.open().update(overtaken_at=now)  # last year's, which nobody answered
    check = Check.objects.create(publication=publication, confirmed_at=confirmed, asked_at=now)
    emails.queue_question(check)
    record_act(publication, "confirmation_asked", by=None, details={"check": check.pk})
    return True


def _lapse(publication: Publication) -> bool:
    """Mark a publication that is locked, unless somebody has confirmed it meanwhile."""
    now = timezone.now()
    overdue = Check.objects.current().filter(_UNSETTLED, publication=publication, asked_at__lte=now - PATIENCE)
    check = overdue.order_by("-asked_at").first()
    if check is None:
        return False
    overdue.update(lapsed_at=now)
    if publication.unconfirmed_at is None:
        mark_unconfirmed(publication=publication, details={"check": check.pk})
        check.publication = publication
        emails.queue_lapsed(check)
    return True


def _each(keys: Iterable[int], act: Callable[[Publication], bool]) -> int:
    """Do `act` to each published publication, in a transaction of its own; one that fails leaves the others alone."""
    done = 0
    for key in list(keys):
        try:
            with transaction.atomic():
                # Another process that has one in hand does the same to it.
                found = _locked(skip_locked=True).filter(pk=key, state=Publication.State.PUBLISHED).first()
                done += bool(found and act(found))
        except Exception:
            logger.exception("Publication %s", key)
    return done


def _lock(pk: int) -> Publication:
    locked: Publication = _locked().get(pk=pk)
    return locked


def _locked(*, skip_locked: bool = False) -> PublicationQuerySet:
    rows = Publication.objects.select_for_update(of=("self",), skip_locked=skip_locked)
    return rows.select_related("owner_member__office", "owner_office__parent", "responsible")
