"""What members say about what they took up, what owners answer, and how lists are named and shared."""

from datetime import date
from functools import partial
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.kit.countries import language_choices
from config.kit.forms import AmountField, long_text
from config.vocabulary.choices import CURRENCY
from members.accounts.models import User
from members.directory.models import Contact, Member
from practices.library.models import Publication
from practices.uptake.models import LONGEST, BookmarkList, Uptake
from practices.uptake.services import FACTS
from practices.uptake.transitions import NEW, states_from

BEGINNINGS = {
    Uptake.State.CONSIDERING: _("We are considering it"),
    Uptake.State.ADAPTING: _("We are adapting it to our place"),
    Uptake.State.IN_USE: _("We use it"),
    Uptake.State.DROPPED: _("We tried it or thought about it, and dropped it"),
}


class CurrencyField(forms.CharField):
    """The code of a currency (ISO 4217), in whichever case it is typed."""

    default_validators = [*CURRENCY]

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).upper()


def _let_paste(form: forms.Form) -> None:
    """Leave the length to the server, which says what is too long: a browser cuts a pasted text off without a word."""
    for field in form.fields.values():
        field.widget.attrs.pop("maxlength", None)


_text = partial(long_text, most=LONGEST, rows=5, required=False)


class UptakeForm(forms.Form):
    """One member's record of one publication of another."""

    member = forms.ModelChoiceField(Member.objects.none(), label=_("For which member?"), empty_label=None)
    state = forms.ChoiceField(label=_("Where are you?"), widget=forms.RadioSelect)
    since = forms.DateField(
        label=_("Since when?"),
        required=False,
        help_text=_("Leave it empty for today."),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    changed = _text(
        _("What did you change?"),
        _("What is different with you, and why? You can use Markdown, for example a list with dashes."),
    )
    cost_amount = AmountField(label=_("What did it cost you?"), required=False, max_digits=15, min_value=0)
    cost_currency = CurrencyField(label=_("Currency"), required=False, help_text=_("Three letters, for example EUR."))
    result = _text(_("What came out of it?"), _("Measured results first, if there are any yet."))
    drop_reason = _text(
        _("Why did you drop it?"), _("Required if you dropped it. Readers see it as a lesson, which helps them most.")
    )
    language = forms.ChoiceField(label=_("Language of your text"), choices=language_choices)
    contact_title = forms.CharField(
        label=_("Contact: title of the role"), required=False, max_length=120,
        help_text=_("For example: climate coordinator."),
    )  # fmt: skip
    contact_email = forms.EmailField(
        label=_("Contact: role address"),
        required=False,
        help_text=_("The address of a role rather than of a person, so that it still works in five years."),
    )
    own_publication = forms.ModelChoiceField(
        Publication.objects.none(),
        label=_("Your own text about it"),
        required=False,
        empty_label=_("None"),
        help_text=_("If you have written it up here as a practice or a project of your own."),
    )
    edition = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, *args: Any, user: User, members: list[Member], uptake: Uptake | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.uptake, self.members = uptake, members
        state = self.fields["state"]
        state.choices = [  # type: ignore[attr-defined]
            (one, BEGINNINGS[Uptake.State(one)]) for one in states_from(uptake.state if uptake else NEW)
        ]
        if uptake or len(members) == 1:
            del self.fields["member"]
        else:
            field: Any = self.fields["member"]
            field.queryset = Member.objects.filter(pk__in=[one.pk for one in members])
        own: Any = self.fields["own_publication"]
        own.queryset = Publication.objects.visible_to(user).filter(owner_member__in=members).order_by("title", "pk")
        _let_paste(self)
        self.fields["drop_reason"].is_needed = True  # type: ignore[attr-defined]  # the help tells when
        if uptake:
            self.fields["since"].help_text = _("If you choose another state, leave this as it is for today.")

    def clean_edition(self) -> int:
        return self.cleaned_data["edition"] or 0

    def clean_since(self) -> date | None:
        day: date | None = self.cleaned_data["since"]
        if day and not 1900 <= day.year <= timezone.localdate().year:
            raise ValidationError(_("This day cannot be in the future or before 1900."))
        return day

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        reason, state = data.get("drop_reason"), data.get("state")
        known = self.uptake.drop_reason if self.uptake else ""
        if reason and state and state != Uptake.State.DROPPED and reason != known:
            self.add_error("state", _("You wrote why you dropped it. Choose that here, or remove the text."))
        return data

    def facts(self) -> dict[str, Any]:
        """Return what the services want of the form besides the state and the day."""
        return {name: self.cleaned_data[name] for name in FACTS}

    def whose(self) -> Member:
        """Return whose record it is."""
        found: Member = self.cleaned_data.get("member") or self.members[0]
        return found

    def day(self) -> date | None:
        """Return the day that was typed; one left over from the state before says nothing about the new one."""
        day: date | None = self.cleaned_data["since"]
        if self.uptake and self.cleaned_data["state"] != self.uptake.state and day == self.uptake.since:
            return None
        return day


def initial_of(uptake: Uptake) -> dict[str, Any]:
    """Return a record as its form shows it."""
    return {name: getattr(uptake, name) for name in (*FACTS, "state", "since", "edition")}


def first_words(members: list[Member], language: str) -> dict[str, Any]:
    """Return what a new record begins with: the staff contact of the member, where there is only one to choose."""
    words: dict[str, Any] = {"language": language, "state": Uptake.State.CONSIDERING}
    if len(members) == 1 and (contact := members[0].contacts.filter(function=Contact.Function.STAFF).first()):
        words |= {"contact_title": contact.title, "contact_email": contact.email}
    return words


class AnswerForm(forms.Form):
    """What the owner of the original says. A reason is mandatory to decline; the service says so beside the field."""

    answer = forms.ChoiceField(
        label=_("Is it so?"),
        choices=[("confirm", _("Yes, I confirm it")), ("decline", _("No, I do not confirm it"))],
        widget=forms.RadioSelect,
    )
    reason = _text(
        _("Reason"), _("Required if you do not confirm it. The colleague who recorded it gets it by e-mail.")
    )
    edition = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].is_needed = True  # type: ignore[attr-defined]  # the help tells when

    def clean_edition(self) -> int:
        return self.cleaned_data["edition"] or 0


