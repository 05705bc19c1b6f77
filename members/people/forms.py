"""What people type about themselves and their colleagues."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from config.kit.forms import long_text
from members.accounts.models import User
from members.directory.models import Member, MemberRole
from members.people.join_requests import members_to_join

ROLES_EXPLAINED = _(
    "A reader reads. A contributor also writes practices and projects. A liaison also invites colleagues and"
    " keeps this page."
)


class AddressForm(forms.Form):
    """Whose organisation signs them in."""

    email = forms.EmailField(
        label=_("Your e-mail address at work"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


class JoinForm(forms.Form):
    """Which member somebody asks, and which they leave for it."""

    member = forms.ModelChoiceField(label=_("Member"), queryset=Member.objects.none(), empty_label=None)
    leaves = forms.ModelChoiceField(
        label=_("I leave"),
        queryset=Member.objects.none(),
        required=False,
        empty_label=_("none: I belong to both"),
        help_text=_("Your account stays yours. What you have published stays with the member that you leave."),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._choices("member").queryset = members_to_join(user)
        self._choices("leaves").queryset = Member.objects.filter(roles__user=user).order_by("name_en", "pk")

    def _choices(self, name: str) -> forms.ModelChoiceField[Any]:
        field = self.fields[name]
        if not isinstance(field, forms.ModelChoiceField):
            raise TypeError(name)
        return field


class RoleForm(forms.Form):
    """What somebody does at a member."""

    role = forms.ChoiceField(label=_("Role"), choices=MemberRole.Role.choices, help_text=ROLES_EXPLAINED)


class MoveForm(RoleForm):
    """To which member somebody goes."""

    to = forms.ModelChoiceField(label=_("New member"), queryset=Member.objects.none())
    field_order = ("to", "role")

    def __init__(self, *args: Any, members: QuerySet[Member], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["to"]
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = members


class ReasonForm(forms.Form):
    """Why not."""

    reason = long_text(_("Reason"), _("The person reads it."), most=2000)


class ErasureForm(forms.Form):
    """The address, typed once more, so that nobody is erased by a wrong click."""

    email = forms.CharField(
        label=_("Type the e-mail address of the account"),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, address: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.address = address

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].strip().lower()
        if email != self.address.lower():
            raise forms.ValidationError(_("This is not the address of the account."))
        return email
