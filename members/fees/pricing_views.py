"""Schedules of fees and issuers of invoices, for administrators."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from config.kit.forms import add_errors, render_form
from config.kit.numbers import whole_number
from members.accounts.requests import PersonRequest
from members.fees.models import FeeSchedule, Issuer, Term
from members.fees.pricing import follow, has_issued, is_used, save_issuer, save_schedule
from members.fees.pricing_forms import IssuerForm, ScheduleForm, written


@require_safe
def price_list(request: PersonRequest) -> HttpResponse:
    """Show every schedule and every issuer."""
    _check(request)
    used = set(Term.objects.order_by().values_list("schedule", flat=True).distinct())
    schedules = [(one, one.pk in used) for one in FeeSchedule.objects.select_related("office").order_by("-year", "pk")]
    issuers = Issuer.objects.select_related("office").order_by("series")
    return render(request, "members/fees/price_list.html", {"schedules": schedules, "issuers": issuers})


def schedule_add(request: PersonRequest) -> HttpResponse:
    """Add a schedule; `?after=` names the one that it follows, whose figures are there to begin with."""
    _check(request)
    former = FeeSchedule.objects.filter(pk=whole_number(request.GET.get("after", ""))).first()
    return _schedule(request, follow(former) if former else FeeSchedule(), former)


def schedule_edit(request: PersonRequest, pk: int) -> HttpResponse:
    """Change a schedule that nobody was billed by; show one that somebody was."""
    _check(request)
    schedule = get_object_or_404(FeeSchedule.objects.select_related("office"), pk=pk)
    return _schedule(request, schedule, schedule)


def _schedule(request: PersonRequest, schedule: FeeSchedule, like: FeeSchedule | None) -> HttpResponse:
    initial = {"bands": written(like.bands.all())} if like else {}
    form = ScheduleForm(request.POST or None, instance=schedule, initial=initial)
    if form.is_bound and form.is_valid():
        try:
            save_schedule(schedule=form.instance, bands=form.cleaned_data["bands"], by=request.user)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("It is saved."))
            return redirect("fees:price_list")
    used = schedule.pk is not None and is_used(schedule)
    if used:
        for field in form.fields.values():
            field.disabled = True
    context = {"form": form, "schedule": schedule, "is_used": used}
    return render_form(request, "members/fees/schedule_edit.html", context, invalid=form.is_bound)


def issuer_add(request: PersonRequest) -> HttpResponse:
    _check(request)
    return _issuer(request, Issuer(), is_fixed=False)


def issuer_edit(request: PersonRequest, pk: int) -> HttpResponse:
    _check(request)
    issuer = get_object_or_404(Issuer.objects.select_related("office"), pk=pk)
    return _issuer(request, issuer, is_fixed=has_issued(issuer))


def _issuer(request: PersonRequest, issuer: Issuer, *, is_fixed: bool) -> HttpResponse:
    form = IssuerForm(request.POST or None, instance=issuer, is_fixed=is_fixed)
    if form.is_bound and form.is_valid():
        try:
            save_issuer(issuer=form.instance, by=request.user)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("It is saved. It stands on the next invoice."))
            return redirect("fees:price_list")
    return render_form(
        request, "members/fees/issuer_edit.html", {"form": form, "issuer": issuer}, invalid=form.is_bound
    )


def _check(request: PersonRequest) -> None:
    if not request.user.has_perm("fees.change_feeschedule"):
        raise PermissionDenied
