"""What is typed about an ask or offer, a refusal, and an introduction."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from config.kit.countries import language_choices
from config.kit.forms import LanguagesWidget, add_errors, long_text
from config.vocabulary.models import Pathway, Topic
from exchange.peers.models import (
    FORMAT_OF,
    LONGEST,
    LONGEST_NOTE,
    LONGEST_TITLE,
    USUAL_WEEKS,
    Costs,
    Dismissal,
    Format,
    Notice,
)
from exchange.peers.services import FACTS
from exchange.peers.validators import check_days
from members.accounts.models import User
from members.directory.choosing import MemberField
from members.directory.models import Member, MemberRole
from members.directory.rules import roles_of
from practices.library.models import Publication


def _day(label: Any, help_text: Any = "", *, required: bool = False) -> forms.DateField:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(label=label, help_text=help_text, required=required, widget=widget)


class NoticeForm(forms.Form):
    """An ask, or an offer, of one of `members`."""

    member = forms.ModelChoiceField(Member.objects.none(), label=_("For which member?"), empty_label=None)
    title = forms.CharField(
        label=_("Title"), max_length=LONGEST_TITLE, help_text=_("One line that a colleague understands.")
    )
    text = long_text(_("Text"), most=LONGEST, rows=7)
    language = forms.ChoiceField(label=_("Language of your text"), choices=language_choices)
    topics = forms.ModelMultipleChoiceField(
        Topic.objects.all(), label=_("Topics"), widget=forms.CheckboxSelectMultiple, help_text=_("At most three.")
    )
    pathways = forms.ModelMultipleChoiceField(
        Pathway.objects.all(), label=_("Pathways"), widget=forms.CheckboxSelectMultiple
    )
    formats = forms.MultipleChoiceField(
        label=_("How could it happen?"), choices=Format.choices, widget=forms.CheckboxSelectMultiple,
        help_text=_("Everything that would do."),
    )  # fmt: skip
    languages = forms.MultipleChoiceField(
        label=_("Languages you can work in"), choices=language_choices, widget=LanguagesWidget
    )
    where = forms.ChoiceField(
        label=_("Where?"), choices=Notice.Where.choices, initial="either", widget=forms.RadioSelect
    )
    places = forms.IntegerField(label=_("How many people?"), min_value=1, max_value=500, required=False)
    starts_on = _day(_("Not before"))
    ends_on = _day(_("Not after"), _("When it could take place. Leave both empty if you are free to choose."))
    closes_on = _day(_("Open until"), _("It closes by itself after this day. You can open it again."), required=True)
    costs = forms.ChoiceField(label=_("Who pays for travel and time?"), choices=Costs.choices, initial="open")
    costs_note = forms.CharField(label=_("About the costs"), max_length=300, required=False)
    person = forms.ModelChoiceField(
        User.objects.none(), label=_("Person in charge"), empty_label=None, required=False,
        help_text=_("Colleagues elsewhere see the name; they get the address once you have agreed."),
    )  # fmt: skip
    publication = forms.ModelChoiceField(Publication.objects.none(), required=False, widget=forms.HiddenInput)
    edition = forms.IntegerField(widget=forms.HiddenInput, required=False)

    MOST_TOPICS = 3

    def __init__(self, *args: Any, kind: str, user: User, members: list[Member], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        self.members = members
        if len(members) == 1:
            del fields["member"]
        else:
            fields["member"].queryset = Member.objects.filter(pk__in=[one.pk for one in members])
        writers = MemberRole.objects.filter(member__in=members, role__in=["liaison", "contributor"])
        fields["person"].queryset = User.objects.filter(pk__in=writers.values("user"), is_active=True).order_by(
            "name", "pk"
        )
        fields["publication"].queryset = Publication.objects.visible_to(user)
        ask = kind == Notice.Kind.ASK
        fields["text"].label = _("What do you want to know?") if ask else _("What can you share?")
        fields["text"].help_text = (
            _("What are you up to, what have you tried, and what would help you most?")
            if ask
            else _("What did you do, what can others see or learn with you, and for whom is it useful?")
        )
        fields["person"].is_needed = True  # who opens it, where nobody is named
        for field in fields.values():
            field.widget.attrs.pop("maxlength", None)

    def clean_topics(self) -> Any:
        topics = self.cleaned_data["topics"]
        if len(topics) > self.MOST_TOPICS:
            raise forms.ValidationError(_("At most three, those that matter most."))
        return topics

    def clean_edition(self) -> int:
        return self.cleaned_data["edition"] or 0

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        days = {name: data.get(name) for name in ("starts_on", "ends_on", "closes_on")}
        try:
            check_days(**days, already=self.initial.get("starts_on"))
        except ValidationError as error:
            add_errors(self, error)
        return data

    def whose(self) -> Member:
        """Return the member it is for."""
        found: Member = self.cleaned_data.get("member") or self.members[0]
        return found

    def facts(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in FACTS if name in self.cleaned_data}


def first_words(user: User, members: list[Member], publication: Publication | None, language: str) -> dict[str, Any]:
    """Return what a new one says before anybody has typed: who, in which languages, until when, about what."""
    today = timezone.localdate()
    initial: dict[str, Any] = {
        "member": members[0],
        "person": user,
        "language": language,
        "languages": sorted({language, *user.languages_spoken}) or [language],
        "where": "either",
        "costs": "open",
        "closes_on": today + timedelta(weeks=USUAL_WEEKS),
    }
    if publication:
        initial |= {
            "publication": publication,
            "title": _about(publication.title),
            "formats": [FORMAT_OF[one] for one in publication.offers] or [Format.CALL],
            "topics": list(publication.topics.all()[:3]),
            "pathways": list(publication.pathways.all()),
        }
    return initial


def _about(title: str) -> str:
    """Return a title for what is about a publication."""
    words = gettext("About “%(title)s”")
    return words % {"title": Truncator(title).chars(LONGEST_TITLE - len(words % {"title": ""}))}


def initial_of(notice: Notice, by: User) -> dict[str, Any]:
    """Return what an ask or offer says, for its form; `by` is in charge where nobody is who writes for the member."""
    initial = {name: getattr(notice, name) for name in (*FACTS, "edition")}
    if notice.person is None or notice.member_id not in roles_of(notice.person).writes_for:
        initial["person"] = by
    return initial | {"topics": list(notice.topics.all()), "pathways": list(notice.pathways.all())}


class ReopenForm(forms.Form):
    """Until when it is open again."""

    closes_on = _day(_("Open until"), required=True)
    edition = forms.IntegerField(widget=forms.HiddenInput)


class DismissForm(forms.Form):
    """Why a suggestion is not for a member."""

    reason = forms.ChoiceField(label=_("Why?"), choices=Dismissal.Reason.choices, widget=forms.RadioSelect)
    note = forms.CharField(label=_("Note"), max_length=300, required=False, help_text=_("For your colleagues alone."))


class IntroductionForm(forms.Form):
    """Two members whom a coordinator brings together."""

    member = MemberField(label=_("Member"), help_text=_("Begin to write a name."))
    peer = MemberField(label=_("Peer"), help_text=_("Begin to write a name."))
    note = long_text(
        _("Note to both"), _("Why they fit, and what each could ask the other first."), most=LONGEST_NOTE, rows=6
    )

    def __init__(self, *args: Any, notice: Notice | None, facts: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if notice:
            del self.fields["member"]
        self.initial.update(facts)
