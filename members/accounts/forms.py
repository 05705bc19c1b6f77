"""What a person tells about themselves."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from config.kit.countries import language_choices
from config.kit.time_zones import time_zone_choices
from members.accounts.models import User


class ProfileForm(forms.ModelForm[User]):
    """Name, work, languages and time zone."""

    languages_read = forms.MultipleChoiceField(
        label=_("Languages you read"),
        help_text=_("You see first what is written in these."),
        choices=language_choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=time_zone_choices)

    class Meta:
        model = User
        fields = ("name", "job_title", "language", "time_zone", "languages_read")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].widget.attrs["autocomplete"] = "name"
        self.fields["job_title"].widget.attrs["autocomplete"] = "organization-title"
