"""Reporting something, the queue of those who decide, and the page of one case, which its author reads too."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from config.kit.forms import add_errors, render_form
from exchange.moderation import services
from exchange.moderation.forms import AppealForm, ReportForm, VerdictForm
from exchange.moderation.models import Case
from exchange.moderation.reportables import get_reportable
from exchange.moderation.rules import moderates
from members.accounts.requests import PersonRequest

PAGE_SIZE = 30


def report_create(request: PersonRequest, kind: str, pk: int) -> HttpResponse:
    """Report something that one may read."""
    reportable = get_reportable(kind)
    if reportable is None:
        raise Http404
    thing = get_object_or_404(reportable.visible_to(request.user), pk=pk)
    back = reportable.url_of(thing)
    form = ReportForm(request.POST or None, is_person=reportable.is_person)
    if form.is_bound and form.is_valid():
        try:
            services.report_thing(
                reportable=reportable, thing=thing, reason=form.cleaned_data["reason"], by=request.user
            )  # fmt: skip
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("Thank you. A coordinator looks at it, and you are told what becomes of it."))
            return redirect(back)
    context = {
        "form": form,
        "thing": reportable.label,
        "is_person": reportable.is_person,
        "excerpt": reportable.excerpt(thing),
        "office": reportable.office_of(thing),
        "back": back,
    }
    return render_form(request, "exchange/moderation/report_form.html", context, invalid=form.is_bound)


@require_safe
def queue(request: PersonRequest) -> HttpResponse:
    """List what waits for this person's decision, the oldest first, and below it what was decided."""
    if not moderates(request.user):
        raise PermissionDenied
    rows = Case.objects.with_rows().annotate(number=Count("reports"))
    waiting = rows.awaiting(request.user)
    others = rows.visible_to(request.user).exclude(pk__in=waiting.values("pk")).not_of(request.user)
    context = {
        "waiting": waiting[:PAGE_SIZE],
        "page": Paginator(others.order_by("-opened_at", "-pk"), PAGE_SIZE).get_page(request.GET.get("page")),
    }
    return render(request, "exchange/moderation/queue.html", context)


@require_safe
def case_detail(request: PersonRequest, pk: int) -> HttpResponse:
    return render(request, "exchange/moderation/case_detail.html", _context(request, _get(request, pk)))


@require_POST
def case_decide(request: PersonRequest, pk: int) -> HttpResponse:
    """Decide about a report, or about an appeal."""
    case = _get(request, pk)
    context = _context(request, case)
    if not context["verdict"]:
        appealed = case.appealed_at is not None
        if not request.user.has_perm(f"moderation.{'answer_appeal' if appealed else 'decide_case'}", case):
            raise PermissionDenied
        messages.error(request, _("This is decided already."))
        return redirect(case)
    form = _verdict_form(case, request.POST)
    act: Callable[..., object] = services.decide_case
    if case.state == Case.State.APPEALED:
        act = services.answer_appeal
    if form.is_valid():
        try:
            act(case=case, by=request.user, **form.cleaned_data)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("It is decided. Those concerned are told."))
            return redirect("moderation:queue")
    return render_form(
        request, "exchange/moderation/case_detail.html", context | {"verdict": form}, invalid=True
    )  # fmt: skip


@require_POST
def case_appeal(request: PersonRequest, pk: int) -> HttpResponse:
    case = _get(request, pk)
    if not request.user.has_perm("moderation.appeal_case", case):
        raise PermissionDenied
    form = AppealForm(request.POST, is_person=case.reportable.is_person)
    if form.is_valid():
        try:
            services.appeal_decision(case=case, text=form.cleaned_data["text"], by=request.user)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("Your appeal is with the office above. You get its answer by e-mail."))
            return redirect(case)
    context = _context(request, case) | {"appeal": form}
    return render_form(request, "exchange/moderation/case_detail.html", context, invalid=True)


def _get(request: PersonRequest, pk: int) -> Case:
    found: Case = get_object_or_404(Case.objects.visible_to(request.user).with_rows(), pk=pk)
    return found


def _context(request: PersonRequest, case: Case) -> dict[str, Any]:
    user, state = request.user, Case.State
    is_author = case.is_of(user)
    decides = (case.state == state.OPEN and user.has_perm("moderation.decide_case", case)) or (
        case.state == state.APPEALED and user.has_perm("moderation.answer_appeal", case)
    )
    thing, reportable = case.object, case.reportable
    now = reportable.excerpt(thing) if thing else ""
    opens = not is_author and thing and reportable.visible_to(user).filter(pk=thing.pk).exists()
    return {
        "case": case,
        "is_author": is_author,
        "people": [] if is_author else case.people,
        "thing": reportable.label,
        "has_changed": now != case.excerpt,
        "now": now,
        "url": reportable.url_of(thing) if opens else "",
        "to_open": reportable.opens_at(thing) if thing and reportable.opens_at and not is_author else "",
        "reports": [] if is_author else case.reports.select_related("by"),
        "verdict": _verdict_form(case) if decides else None,
        "is_person": reportable.is_person,
        "is_kept": reportable.is_kept,
        "appeal": AppealForm(is_person=reportable.is_person) if is_author and case.state == state.HIDDEN else None,
    }


def _verdict_form(case: Case, data: Any = None) -> VerdictForm:
    is_person = case.reportable.is_person
    if case.state == Case.State.APPEALED:
        restore, keep = (
            (_("Let them write again"), _("Keep the decision"))
            if is_person
            else (_("Show it again"), _("Keep it hidden"))
        )
        reads = _("The person reads it.") if is_person else _("Its author reads it.")
        return VerdictForm(data, choices=[("restore", restore), ("keep", keep)], help_text=reads)
    hide = str(case.reportable.hide_label) or _("Hide it")
    choices = [("leave", _("Leave it as it is")), ("hide", hide)]
    needed = (
        _("Required if they may write to nobody: they read it.")
        if is_person
        else _("Required if you hide it: its author reads it.")
    )
    return VerdictForm(data, choices=choices, help_text=needed)