class ListNameForm(forms.Form):
    """The name of a new list."""

    name = forms.CharField(label=_("Name of the new list"), max_length=80)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _let_paste(self)


class ListForm(forms.Form):
    """The name of a list, and with whom it is shared."""

    name = forms.CharField(label=_("Name of the list"), max_length=80)
    shared_with = forms.ModelChoiceField(
        Member.objects.none(),
        label=_("Shared with"),
        required=False,
        empty_label=_("Nobody: only I see it"),
        help_text=_("Everybody who has a role there can read the list with your notes. Only you change it."),
    )

    def __init__(self, *args: Any, members: set[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["shared_with"]
        field.queryset = Member.objects.filter(pk__in=members)
        _let_paste(self)


class SaveForm(forms.Form):
    """Into which list a publication goes: one of the person's own, or a new one."""

    list = forms.ModelChoiceField(
        BookmarkList.objects.none(), label=_("In the list"), required=False, empty_label=_("A new list")
    )
    new_list = forms.CharField(label=_("Name of the new list"), required=False, max_length=80)
    note = forms.CharField(
        label=_("Note"), required=False, max_length=500, help_text=_("What do you want to remember about it?")
    )

    def __init__(self, *args: Any, lists: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["list"]
        field.queryset = lists
        field.widget.attrs["autofocus"] = True  # the page of a publication fetches this form
        for name in ("list", "new_list"):
            self.fields[name].is_needed = True  # type: ignore[attr-defined]  # one of the two
        _let_paste(self)

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if not self.errors and not data.get("list") and not data.get("new_list"):
            self.add_error("new_list", _("Please give the new list a name."))
        return data
