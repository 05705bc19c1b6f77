"""Forms of saved searches."""

from django import forms
from django.utils.translation import gettext_lazy as _

from practices.search.models import SavedSearch


class SavedSearchForm(forms.Form):
    """What a search is called, and how often its owner hears what is new."""

    name = forms.CharField(label=_("Name of the search"), max_length=80)
    cadence = forms.ChoiceField(
        label=_("Tell me by e-mail what is new"),
        choices=SavedSearch.Cadence.choices,
        initial=SavedSearch.Cadence.WEEKLY,
        widget=forms.RadioSelect,
        help_text=_("Every day and every week: at the hour of your digest, and only where there is something new."),
    )
