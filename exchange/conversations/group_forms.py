"""Groups, who is invited, what they keep and when they meet."""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.kit.forms import long_text
from config.kit.time_zones import time_zone_choices, zone_or_utc
from exchange.conversations.forms import PostForm
from exchange.conversations.models import Group, GroupEvent
from exchange.conversations.models.comments import LONGEST
from members.accounts.models import User
from members.directory.models import Office
from members.directory.rules import roles_of
from members.people.seeing import people_visible_to


class GroupForm(forms.ModelForm[Group]):
    """What a group says of itself, and who can join it. The service writes it."""

    about = long_text(gettext_lazy("What is it for?"), gettext_lazy("You can use Markdown."), most=LONGEST, rows=6)

    class Meta:
        model = Group
        fields = ("name", "kind", "admission", "topic", "office", "about")
        widgets = {"kind": forms.RadioSelect, "admission": forms.RadioSelect}

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles, office = roles_of(by), self.fields["office"]
        offices = Office.objects.all() if roles.is_administrator else Office.objects.filter(pk__in=roles.coordinates)
        office.queryset = (offices | Office.objects.filter(pk=self.instance.office_id or 0)).distinct()  # type: ignore[attr-defined]
        if office.queryset.exists():  # type: ignore[attr-defined]
            self.fields["topic"].help_text = _("A group is about a topic, or of an office, or both.")
        else:
            del self.fields["office"]
            self.fields["topic"].required = True
        self.fields["name"].widget.attrs.pop("maxlength", None)

    def _post_clean(self) -> None:
        """Leave the row alone: the service writes it, and checks it as a whole."""


class DiscussionForm(PostForm):
    """The first message of a discussion."""

    subject = forms.CharField(label=gettext_lazy("What is it about?"), max_length=120)

    field_order = ("subject", "text")


class AskForm(forms.Form):
    """Why somebody wants to join."""

    message = long_text(gettext_lazy("Why do you want to join?"), most=2_000, rows=3, required=False)


class InviteForm(forms.Form):
    """Somebody of the network, by name."""

    name = forms.CharField(
        label=gettext_lazy("Name of the person"),
        max_length=120,
        help_text=gettext_lazy(
            "As it stands on their page. If several people are called so, write their e-mail address."
        ),
    )

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by

    def clean_name(self) -> User:
        """Return the one person who is called so, or whose address it is."""
        typed: str = self.cleaned_data["name"]
        column = "email__iexact" if "@" in typed else "name__iexact"
        found = list(people_visible_to(self.by).filter(**{column: typed}).order_by("pk")[:2])
        if not found:
            raise ValidationError(_("Nobody in the network is called so."))
        if len(found) > 1:
            raise ValidationError(_("Several people are called so. Please write the e-mail address."))
        return found[0]


class FileForm(forms.Form):
    file = forms.FileField(label=gettext_lazy("A document or a picture"))


class WallTimeField(forms.DateTimeField):
    """A day and a time as clocks at some place show it; which place, another field says."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"], **kwargs)

    def to_python(self, value: Any) -> datetime | None:
        with timezone.override(UTC):
            found = super().to_python(value)
        return found.replace(tzinfo=None) if found else None


class EventForm(forms.Form):
    """When and where a group meets."""

    title = forms.CharField(label=gettext_lazy("Title"), max_length=120)
    starts_at = WallTimeField(label=gettext_lazy("Begins"))
    ends_at = WallTimeField(label=gettext_lazy("Ends"))
    time_zone = forms.ChoiceField(
        label=gettext_lazy("Time zone"),
        choices=time_zone_choices,
        help_text=gettext_lazy("The times above are those of this zone."),
    )
    place = forms.CharField(label=gettext_lazy("Where"), max_length=200, required=False)
    link = forms.URLField(label=gettext_lazy("Link to join"), required=False, assume_scheme="https")
    about = long_text(gettext_lazy("What happens there?"), most=LONGEST, rows=4, required=False)

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        for name in ("starts_at", "ends_at"):
            if data.get(name) and data.get("time_zone"):
                data[name] = self._at(name)
        return data

    def _at(self, name: str) -> datetime | None:
        """Return the moment; a time that clocks skip there, when summer time begins, is no time at all."""
        typed: datetime = self.cleaned_data[name]
        try:
            moment = typed.replace(tzinfo=zone_or_utc(self.cleaned_data["time_zone"])).astimezone(UTC)
        except OverflowError:
            self.add_error(name, _("This day is too far away."))
            return None
        if moment.astimezone(zone_or_utc(self.cleaned_data["time_zone"])).replace(tzinfo=None) != typed:
            self.add_error(name, _("There is no such time there on that day: clocks are put forward."))
        return moment


def event_initial(event: GroupEvent | None, by: User) -> dict[str, Any]:
    """Return what the form of an event begins with."""
    if event is None:
        return {"time_zone": by.time_zone}
    facts = {name: getattr(event, name) for name in ("title", "time_zone", "place", "link", "about")}
    moments = {
        name: getattr(event, name).astimezone(event.zone).replace(tzinfo=None) for name in ("starts_at", "ends_at")
    }
    return facts | moments
