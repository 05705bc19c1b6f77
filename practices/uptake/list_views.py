"""Saved publications in named lists."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from config.kit.forms import add_errors, render_form
from members.accounts.requests import PersonRequest
from members.directory.rules import roles_of
from practices.library.models import Publication
from practices.sharing.table_views import publications_response
from practices.sharing.tables import table_rows
from practices.uptake import bookmarks
from practices.uptake.forms import ListForm, ListNameForm, SaveForm
from practices.uptake.models import Bookmark, BookmarkList

PAGE_SIZE = 30


def list_index(request: PersonRequest) -> HttpResponse:
    """Show a person's lists and those that colleagues share with them; a name sent makes a new one."""
    form = ListNameForm(request.POST or None)
    if form.is_bound and form.is_valid():
        try:
            return redirect(bookmarks.make_list(name=form.cleaned_data["name"], by=request.user))
        except ValidationError as error:
            add_errors(form, error)
    rows = BookmarkList.objects.visible_to(request.user).select_related("owner", "shared_with")
    lists = list(rows.annotate(size=Count("bookmarks")).order_by("name", "pk"))
    context = {
        "form": form,
        "mine": [one for one in lists if one.owner_id == request.user.pk],
        "shared": [one for one in lists if one.owner_id != request.user.pk],
    }
    return render_form(request, "practices/uptake/list_index.html", context, invalid=form.is_bound)


def list_detail(request: PersonRequest, pk: int) -> HttpResponse:
    found = _get(request, pk)
    rows = found.bookmarks.with_rows(request.user)
    context = {
        "list": found,
        "page": Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page")),
        "may_change": request.user.has_perm("uptake.change_bookmarklist", found),
    }
    return render(request, "practices/uptake/list_detail.html", context)


@require_safe
def list_table(request: PersonRequest, pk: int, kind: str) -> HttpResponseBase:
    """Send what the reader may read of a list."""
    found = get_object_or_404(BookmarkList.objects.visible_to(request.user), pk=pk)
    readable = Publication.objects.visible_to(request.user).filter(pk__in=found.bookmarks.values("publication"))
    rows = readable.order_by("-published_at", "-pk")
    back = found.get_absolute_url()
    return publications_response(request, table_rows(rows), kind, number=rows.count(), name="saved", back=back)


def list_change(request: PersonRequest, pk: int) -> HttpResponse:
    """Rename a list, share it or stop sharing it."""
    found = _get_own(request, pk)
    members = set(roles_of(request.user).members) | ({found.shared_with_id} if found.shared_with_id else set())
    form = ListForm(
        request.POST or None, members=members, initial={"name": found.name, "shared_with": found.shared_with_id}
    )
    if form.is_bound and form.is_valid():
        try:
            bookmarks.change_list(bookmark_list=found, by=request.user, **form.cleaned_data)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("It is saved."))
            return redirect(found)
    return render_form(request, "practices/uptake/list_form.html", {"form": form, "list": found}, invalid=form.is_bound)


def list_delete(request: PersonRequest, pk: int) -> HttpResponse:
    """Ask whether a list should go, then delete it."""
    found = _get_own(request, pk)
    if request.method == "POST":
        bookmarks.delete_list(bookmark_list=found, by=request.user)
        messages.success(request, _("The list is deleted."))
        return redirect("uptake:list_index")
    return render(request, "practices/uptake/list_delete.html", {"list": found, "size": found.bookmarks.count()})


def bookmark_save(request: PersonRequest, pk: int) -> HttpResponse:
    """Keep a publication in a list; its page fetches the form from here."""
    publication = get_object_or_404(Publication.objects.visible_to(request.user), pk=pk)
    form = SaveForm(request.POST or None, lists=BookmarkList.objects.owned_by(request.user).order_by("name", "pk"))
    if form.is_bound and form.is_valid():
        try:
            kept = _save(request, publication, form.cleaned_data)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("It is in your list “%(list)s”.") % {"list": kept.list})
            return redirect(publication)
    context = {"form": form, "publication": publication}
    return render_form(request, "practices/uptake/bookmark_save.html", context, invalid=form.is_bound)


@require_POST
def bookmark_remove(request: PersonRequest, pk: int) -> HttpResponse:
    lists = BookmarkList.objects.visible_to(request.user)
    bookmark = get_object_or_404(Bookmark.objects.filter(list__in=lists).select_related("list"), pk=pk)
    bookmarks.remove_bookmark(bookmark=bookmark, by=request.user)
    messages.success(request, _("It is taken out of the list."))
    return redirect(bookmark.list)


def _save(request: PersonRequest, publication: Publication, data: dict[str, Any]) -> Bookmark:
    into = data["list"] or bookmarks.make_list(name=data["new_list"], by=request.user)
    return bookmarks.save_bookmark(
        publication=publication, bookmark_list=into, note=data["note"], by=request.user
    )  # fmt: skip


def _get(request: PersonRequest, pk: int) -> BookmarkList:
    lists = BookmarkList.objects.visible_to(request.user).select_related("owner", "shared_with")
    found: BookmarkList = get_object_or_404(lists, pk=pk)
    return found


def _get_own(request: PersonRequest, pk: int) -> BookmarkList:
    found = _get(request, pk)
    if not request.user.has_perm("uptake.change_bookmarklist", found):
        raise PermissionDenied
    return found
