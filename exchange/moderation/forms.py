"""What is reported, decided and appealed against."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from config.kit.forms import long_text
from exchange.moderation.models import LONGEST


class ReportForm(forms.Form):
    """What is wrong with a text, or with how a person writes to others."""

    reason = long_text(_("What is wrong with it?"), _("Those who decide read it; its author does not."), most=LONGEST)

    def __init__(self, *args: Any, is_person: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if is_person:
            self.fields["reason"].label = _("What is wrong?")
            self.fields["reason"].help_text = _("Those who decide read it; the person does not.")


class AppealForm(forms.Form):
    """Why a decision is wrong."""

    text = long_text(
        _("Why should it be shown again?"), _("The office above decides. You can appeal once."), most=LONGEST
    )

    def __init__(self, *args: Any, is_person: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if is_person:
            self.fields["text"].label = _("Why should you be able to write to others again?")


class VerdictForm(forms.Form):
    """A decision with its reason; which ones there are is said by the view."""

    verdict = forms.ChoiceField(label=_("Decision"), widget=forms.RadioSelect)
    reason = long_text(_("Reason"), most=LONGEST, required=False)

    def __init__(self, *args: Any, choices: list[tuple[str, Any]], help_text: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        verdict: Any = self.fields["verdict"]
        verdict.choices = choices
        self.fields["reason"].help_text = help_text
        self.fields["reason"].is_needed = True  # type: ignore[attr-defined]  # the help tells when
