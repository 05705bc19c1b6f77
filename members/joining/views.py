"""An application as its applicant sees it: step by step, saved as it goes, behind a signed link."""

from typing import Any

from allauth.core import ratelimit
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from config.files.serving import serve_blob
from config.files.uploads import check_all_came, read_uploads
from config.kit.acts import tell_outcome
from config.kit.forms import add_errors, render_form
from config.kit.numbers import whole_number
from members.joining import services
from members.joining.deciding import taken_back
from members.joining.document import application_pdf
from members.joining.forms import STEPS, StartForm, check, typed
from members.joining.models import Application, Document
from members.joining.steps import progress, steps_of
from members.joining.tokens import application_token, find_application, find_by_mailed_token


@login_not_required
def start(request: HttpRequest) -> HttpResponse:
    """Explain what joining takes, and begin an application."""
    initial: dict[str, Any] = {}
    if request.user.is_authenticated:
        initial = {"applicant_name": request.user.name, "applicant_title": request.user.job_title,
                   "applicant_email": request.user.email}  # fmt: skip
    form = StartForm(request.POST or None, initial=initial)
    if form.is_bound and form.is_valid():
        too_many: HttpResponse | None = ratelimit.consume_or_429(request, action="start_application")
        if too_many:
            return too_many
        try:
            application = services.start_application(language=request.LANGUAGE_CODE, **form.cleaned_data)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("We have sent you a link, with which you can come back at any time."))
            return redirect("joining:step", application_token(application), next(iter(STEPS)))
    return render_form(request, "members/joining/start.html", {"form": form}, invalid=form.is_bound)


@login_not_required
@never_cache
def mailed(request: HttpRequest, token: str) -> HttpResponse:
    """Let whoever opens a link of a mail go on; that they have the mail proves the address."""
    application = find_by_mailed_token(token)
    if application is None:
        raise Http404
    if request.method == "POST":
        services.confirm_address(application=application)
        return redirect("joining:overview", application_token(application))
    return _render(request, "mailed", application, {})


@login_not_required
@never_cache
@require_safe
def overview(request: HttpRequest, token: str) -> HttpResponse:
    """Show where an application stands, and what comes next."""
    application = _get(token)
    context = {
        "missing": services.missing(application) if application.is_open else [],
        "taken_back": taken_back(application),
    }
    return _render(request, "overview", application, context)


@login_not_required
@never_cache
def step(request: HttpRequest, token: str, step: str) -> HttpResponse:
    """Show one step; what is sent is kept, by itself while somebody types, or with the button."""
    application = _get(token)
    if step not in STEPS:
        raise Http404
    if not application.is_open:
        return redirect("joining:overview", token)
    stale, problem = False, ""
    content = dict(application.content)
    if request.method == "POST":
        values = typed(STEPS[step](), request.POST)
        content |= values
        edition = whole_number(request.POST.get("edition", ""))
        try:
            application = services.save_application(application=application, values=values, edition=edition)
        except services.StaleError:
            stale = True
        except ValidationError as error:
            problem = " ".join(error.messages)
    saved = request.method == "POST" and not stale and not problem
    if getattr(request, "htmx", False):
        context = {"application": application, "stale": stale, "problem": problem}
        return render(request, "members/joining/saved.html", context)
    form = check(step, content) if request.method == "POST" else STEPS[step](initial=content)
    if saved and form.is_valid():
        following = list(STEPS)[list(STEPS).index(step) + 1 :]
        place = ("joining:step", token, following[0]) if following else ("joining:documents", token)
        return redirect(*place)
    context = {"form": form, "step": step, "stale": stale, "problem": problem, "saved": saved}
    return _render(request, "step", application, context)


@login_not_required
@never_cache
def documents(request: HttpRequest, token: str) -> HttpResponse:
    """Take in the signed form and the decision."""
    application = _get(token)
    if not application.is_open:
        return redirect("joining:overview", token)
    problems: dict[str, list[str]] = {}
    if request.method == "POST":
        purpose = request.POST.get("purpose", "")
        try:
            check_all_came(request)
            if purpose not in Document.Purpose.values:
                raise Http404
            uploads = read_uploads(request, "file")
            for upload in uploads:
                services.add_document(application=application, purpose=purpose, upload=upload)
        except ValidationError as error:
            problems[purpose] = error.messages
        else:
            if uploads:
                messages.success(request, _("The file is here."))
                return redirect("joining:documents", token)
            problems[purpose] = [_("Please choose a file.")]
    there = list(application.documents.all())
    purposes = [
        {"code": code, "label": label, "documents": [one for one in there if one.purpose == code],
         "problems": problems.get(code, [])}
        for code, label in Document.Purpose.choices
    ]  # fmt: skip
    return _render(request, "documents", application, {"purposes": purposes, "step": "documents"})


@login_not_required
@require_POST
def document_remove(request: HttpRequest, token: str, pk: int) -> HttpResponse:
    application = _get(token)
    document = get_object_or_404(application.documents, pk=pk)
    tell_outcome(request, lambda: services.remove_document(application=application, document=document))
    return redirect("joining:documents", token)


@login_not_required
@never_cache
@require_safe
def document_download(request: HttpRequest, token: str, pk: int) -> HttpResponseBase:
    document = get_object_or_404(_get(token).documents.select_related("blob"), pk=pk)
    return serve_blob(request, document.blob, name=document.name)


@login_not_required
@never_cache
@require_safe
def form_document(_request: HttpRequest, token: str) -> HttpResponse:
    """Send the form for the mayor's signature."""
    application = _get(token)
    response = HttpResponse(application_pdf(application), content_type="application/pdf")
    name = content_disposition_header(as_attachment=True, filename=f"{application.name}.pdf")
    response.headers["Content-Disposition"] = name or "attachment"
    return response


@login_not_required
@require_POST
def submit(request: HttpRequest, token: str) -> HttpResponse:
    application = _get(token)
    done = _("Your application is with the office now. You get an e-mail when there is news.")
    tell_outcome(request, lambda: services.submit_application(application=application), done)
    return redirect("joining:overview", token)


@login_not_required
@require_POST
def withdraw(request: HttpRequest, token: str) -> HttpResponse:
    application = _get(token)
    done = _("The application is withdrawn.")
    tell_outcome(request, lambda: services.withdraw_application(application=application), done)
    return redirect("joining:overview", token)


def _get(token: str) -> Application:
    application = find_application(token)
    if application is None:
        raise Http404
    return application


def _render(request: HttpRequest, page: str, application: Application, context: dict[str, Any]) -> HttpResponse:
    """Show a page about an application, in its language to those who have chosen none."""
    if not request.user.is_authenticated and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        translation.activate(application.language)
        request.LANGUAGE_CODE = application.language
    token = application_token(application)
    current = context.get("step", "overview")
    context |= {
        "application": application,
        "token": token,
        "steps": steps_of(token),
        "current": current,
        "progress": progress(application),
        "overview_url": reverse("joining:overview", args=[token]),
    }
    invalid = bool(context.get("form") and context["form"].is_bound)
    return render_form(request, f"members/joining/{page}.html", context, invalid=invalid)
