"""Threads: all of mine, a new one, reading and writing, leaving."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from config.kit.acts import tell_outcome
from config.kit.forms import add_errors, render_form
from exchange.connections.models import Connection
from exchange.connections.queries import connected_ids
from exchange.conversations import messaging
from exchange.conversations.forms import PostForm, ThreadForm
from exchange.conversations.mentions import render_with_mentions, say_named
from exchange.conversations.models import Post, Reader, Thread
from exchange.conversations.querysets import PostQuerySet
from exchange.conversations.reading import key_of, way_of
from members.accounts.requests import PersonRequest
from members.directory.rules import is_in_network
from members.people.seeing import people_visible_to

PAGE_SIZE = 30


@require_safe
def thread_list(request: PersonRequest) -> HttpResponse:
    """List the threads of this person, the last written in first; unread ones say so."""
    if not is_in_network(request.user):
        raise PermissionDenied
    rows = Thread.objects.visible_to(request.user).private().heard_by(request.user)
    rows = rows.prefetch_related("readers__user").order_by("-heard_at", "-pk")
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    threads = [
        (thread, [one.user for one in thread.readers.all() if one.user_id != request.user.pk]) for thread in page
    ]
    context = {
        "page": page,
        "threads": threads,
        "to_answer": Connection.objects.to_answer(request.user).count(),
    }
    return render(request, "exchange/conversations/thread_list.html", context)


def thread_create(request: PersonRequest) -> HttpResponse:
    """Begin a thread with people one is connected with; `?to=` chooses one of them."""
    if not is_in_network(request.user):
        raise PermissionDenied
    people = people_visible_to(request.user).filter(pk__in=connected_ids(request.user)).order_by("name", "pk")
    form = ThreadForm(request.POST or None, people=people, initial={"people": request.GET.getlist("to")})
    if form.is_bound and form.is_valid():
        try:
            thread = messaging.begin_thread(by=request.user, **form.cleaned_data)
        except ValidationError as error:
            add_errors(form, error)
        else:
            return redirect(thread)
    context = {"form": form, "has_people": people.exists()}
    return render_form(request, "exchange/conversations/thread_form.html", context, invalid=form.is_bound)


def thread_detail(request: PersonRequest, pk: int) -> HttpResponse:
    """Show a thread, the oldest message first, and take one more. Reading it is kept."""
    thread = _get(request, pk)
    form = PostForm(request.POST or None)
    if form.is_bound and form.is_valid():
        try:
            post = messaging.write_post(thread=thread, text=form.cleaned_data["text"], by=request.user)
        except ValidationError as error:
            add_errors(form, error)
        else:
            if said := say_named(post.text, post.mentions.all()):
                messages.info(request, said)
            return redirect(post)
    rows = Post.objects.visible_to(request.user).filter(thread=thread)
    read_at = Reader.objects.filter(thread=thread, user=request.user).values_list("read_at", flat=True).first()
    unread = rows.exclude(by=request.user).filter(Q(at__gt=read_at) if read_at else Q()).order_by("at", "pk").first()
    if request.method == "GET":
        messaging.mark_read(thread=thread, by=request.user)
    pages = Paginator(rows.select_related("by").prefetch_related("mentions").order_by("at", "pk"), PAGE_SIZE)
    wanted = rows.filter(pk=key_of(request.GET["post"])).first() if "post" in request.GET else unread
    page = pages.get_page(request.GET.get("page") or _number_of_page(wanted, rows, pages))
    others = messaging.readers_of(thread, but=request.user)
    closed = messaging.why_closed(thread, others, request.user)
    context = {
        "thread": thread,
        "others": others,
        "page": page,
        "unread": unread,
        "posts": [(post, render_with_mentions(post.text, post.mentions.all())) for post in page],
        "closed": closed,
        "form": form if form.is_bound or not closed else None,
        "way": way_of(request.user, thread=thread),
    }
    return render_form(request, "exchange/conversations/thread_detail.html", context, invalid=form.is_bound)


def _number_of_page(post: Post | None, rows: PostQuerySet, pages: Paginator[Post]) -> int:
    """Return on which page a message stands; the last one without a message."""
    if post is None:
        return pages.num_pages
    return rows.filter(Q(at__lt=post.at) | Q(at=post.at, pk__lt=post.pk)).count() // PAGE_SIZE + 1


def thread_leave(request: PersonRequest, pk: int) -> HttpResponse:
    """Ask whether it is meant, since there is no way back, and then leave."""
    thread = _get(request, pk)
    if request.method != "POST":
        return render(request, "exchange/conversations/thread_leave.html", {"thread": thread})
    done = _("You have left the thread.")
    if tell_outcome(request, lambda: messaging.leave_thread(thread=thread, by=request.user), done):
        return redirect("conversations:thread_list")
    return redirect(thread)


def _get(request: PersonRequest, pk: int) -> Thread:
    found: Thread = get_object_or_404(Thread.objects.visible_to(request.user).select_related("group"), pk=pk)
    return found
