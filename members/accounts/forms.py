"""What a person tells about themselves."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from config.kit.countries import language_choices
from config.kit.forms import LanguagesWidget, long_text
from config.kit.time_zones import time_zone_choices
from members.accounts.models import User


class ProfileForm(forms.ModelForm[User]):
    """Name, work, languages and time zone."""

    languages_read = forms.MultipleChoiceField(
        label=_("Languages you read"),
        help_text=_("You see first what is written in these."),
        choices=language_choices,
        required=False,
        widget=LanguagesWidget,
    )
    languages_spoken = forms.MultipleChoiceField(
        label=_("Languages you speak"),
        help_text=_("So that people know in which they can call you."),
        choices=language_choices,
        required=False,
        widget=LanguagesWidget,
    )
    ask_me_about = long_text(
        _("Ask me about"), _("What you have done yourself and like to tell."), most=1000, required=False
    )
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=time_zone_choices)

    class Meta:
        model = User
        fields = (
            "name", "job_title", "ask_me_about", "expertise", "language", "time_zone", "languages_read",
            "languages_spoken", "address_visibility",
        )  # fmt: skip
        widgets = {"expertise": forms.CheckboxSelectMultiple}
        labels = {"expertise": _("What you know about")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rule = dict(User.AddressVisibility.choices)[settings.ADDRESS_VISIBILITY]
        visibility = self.fields["address_visibility"]
        visibility.label = _("Who sees your e-mail address")
        if isinstance(visibility, forms.ChoiceField):
            as_all = _("As the network does: %(rule)s") % {"rule": rule}
            visibility.choices = [("", as_all), *User.AddressVisibility.choices]
        self.fields["name"].widget.attrs["autocomplete"] = "name"
        self.fields["job_title"].widget.attrs["autocomplete"] = "organization-title"

    def save_all(self) -> User:
        """Save what the form asks about and nothing else: other columns may have changed meanwhile."""
        self.instance.save(update_fields=[name for name in self.cleaned_data if name != "expertise"])
        self.instance.expertise.set(self.cleaned_data["expertise"])
        return self.instance
