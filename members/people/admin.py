"""The support tool for the sign-in of organisations."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from config.outbox.rendering import absolute_url
from members.accounts.models import User
from members.people.models import SignInProvider
from members.people.providers import save_provider


class SignInProviderForm(forms.ModelForm[SignInProvider]):
    """The secret is written, never shown."""

    new_secret = forms.CharField(
        label=_("Secret"),
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("Leave it empty to keep the one there is."),
    )

    class Meta:
        model = SignInProvider
        fields = ("member", "office", "issuer", "client_id", "domains", "is_trusted", "is_active")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.instance.sealed_secret and not cleaned.get("new_secret"):
            self.add_error("new_secret", _("A new sign-in needs its secret."))
        return cleaned


@admin.register(SignInProvider)
class SignInProviderAdmin(admin.ModelAdmin[SignInProvider]):
    form = SignInProviderForm
    list_display = ("__str__", "issuer", "is_active")
    list_select_related = ("member", "office")
    search_fields = ("issuer", "member__name", "member__name_en", "office__name")
    autocomplete_fields = ("member", "office")
    readonly_fields = ("comes_back_to",)

    @admin.display(description=_("address to come back to"))
    def comes_back_to(self, obj: SignInProvider) -> str:
        """What the organisation enters at its own service; a new issuer gets another."""
        return absolute_url(reverse("people:provider_back", args=[obj.app_id])) if obj.pk else "–"

    def save_model(self, request: HttpRequest, obj: SignInProvider, form: Any, change: bool) -> None:  # noqa: ARG002, FBT001
        by = User.objects.get(pk=request.user.pk or 0)
        save_provider(provider=obj, secret=form.cleaned_data.get("new_secret", ""), by=by)
