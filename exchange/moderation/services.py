"""Every write to reports: report, decide, appeal, answer the appeal. Each act stands in the journal."""

from datetime import timedelta
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from config.journal.models import Entry
from config.journal.services import record
from config.kit.texts import tidy_text
from exchange.moderation import emails
from exchange.moderation.models import Case, Report
from exchange.moderation.reportables import Reportable
from exchange.moderation.transitions import move
from members.accounts.models import User

MOST_A_DAY = 20  # reports by one person


@transaction.atomic
def report_thing(*, reportable: Reportable, thing: Any, reason: str, by: User) -> Case:
    """Report something that `by` may read. Those who decide are told once for each thing.

    Raises:
        PermissionDenied: `by` may not read it.
        ValidationError: it is their own, they have reported it already, or many things today; or there is no reason.
    """
    if not reportable.visible_to(by).filter(pk=thing.pk).exists():
        raise PermissionDenied
    # What somebody reports at once comes one after the other; two who report each other lock in the same order.
    people = [by.pk, thing.pk] if reportable.model is User else [by.pk]
    list(User.objects.select_for_update(no_key=True).filter(pk__in=people).order_by("pk"))
    author = reportable.author_of(thing)
    if reportable.is_of(by, thing.pk, author.pk if author else None):
        raise ValidationError(_("This is your own."))
    if Report.objects.filter(by=by, at__gt=timezone.now() - timedelta(days=1)).count() >= MOST_A_DAY:
        raise ValidationError(
            _("You have reported %(most)s things in a day. Please write to your office.") % {"most": MOST_A_DAY}
        )
    case = _find_or_open(reportable, thing, author)
    if case.reports.filter(by=by).exists():
        raise ValidationError(_("You have reported this already. You are told what becomes of it."))
    report = Report(case=case, by=by, reason=tidy_text(reason))
    report.full_clean()
    report.save()
    _record(case, "reported", by, reason=report.reason)
    emails.tell_office(case, "open")
    return case


@transaction.atomic
def decide_case(*, case: Case, verdict: str, reason: str, by: User) -> Case:
    """Hide what was reported, or leave it. Its author is told if it is hidden, and whoever reported it in any case.

    Args:
        verdict: "hide" or "leave".

    Raises:
        PermissionDenied: `by` does not decide about it.
        ValidationError: it is decided already, or there is no reason for hiding it.
    """
    if not by.has_perm("moderation.decide_case", case):
        raise PermissionDenied
    if verdict not in {"hide", "leave"}:
        raise ValidationError({"verdict": _("Choose one of the two.")})
    case, reason = _lock(case), tidy_text(reason)
    move(case, verdict)
    if verdict == "hide" and not reason:
        raise ValidationError({"reason": _say_why(case)})
    case.decided_at, case.decided_by, case.decision = timezone.now(), by, reason
    case.full_clean(exclude=["content_type", "object_id"])
    case.save()
    if verdict == "hide" and case.object:
        case.reportable.hide(case.object)
        emails.tell_authors(case)
    _record(case, "report_hidden" if verdict == "hide" else "report_left", by, reason=case.decision)
    emails.tell_reporters(case)
    return case


@transaction.atomic
def appeal_decision(*, case: Case, text: str, by: User) -> Case:
    """Ask the office above to look at it again; that is possible once.

    Raises:
        PermissionDenied: `by` has neither written it nor answers for it.
        ValidationError: it is not hidden, or was appealed against already, or nothing is said.
    """
    if not by.has_perm("moderation.appeal_case", case):
        raise PermissionDenied
    case, text = _lock(case), tidy_text(text)
    move(case, "appeal")
    if not text:
        is_person = case.reportable.is_person
        raise ValidationError(
            {"text": _("Please say why.") if is_person else _("Please say why it should be shown again.")}
        )
    case.appealed_at, case.appeal = timezone.now(), text
    case.full_clean(exclude=["content_type", "object_id"])
    case.save()
    _record(case, "report_appealed", by, reason=case.appeal)
    emails.tell_office(case, "appealed")
    return case


@transaction.atomic
def answer_appeal(*, case: Case, verdict: str, reason: str, by: User) -> Case:
    """Show it again, or keep it hidden for good. Its author is told, and whoever reported it.

    Args:
        verdict: "restore" or "keep".

    Raises:
        PermissionDenied: `by` belongs neither to the office above nor to the administrators, or has decided before.
        ValidationError: there is no open appeal, or no reason.
    """
    if not by.has_perm("moderation.answer_appeal", case):
        raise PermissionDenied
    if verdict not in {"restore", "keep"}:
        raise ValidationError({"verdict": _("Choose one of the two.")})
    case, reason = _lock(case), tidy_text(reason)
    move(case, verdict)
    if not reason:
        raise ValidationError({"reason": _say_why(case)})
    case.answered_at, case.answered_by, case.answer = timezone.now(), by, reason
    case.full_clean(exclude=["content_type", "object_id"])
    case.save()
    if verdict == "restore" and case.object:
        case.reportable.restore(case.object)
    _record(case, "report_restored" if verdict == "restore" else "report_kept", by, reason=case.answer)
    emails.tell_authors(case)
    emails.tell_reporters(case)
    return case


def _say_why(case: Case) -> str:
    if case.reportable.is_person:
        return _("Please say why: the person reads it.")
    return _("Please say why: its author reads it.")


def _find_or_open(reportable: Reportable, thing: Any, author: User | None) -> Case:
    kind = ContentType.objects.get_for_model(reportable.model)
    reportable.model._default_manager.select_for_update(no_key=True).get(pk=thing.pk)  # one case, however many report
    present = Case.objects.filter(
        content_type=kind, object_id=thing.pk, state__in=[Case.State.OPEN, *Case.OUT_OF_SIGHT]
    )
    case: Case | None = present.first()
    if case and case.state != Case.State.OPEN:
        raise ValidationError(_("A coordinator has acted on this already."))
    if case:
        return case
    return Case.objects.create(
        content_type=kind, object_id=thing.pk, author=author, office=reportable.office_of(thing),
        excerpt=reportable.excerpt(thing),
    )  # fmt: skip


def _lock(case: Case) -> Case:
    rows = Case.objects.select_for_update(of=("self",)).select_related("content_type", "office", "author")
    locked: Case = rows.get(pk=case.pk)
    return locked


def _record(case: Case, verb: str, by: User, *, reason: str) -> None:
    record(
        verb=verb, obj=case, by=by, audience=Entry.Audience.NOBODY, office_id=case.office_id,
        details={"reason": reason, "thing": case.reportable.name, "id": case.object_id},
    )  # fmt: skip
