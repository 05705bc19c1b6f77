"""Uploading a table."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from members.accounts.models import User
from members.directory.models import Member, Office
from practices.intake.querysets import members_to_import_for, offices_to_import_for


class UploadForm(forms.Form):
    """Which table, and whose publications are in it."""

    owner = forms.ChoiceField(
        label=_("Whose are they?"),
        required=False,
        help_text=_("For a list of several members, the column “owner” says it row by row."),
    )
    file = forms.FileField(
        label=_("Table"),
        help_text=_("CSV (UTF-8) or XLSX, at most 10,000 rows and 20 MB. Nothing is imported before you have seen what it would change."),
    )  # fmt: skip

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.owners: dict[str, Member | Office] = {f"member-{one.pk}": one for one in members_to_import_for(user)} | {
            f"office-{one.pk}": one for one in offices_to_import_for(user)
        }
        several = [("", _("As the column “owner” says"))] if len(self.owners) > 1 else []
        owner = self.fields["owner"]
        owner.choices = several + [(key, str(one)) for key, one in self.owners.items()]  # type: ignore[attr-defined]
        self.fields["file"].widget.attrs["accept"] = ".csv,.tsv,.txt,.xlsx"

    def clean_owner(self) -> Member | Office | None:
        if len(self.owners) == 1:
            return next(iter(self.owners.values()))
        return self.owners.get(self.cleaned_data["owner"])
