"""Beginning a publication, deciding on a revision, the desk, assessing, talking."""

from functools import partial
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from config.kit.countries import language_choices
from config.kit.forms import long_text
from members.accounts.models import User
from members.directory.models import Member, Office
from members.directory.rules import roles_of
from practices.editorial.models import Assessment, Decision, Revision
from practices.editorial.models.assessments import LONGEST
from practices.editorial.queries import colleagues_for
from practices.editorial.rubric import RUBRIC
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
        self.fields["to"].queryset = writers_of(publication)  # type: ignore[attr-defined]
        self.fields["to"].initial = publication.responsible_id


_words = partial(long_text, most=LONGEST)


class ReasonForm(forms.Form):
    """Why something is taken back or declined."""

    reason = _words(_("Reason"))


class HandOverForm(forms.Form):
    """To which office, and why."""

    office = forms.ModelChoiceField(Office.objects.none(), label=_("Office"), empty_label=_("Choose an office"))
    reason = _words(_("Reason"), _("The other office and the authors read it."))

    def __init__(self, *args: Any, revision: Revision, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = Office.objects.exclude(pk__in=[revision.deciding_office.pk, revision.publication.owner_office_id or 0])
        self.fields["office"].queryset = others  # type: ignore[attr-defined]


class AssignForm(forms.Form):
    """Which colleague reviews it."""

    to = forms.ModelChoiceField(User.objects.none(), label=_("Reviewer"))

    def __init__(self, *args: Any, revision: Revision, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = [one for one in colleagues_for(revision) if one.pk != revision.reviewer_id]
        self.fields["to"].queryset = User.objects.filter(pk__in=[one.pk for one in people]).order_by("name", "pk")  # type: ignore[attr-defined]
        self.has_choices = bool(people)


class NoteForm(forms.Form):
    """An internal note."""

    text = _words(_("Note"), _("Only reviewers see it, never the authors."), rows=3)


class RemarkForm(forms.Form):
    """A message to the other side of a review."""

    text = _words(_("Message"), _("The other side gets it by e-mail."), rows=3)


class VerifyForm(forms.Form):
    """What was checked."""

    note = _words(_("What did you check, and against what?"), _("Readers see it."), rows=3)


class InviteExpertForm(forms.Form):
    """Whom to ask."""

    expert = forms.ModelChoiceField(User.objects.none(), label=_("Expert"), empty_label=_("Choose an expert"))
    note = _words(_("Note to the expert"), _("For example what you are unsure about."), rows=3, required=False)

    def __init__(self, *args: Any, publication: Publication, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        experts = User.objects.filter(is_active=True, office_roles__role="expert")
        if publication.owner_member_id:
            experts = experts.exclude(
                pk__in=User.objects.filter(member_roles__member=publication.owner_member_id).values("pk")
            )
        asked = Assessment.objects.open().filter(publication=publication).values("expert")
        self.fields["expert"].queryset = experts.exclude(pk__in=asked).order_by("name", "pk").distinct()  # type: ignore[attr-defined]


class AssessmentForm(forms.Form):
    """The rubric. Nothing is required for a draft; the service says beside the field what is missing at the end."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for one in RUBRIC:
            score = self.fields[one.code] = forms.TypedChoiceField(
                label=str(one.label),
                help_text=str(one.question),
                choices=one.choices,
                coerce=int,
                empty_value=None,
                required=False,
                widget=forms.RadioSelect,
            )
            comment = self.fields[f"{one.code}_comment"] = _words(
                _("Why? (%(criterion)s)") % {"criterion": one.label}, rows=3, required=False
            )
            # To be submitted, though not to be saved.
            score.is_needed = comment.is_needed = True  # type: ignore[attr-defined]
        self.fields["shows_name"] = forms.BooleanField(
            label=_("Readers may see my name"),
            help_text=_("They always see your scores and comments. Coordinators always see who wrote them."),
            required=False,
        )
