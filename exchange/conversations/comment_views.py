"""Questions and comments on a publication."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from config.kit.acts import tell_outcome
from config.kit.forms import add_errors, render_form
from exchange.conversations import commenting
from exchange.conversations.forms import CommentForm, ReplyForm
from exchange.conversations.mentions import say_named
from exchange.conversations.models import Comment
from exchange.conversations.reading import key_of, show_comments, way_of
from members.accounts.requests import PersonRequest
from practices.library.models import Publication

PAGE_SIZE = 20


def publication_talk(request: PersonRequest, pk: int) -> HttpResponse:
    """Show all that was asked and said about a publication, the newest first, and take one more."""
    rows = Publication.objects.visible_to(request.user).select_related("owner_member__office", "owner_office__parent")
    publication: Publication = get_object_or_404(rows, pk=pk)
    form = CommentForm(request.POST or None, initial=_first_words(request) | {"kind": Comment.Kind.QUESTION})
    if form.is_bound and form.is_valid():
        try:
            comment = commenting.add_comment(publication=publication, by=request.user, **form.cleaned_data)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("It is there now, and those whom it concerns hear of it."))
            _say_named(request, comment)
            return redirect(comment)
    comments = Comment.objects.filter(publication=publication, parent=None).select_related("by")
    pages = Paginator(comments.prefetch_related("mentions").order_by("-at", "-pk"), PAGE_SIZE)
    page = pages.get_page(request.GET.get("page") or _number_of_page(request.GET.get("comment", ""), publication))
    context = {
        "publication": publication,
        "form": form if publication.state == Publication.State.PUBLISHED else None,
        "page": page,
        "shown": show_comments(list(page), request.user, publication),
        "way": way_of(request.user, publication=publication),
    }
    return render_form(request, "exchange/conversations/publication_talk.html", context, invalid=form.is_bound)


def comment_reply(request: PersonRequest, pk: int) -> HttpResponse:
    """Reply to a question or a comment."""
    comment = _get(request, pk)
    if request.method != "POST" and not comment.is_shown:
        messages.error(request, _("This is not there any more, so nobody can reply to it."))
        return redirect(comment)
    form = ReplyForm(request.POST or None, initial=_first_words(request))
    if form.is_bound and form.is_valid():
        try:
            reply = commenting.reply_to_comment(comment=comment, by=request.user, **form.cleaned_data)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("Your reply is there."))
            _say_named(request, reply)
            return redirect(reply)
    return _comment_form(request, comment, form, editing=False)


def comment_edit(request: PersonRequest, pk: int) -> HttpResponse:
    """Change one's own words, in the first half hour."""
    comment = _get_own(request, pk)
    form = ReplyForm(request.POST or None, initial={"text": comment.text, "language": comment.language})
    if request.method != "POST" and not comment.is_editable:
        messages.error(request, _("You can change it for half an hour after you wrote it."))
        return redirect(comment)
    if form.is_bound and form.is_valid():
        try:
            changed = commenting.edit_comment(comment=comment, by=request.user, **form.cleaned_data)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("It is saved."))
            _say_named(request, changed)
            return redirect(comment)
    return _comment_form(request, comment, form, editing=True)


def comment_delete(request: PersonRequest, pk: int) -> HttpResponse:
    """Ask whether it is meant, and then take one's own words away."""
    comment = _get_own(request, pk)
    if request.method == "POST":
        tell_outcome(request, lambda: commenting.delete_comment(comment=comment, by=request.user), _("It is deleted."))
        return redirect(comment)
    return render(request, "exchange/conversations/comment_delete.html", {"comment": comment})


@require_POST
def comment_answer(request: PersonRequest, pk: int) -> HttpResponse:
    """Mark a reply as the answer; with `take_back` not any more."""
    comment = _get(request, pk)
    is_answer = "take_back" not in request.POST
    done = _("It is marked as the answer.") if is_answer else _("It is not marked as the answer any more.")
    tell_outcome(
        request, lambda: commenting.mark_answer(comment=comment, is_answer=is_answer, by=request.user), done
    )  # fmt: skip
    return redirect(comment)


def _say_named(request: PersonRequest, comment: Comment) -> None:
    if said := say_named(comment.text, comment.mentions.all()):
        messages.info(request, said)


def _number_of_page(typed: str, publication: Publication) -> int:
    """Return on which page a comment stands, by its key as it was typed; the first where there is none."""
    rows = Comment.objects.filter(publication=publication)
    pk = key_of(typed)
    found = rows.select_related("parent").filter(pk=pk).first() if pk else None
    if found is None:
        return 1
    top = found.parent or found
    newer = rows.filter(Q(at__gt=top.at) | Q(at=top.at, pk__gt=top.pk), parent=None).count()
    return newer // PAGE_SIZE + 1


def _first_words(request: PersonRequest) -> dict[str, Any]:
    """Return the language in which they wrote the last time, else the one they have chosen for themselves."""
    last = Comment.objects.filter(by=request.user).order_by("-at", "-pk").values_list("language", flat=True).first()
    return {"language": last or request.user.language}


def _get(request: PersonRequest, pk: int) -> Comment:
    found: Comment = get_object_or_404(Comment.objects.visible_to(request.user).with_rows(), pk=pk)
    return found


def _get_own(request: PersonRequest, pk: int) -> Comment:
    comment = _get(request, pk)
    if not request.user.has_perm("conversations.change_comment", comment):
        raise PermissionDenied
    return comment


def _comment_form(request: PersonRequest, comment: Comment, form: ReplyForm, *, editing: bool) -> HttpResponse:
    shown = show_comments([comment], request.user, comment.publication)[0]
    context = {"form": form, "comment": comment, "shown": shown, "editing": editing}
    return render_form(request, "exchange/conversations/comment_form.html", context, invalid=form.is_bound)
