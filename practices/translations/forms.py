"""A translation as a form: each text beside its original."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from config.kit.countries import language_choices
from practices.library.models import Publication
from practices.translations.models import Translation
from practices.translations.texts import label_of, source_texts


class LanguageForm(forms.Form):
    """Into which language."""

    language = forms.ChoiceField(label=_("Into which language?"))

    def __init__(self, *args: Any, publication: Publication, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [one for one in language_choices() if one[0] != publication.language]
        self.fields["language"].choices = choices  # type: ignore[attr-defined]


class TranslationForm(forms.Form):
    """The texts that the publication has today."""

    origin = forms.ChoiceField(
        label=_("How it was made"),
        choices=Translation.Origin.choices,
        widget=forms.RadioSelect,
        help_text=_("Readers see it. A machine’s text that a person has corrected throughout is a person’s."),
    )

    def __init__(self, *args: Any, publication: Publication, language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.originals: Mapping[str, str] = source_texts(publication)
        for name, text in self.originals.items():
            short = name == "title"
            attrs = {"dir": "auto", "lang": language} | ({} if short else {"rows": 4 if name == "summary" else 8})
            widget = forms.TextInput(attrs=attrs) if short else forms.Textarea(attrs=attrs)
            field = self.fields[name] = forms.CharField(
                label=label_of(name, publication), required=False, widget=widget
            )
            field.original = text  # type: ignore[attr-defined]
        self.order_fields([*self.originals, "origin"])

    def texts(self) -> dict[str, str]:
        """Return what was typed, by name of the text."""
        return {name: self.cleaned_data.get(name, "") for name in self.originals}
