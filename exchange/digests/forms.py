"""What a reader wishes for."""

from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from config.kit.time_zones import time_zone_choices
from config.vocabulary.models import Pathway, Topic
from exchange.digests.models import Subscription


class SubscriptionForm(forms.ModelForm[Subscription]):
    """How often, when, in which language, about what."""

    weekday = forms.TypedChoiceField(
        label=_("Weekday"), choices=list(WEEKDAYS.items()), coerce=int, help_text=_("For a weekly digest.")
    )
    day = forms.TypedChoiceField(
        label=_("Day of the month"),
        choices=[(day, day) for day in range(1, 29)],
        coerce=int,
        help_text=_("For a monthly digest."),
    )
    hour = forms.TypedChoiceField(
        label=_("Hour"), choices=[(hour, f"{hour:02}:00") for hour in range(6, 21)], coerce=int
    )
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=time_zone_choices)
    topics = forms.ModelMultipleChoiceField(
        Topic.objects.all(),
        label=_("Topics you follow"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("With none chosen you get what is new from everywhere."),
    )
    pathways = forms.ModelMultipleChoiceField(
        Pathway.objects.all(), label=_("Pathways you follow"), required=False, widget=forms.CheckboxSelectMultiple
    )
    sections = forms.MultipleChoiceField(
        label=_("What to put in"),
        choices=Subscription.Section.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = Subscription
        fields = (
            "cadence", "weekday", "day", "hour", "time_zone", "language", "topics", "pathways", "sections",
        )  # fmt: skip
        widgets = {"cadence": forms.RadioSelect}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["cadence"].label = _("How often")
        self.fields["language"].label = _("Language")
