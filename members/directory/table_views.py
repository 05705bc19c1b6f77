"""Importing members from a table: what it would do comes first."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from config.files.uploads import check_all_came
from config.kit.forms import add_errors, render_form
from members.accounts.requests import PersonRequest
from members.directory import table_services
from members.directory.models import Member, MemberTable
from members.directory.table_checking import CHANGED, NEW, REFUSED, SAME

SHOWN = 200  # rows of each sort


class TableForm(forms.Form):
    """Which table."""

    file = forms.FileField(
        label=gettext_lazy("Table"),
        help_text=gettext_lazy("CSV (UTF-8) or XLSX, at most 10,000 rows and 20 MB. Nothing is imported before you have seen what it would change."),
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx"}),
    )  # fmt: skip


def table_create(request: PersonRequest) -> HttpResponse:
    if not request.user.has_perm("directory.add_membertable"):
        raise PermissionDenied
    posted = request.method == "POST"
    form = TableForm(request.POST if posted else None, request.FILES if posted else None)
    if posted:
        try:
            check_all_came(request)
            if form.is_valid():
                return redirect(table_services.upload_members(upload=form.cleaned_data["file"], by=request.user))
        except ValidationError as error:
            add_errors(form, ValidationError({"file": error.messages}))
    open_ones = MemberTable.objects.visible_to(request.user).filter(uploaded_by=request.user, applied_at=None)
    context = {"form": form, "waiting": open_ones.defer("lines", "judged").order_by("-pk").first()}
    return render_form(request, "members/directory/table_create.html", context, invalid=form.is_bound)


def table_detail(request: PersonRequest, pk: int) -> HttpResponse:
    table = _get_table(request, pk)
    by_act: dict[str, list[Mapping[str, Any]]] = {act: [] for act in (NEW, CHANGED, SAME, REFUSED)}
    for one in table.judged:
        by_act[one["act"]].append(one)
    labels = {field.name: field.verbose_name for field in Member._meta.fields + Member._meta.many_to_many}
    context = {
        "table": table,
        "counts": {act: len(rows) for act, rows in by_act.items()},
        "rows": {
            act: [
                {**one, "changes": [(labels[name], before, after) for name, before, after in one["changes"]]}
                for one in rows[:SHOWN]
            ]
            for act, rows in by_act.items()
        },
        "shown": SHOWN,
        "does_something": bool(by_act[NEW] or by_act[CHANGED]),
    }
    return render(request, "members/directory/table_detail.html", context)


@require_POST
def table_apply(request: PersonRequest, pk: int) -> HttpResponse:
    """Do what was shown; where it has come to something else, show that."""
    table = _get_table(request, pk)
    try:
        new, changed = table_services.apply_table(table=table, by=request.user)
    except table_services.StaleTableError as error:
        table_services.check_again(table=table, by=request.user)
        messages.error(request, " ".join(error.messages))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        done = _("Imported: %(new)d new, %(changed)d changed.")
        messages.success(request, done % {"new": new, "changed": changed})
    return redirect(table)


def _get_table(request: PersonRequest, pk: int) -> MemberTable:
    table: MemberTable = get_object_or_404(MemberTable.objects.visible_to(request.user), pk=pk)
    return table
