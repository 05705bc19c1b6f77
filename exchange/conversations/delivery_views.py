"""How one wants to hear of what others write: in general, and of one thing."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from config.kit.forms import render_form
from exchange.conversations.delivering import choose_way
from exchange.conversations.emails import find_by_token
from exchange.conversations.forms import DeliveryForm
from exchange.conversations.models import Delivery, Group, Thread
from members.accounts.models import User
from members.accounts.requests import PersonRequest
from members.directory.rules import is_in_network
from practices.library.models import Publication


def delivery(request: PersonRequest) -> HttpResponse:
    """Choose, for each area: at once, in the digest, or not at all."""
    if not is_in_network(request.user):
        raise PermissionDenied
    form = DeliveryForm(request.POST or None, instance=_choices_of(request.user))
    if form.is_bound and form.is_valid():
        form.save()
        messages.success(request, _("It is saved."))
        return redirect("conversations:delivery")
    return render_form(request, "exchange/conversations/delivery.html", {"form": form}, invalid=form.is_bound)


@require_POST
def publication_follow(request: PersonRequest, pk: int) -> HttpResponse:
    """Follow what is said about a publication, mute it, or neither."""
    publication: Publication = get_object_or_404(Publication.objects.visible_to(request.user), pk=pk)
    return _choose(request, publication, "conversations:publication_talk")


@require_POST
def thread_follow(request: PersonRequest, pk: int) -> HttpResponse:
    """Mute a thread, or hear of it again."""
    thread: Thread = get_object_or_404(Thread.objects.visible_to(request.user), pk=pk)
    return _choose(request, thread, "conversations:thread_detail")


@require_POST
def group_follow(request: PersonRequest, pk: int) -> HttpResponse:
    """Mute a group, or hear of it again."""
    group: Group = get_object_or_404(Group.objects.joined_by(request.user), pk=pk)
    return _choose(request, group, "conversations:group_detail")


@csrf_exempt
@login_not_required
def leave(request: HttpRequest, token: str) -> HttpResponse:
    """Leave with one click (RFC 8058): a POST needs no sign-in, no cookie and no token of a form. A GET only asks."""
    found = find_by_token(token)
    if found is None:
        raise Http404
    user, area = found
    choices = _choices_of(user)
    if request.method == "POST":
        setattr(choices, area, Delivery.Way.NEVER)
        choices.save()
    with translation.override(user.language):
        request.LANGUAGE_CODE = user.language
        context = {
            "left": getattr(choices, area) == Delivery.Way.NEVER,
            "area": Delivery.Area(area).label,
            "email": user.email,
        }
        return render(request, "exchange/conversations/leave.html", context)


def _choices_of(user: User) -> Delivery:
    return Delivery.objects.filter(user=user).first() or Delivery(user=user)


def _choose(request: PersonRequest, thing: Publication | Thread | Group, place: str) -> HttpResponse:
    choice = request.POST.get("way", "")
    choose_way(user=request.user, thing=thing, choice=choice)
    said = {"follow": _("You follow this now."), "mute": _("You hear nothing of this any more.")}
    messages.success(request, said.get(choice) or _("You hear of this as of everything else."))
    return redirect(place, pk=thing.pk)
