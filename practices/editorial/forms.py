"""Beginning a publication and deciding on a revision."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from config.kit.countries import language_choices
from members.accounts.models import User
from members.directory.models import Member, Office
from members.directory.rules import roles_of
from practices.editorial.models import Decision
from practices.library.models import Publication
from practices.library.queries import writers_of


class BeginForm(forms.Form):
    """What will be written, for whom, in which language."""

    kind = forms.ChoiceField(
        label=_("What is it?"),
        choices=[
            (Publication.Kind.PRACTICE, _("A practice: in use, with results to show")),
            (Publication.Kind.PROJECT, _("A project: planned or under way, with an end")),
        ],
        widget=forms.RadioSelect,
    )
    owner = forms.ChoiceField(label=_("Whose is it?"))
    language = forms.ChoiceField(
        label=_("Language of the text"),
        choices=language_choices,
        help_text=_("Write in the language you write best. Readers see which one it is."),
    )
    title = forms.CharField(
        label=_("Title"), max_length=100, help_text=_("You can change it later. At most 100 characters.")
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles = roles_of(user)
        self.owners: dict[str, Member | Office] = {
            f"member-{one.pk}": one for one in Member.objects.written_for_by(user)
        } | {f"office-{one.pk}": one for one in Office.objects.filter(pk__in=roles.coordinates)}
        owner = self.fields["owner"]
        owner.choices = [(key, str(one)) for key, one in self.owners.items()]  # type: ignore[attr-defined]
        self.fields["title"].widget.attrs.pop("maxlength", None)

    def clean_owner(self) -> Member | Office:
        return self.owners[self.cleaned_data["owner"]]


class DecisionForm(forms.Form):
    """What a reviewer decides. A reason is mandatory unless they approve; the service says so beside the field."""

    verdict = forms.ChoiceField(label=_("Decision"), choices=Decision.Verdict.choices, widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 6, "dir": "auto"}),
        help_text=_("The author gets it by e-mail. It is required unless you approve. Be as concrete as you can."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].is_needed = True  # type: ignore[attr-defined]  # the help tells when


class ResponsibleForm(forms.Form):
    """Who looks after a publication from now on."""

    to = forms.ModelChoiceField(
        User.objects.none(),
        label=_("Who looks after it"),
        help_text=_("Questions about the text and the yearly check go to this person."),
        empty_label=None,
    )

    def __init__(self, *args: Any, publication: Publication, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        writers = User.objects.filter(pk__in=[one.pk for one in writers_of(publication)]).order_by("name", "pk")
        self.fields["to"].queryset = writers  # type: ignore[attr-defined]
        self.fields["to"].initial = publication.responsible_id
