"""Applications as their office sees them."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from config.files.serving import serve_blob
from config.kit.forms import add_errors, render_form
from members.accounts.personal_data import note_address_seen
from members.accounts.requests import PersonRequest
from members.joining import deciding
from members.joining.document import application_data
from members.joining.forms import ReasonForm
from members.joining.models import Application
from members.joining.steps import progress
from members.joining.transitions import is_possible

PAGE_SIZE = 40
SAID: dict[str, Callable[..., None]] = {
    "request_documents": deciding.request_documents,
    "decline": deciding.decline_application,
    "call_off": deciding.call_off_application,
}


@require_safe
def application_list(request: PersonRequest) -> HttpResponse:
    """Show what waits first, the oldest on top, then the rest."""
    if not request.user.has_perm("joining.decide_applications"):
        raise PermissionDenied
    rows = Application.objects.visible_to(request.user).select_related("office")
    others = rows.exclude(state__in=Application.AWAITING).order_by("-submitted_at")
    context = {
        "waiting": list(rows.awaiting().order_by("submitted_at")),
        "page": Paginator(others, PAGE_SIZE).get_page(request.GET.get("page")),
    }
    return render(request, "members/joining/application_list.html", context)


def application_detail(request: PersonRequest, pk: int) -> HttpResponse:
    """Show an application, and take the office's decision."""
    rows = Application.objects.visible_to(request.user).select_related("office", "member", "decided_by")
    application: Application = get_object_or_404(rows, pk=pk)
    act = request.POST.get("act", "")
    form = ReasonForm(request.POST if act in SAID else None)
    if request.method == "POST" and (answer := _decide(request, application, act, form)):
        return answer
    context = {
        "application": application,
        "facts": application_data(application)["facts"],
        "documents": application.documents.all(),
        "progress": progress(application),
        "form": form,
        "acts": {
            name for name in ("request_documents", "decline", "approve", "call_off") if is_possible(application, name)
        },
        "taken_back": deciding.taken_back(application),
        **_fee(application),
    }
    note_address_seen(who=request.user, address=application.applicant_email)
    return render_form(request, "members/joining/application_detail.html", context, invalid=form.is_bound)


@require_safe
def document(request: PersonRequest, pk: int, document: int) -> HttpResponseBase:
    application = get_object_or_404(Application.objects.visible_to(request.user), pk=pk)
    found = get_object_or_404(application.documents.select_related("blob"), pk=document)
    return serve_blob(request, found.blob, name=found.name)


def _decide(request: PersonRequest, application: Application, act: str, form: ReasonForm) -> HttpResponse | None:
    """Do what the office chose; None where the page says what is wrong."""
    try:
        if act == "approve":
            invoice = deciding.approve_application(application=application, by=request.user)
            messages.success(request, _("It is approved, and the invoice is issued."))
            return redirect(invoice)
        if act not in SAID:
            raise Http404
        if not form.is_valid():
            return None
        SAID[act](application=application, by=request.user, **form.cleaned_data)
    except ValidationError as error:
        if act in SAID:
            add_errors(form, error)
            return None
        messages.error(request, " ".join(error.messages))
        return redirect(application)
    messages.success(request, _("The applicant is told by e-mail."))
    return redirect(application)


def _fee(application: Application) -> dict[str, Any]:
    """Return what approving would cost the applicant, or why that is not known."""
    if not is_possible(application, "approve"):
        return {}
    try:
        return {"offer": deciding.fee_for(application)}
    except ValidationError as error:
        return {"no_fee": " ".join(error.messages)}
