"""Answering whether a text is still true: by the link of a mail, without signing in, or on its page."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from config.kit.acts import tell_outcome
from members.accounts.models import User
from members.accounts.requests import PersonRequest
from practices.library.models import Publication
from practices.upkeep import services
from practices.upkeep.recipients import recipient_at
from practices.upkeep.tokens import Link, read_token


@csrf_exempt  # the signed link is the secret that a forged request lacks; mail programs keep no cookies
@login_not_required
def check_answer(request: HttpRequest, token: str) -> HttpResponse:
    """Answer with one click. A GET only asks: scanners of mail follow every link."""
    link = read_token(token)
    if link is None:
        return render(request, "practices/upkeep/link_unknown.html", status=404)
    language = translation.get_language()
    if not (request.user.is_authenticated or settings.LANGUAGE_COOKIE_NAME in request.COOKIES):
        language = recipient_at(link.address, link.check.publication).language
    with translation.override(language):
        request.LANGUAGE_CODE = language
        return _answer(request, link)


@require_POST
def publication_confirm(request: PersonRequest, pk: int) -> HttpResponse:
    """Hear from an author that the text is still true."""
    publication = get_object_or_404(Publication.objects.visible_to(request.user), pk=pk)
    done = _("Thank you. It is confirmed today.")
    tell_outcome(request, lambda: services.confirm_as_author(publication=publication, by=request.user), done)
    return redirect(publication)


def _answer(request: HttpRequest, link: Link) -> HttpResponse:
    publication = link.check.publication
    by = request.user if isinstance(request.user, User) else None
    context = {"check": link.check, "publication": publication, "answer": link.answer, "done": False}
    if request.method == "POST":
        try:
            answered = services.answer_check(check=link.check, answer=link.answer, address=link.address, by=by)
        except ValidationError:  # the page says why, as for whoever opens a link that is used
            link.check.refresh_from_db()
        else:
            context |= {"check": answered, "done": True}
    context["may_revise"] = by is not None and by.has_perm("library.change_publication", publication)
    return render(request, "practices/upkeep/check_answer.html", context)
