"""Saved searches: the list of one's own, keeping one, changing it, forgetting it."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from config.kit.forms import add_errors, render_form
from config.vocabulary.models import read_terms
from members.accounts.requests import PersonRequest
from practices.search.forms import SavedSearchForm
from practices.search.models import SavedSearch
from practices.search.saving import Asked, ask, change_search, normal_query, save_search


@require_safe
def saved_list(request: PersonRequest) -> HttpResponse:
    terms = read_terms()
    rows = list(SavedSearch.objects.filter(user=request.user))
    for one in rows:
        one.user = request.user  # whose roles have been read
    return render(request, "practices/search/saved_list.html", {"searches": [ask(one, terms) for one in rows]})


def saved_new(request: PersonRequest) -> HttpResponse:
    """Keep the search that the address of this page names as that of the list does."""
    query = normal_query(request.GET)
    draft = ask(SavedSearch(user=request.user, query=query))
    form = SavedSearchForm(
        request.POST or None, initial={"name": ", ".join(word.strip("“”") for word in draft.words)[:80]}
    )
    if form.is_bound and form.is_valid():
        try:
            save_search(query=query, values=form.cleaned_data, by=request.user)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("The search is saved."))
            return redirect("search:saved_list")
    return _form_page(request, form, draft)


def saved_edit(request: PersonRequest, pk: int) -> HttpResponse:
    saved = _get(request, pk)
    form = SavedSearchForm(request.POST or None, initial={"name": saved.name, "cadence": saved.cadence})
    if form.is_bound and form.is_valid():
        try:
            change_search(saved=saved, values=form.cleaned_data, by=request.user)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("Your wishes are saved."))
            return redirect("search:saved_list")
    return _form_page(request, form, ask(_get(request, pk)))


@require_POST
def saved_delete(request: PersonRequest, pk: int) -> HttpResponse:
    saved = _get(request, pk)
    saved.delete()
    messages.success(request, _("“%(name)s” is deleted.") % {"name": saved})
    return redirect("search:saved_list")


def _form_page(request: HttpRequest, form: SavedSearchForm, asked: Asked) -> HttpResponse:
    context = {"form": form, "asked": asked}
    return render_form(request, "practices/search/saved_form.html", context, invalid=form.is_bound)


def _get(request: PersonRequest, pk: int) -> SavedSearch:
    return get_object_or_404(SavedSearch.objects.select_related("user"), pk=pk, user=request.user)
