"""Asks and offers: lists, pages, forms, and the acts of their members."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from config.kit.acts import tell_outcome
from config.kit.forms import add_errors, render_form
from exchange.peers import services
from exchange.peers.filters import NoticeFilter
from exchange.peers.forms import NoticeForm, ReopenForm, first_words, initial_of
from exchange.peers.models import Notice
from exchange.peers.queries import of_notice
from members.accounts.requests import PersonRequest
from members.directory.models import Member
from members.directory.rules import roles_of
from practices.library.models import Publication

PAGE_SIZE = 20


def ask_list(request: PersonRequest) -> HttpResponse:
    return _list(request, Notice.Kind.ASK)


def offer_list(request: PersonRequest) -> HttpResponse:
    return _list(request, Notice.Kind.OFFER)


def _list(request: PersonRequest, kind: str) -> HttpResponse:
    found = NoticeFilter(request.GET, kind=kind, user=request.user)
    page = Paginator(found.left, PAGE_SIZE).get_page(request.GET.get("page"))
    nearest = found.nearest if page.number == 1 else []
    rows = Notice.objects.visible_to(request.user).with_rows().in_bulk([*page, *nearest])
    context = {
        "kind": kind,
        "filter": found,
        "page": page,
        "notices": [rows[pk] for pk in page if pk in rows],
        "nearest": [rows[pk] for pk in nearest if pk in rows],
        "total": len(found.left),
        "writes": bool(roles_of(request.user).writes_for),
    }
    partial = "#listing" if request.htmx and request.htmx.target == "listing" else ""
    return render(request, f"exchange/peers/notice_list.html{partial}", context)


def notice_detail(request: PersonRequest, pk: int) -> HttpResponse:
    """Show an ask or offer; to its own side also what fits it, and to the coordinators of its office."""
    notice = _get(request, pk)
    mine = request.user.has_perm("peers.change_notice", notice)
    helps = mine or request.user.has_perm("peers.close_notice", notice)
    context: dict[str, Any] = {"notice": notice, "mine": mine, "helps": helps}
    if helps and notice.is_open:
        context |= of_notice(notice)
    return render(request, "exchange/peers/notice_detail.html", context)


def ask_create(request: PersonRequest) -> HttpResponse:
    return _create(request, Notice.Kind.ASK)


def offer_create(request: PersonRequest) -> HttpResponse:
    return _create(request, Notice.Kind.OFFER)


def _create(request: PersonRequest, kind: str) -> HttpResponse:
    """Open an ask or offer; `publication` in the address is what it is about."""
    members = list(Member.objects.written_for_by(request.user).order_by("name_en", "pk"))
    if not members:
        raise PermissionDenied
    publication = _publication(request)
    form = NoticeForm(
        request.POST or None, kind=kind, user=request.user, members=members,
        initial=first_words(request.user, members, publication, request.LANGUAGE_CODE),
    )  # fmt: skip
    if form.is_bound and form.is_valid():
        data = form.cleaned_data
        try:
            notice = services.open_notice(
                kind=kind, member=form.whose(), facts=form.facts(), topics=data["topics"], pathways=data["pathways"],
                by=request.user,
            )  # fmt: skip
        except ValidationError as error:
            add_errors(form, error)
        else:
            done = _("It is open, and the network sees it. We are looking for who fits.")
            if notice.asked:
                done = _("It is open, and %(owner)s hears of it by e-mail.") % {"owner": notice.asked.name}
            messages.success(request, done)
            return redirect(notice)
    context = {"form": form, "kind": kind, "publication": publication}
    return render_form(request, "exchange/peers/notice_form.html", context, invalid=form.is_bound)


def notice_edit(request: PersonRequest, pk: int) -> HttpResponse:
    notice = _get(request, pk)
    if not request.user.has_perm("peers.change_notice", notice):
        raise PermissionDenied
    if not notice.is_open and request.method != "POST":
        messages.info(request, _("It is closed. Open it again to change it."))
        return redirect(notice)
    form = _form(request, notice, request.POST or None)
    context: dict[str, Any] = {"notice": notice, "kind": notice.kind, "publication": notice.publication}
    if form.is_bound and form.is_valid():
        data = form.cleaned_data
        try:
            services.change_notice(
                notice=notice, facts=form.facts(), topics=data["topics"], pathways=data["pathways"],
                edition=data["edition"], by=request.user,
            )  # fmt: skip
        except services.StaleNoticeError as error:
            typed = request.POST.copy()
            typed["edition"] = str(error.notice.edition)
            form = _form(request, error.notice, typed)
            form.is_valid()
            form.add_error(None, _("A colleague changed it meanwhile. What you typed is not saved yet: see the page in another window, and save again to replace it."))  # fmt: skip
        except ValidationError as error:
            notice.refresh_from_db(fields=["state"])
            add_errors(form, error)
        else:
            messages.success(request, _("It is saved."))
            return redirect(notice)
    return render_form(request, "exchange/peers/notice_form.html", context | {"form": form}, invalid=form.is_bound)


@require_POST
def notice_close(request: PersonRequest, pk: int) -> HttpResponse:
    notice = _get(request, pk)
    tell_outcome(request, lambda: services.close_notice(notice=notice, by=request.user), _("It is closed."))
    return redirect(notice)


def notice_reopen(request: PersonRequest, pk: int) -> HttpResponse:
    """Open a closed one again, until another day."""
    notice = _get(request, pk)
    if not request.user.has_perm("peers.change_notice", notice):
        raise PermissionDenied
    if notice.is_open:
        messages.info(request, _("It is open."))
        return redirect(notice)
    later = first_words(request.user, [notice.member], None, request.LANGUAGE_CODE)["closes_on"]
    form = ReopenForm(request.POST or None, initial={"closes_on": later, "edition": notice.edition})
    if form.is_bound and form.is_valid():
        try:
            services.reopen_notice(notice=notice, by=request.user, **form.cleaned_data)
        except services.StaleNoticeError:
            messages.error(request, _("A colleague changed it meanwhile. Please look at it again."))
            return redirect(notice)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("It is open again."))
            return redirect(notice)
    context = {"form": form, "notice": notice}
    return render_form(request, "exchange/peers/notice_reopen.html", context, invalid=form.is_bound)


def _get(request: PersonRequest, pk: int) -> Notice:
    rows = Notice.objects.visible_to(request.user).with_rows().select_related("member__office", "person", "publication")
    found: Notice = get_object_or_404(rows, pk=pk)
    return found


def _publication(request: PersonRequest) -> Publication | None:
    asked = request.GET.get("publication", "")
    rows = Publication.objects.visible_to(request.user).select_related("owner_member", "owner_office")
    return rows.filter(pk=asked).first() if asked.isdecimal() and len(asked) < 10 else None


def _form(request: PersonRequest, notice: Notice, data: Any) -> NoticeForm:
    return NoticeForm(
        data, kind=notice.kind, user=request.user, members=[notice.member],
        initial=initial_of(notice, request.user),
    )  # fmt: skip
