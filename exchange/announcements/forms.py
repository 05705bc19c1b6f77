"""What an office wants to say, to whom, and when."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from config.kit.forms import long_text
from config.vocabulary.models import Topic
from exchange.announcements.models import FIRST_LANGUAGE, LONGEST, Announcement, Text
from members.accounts.models import User
from members.directory.models import Office
from members.directory.rules import roles_of


class AnnouncementForm(forms.Form):
    """From which office, to whom, and the text in each language of the interface."""

    edition = forms.IntegerField(widget=forms.HiddenInput)
    office = forms.ModelChoiceField(Office.objects.none(), label=_("From"), empty_label=None)
    topic = forms.ModelChoiceField(
        Topic.objects.all(),
        label=_("To"),
        required=False,
        empty_label=_("Everybody there"),
        help_text=_("With a topic: who follows it, or whose organisation has published on it."),
    )
    is_important = forms.BooleanField(
        label=_("Also to those who want no announcements"),
        required=False,
        help_text=_("For what everybody has to know, such as new terms of use."),
    )

    def __init__(self, *args: Any, by: User, announcement: Announcement | None = None, **kwargs: Any) -> None:
        kwargs["initial"] = _initial(announcement)
        super().__init__(*args, **kwargs)
        roles = roles_of(by)
        offices = Office.objects.all() if roles.is_administrator else Office.objects.filter(pk__in=roles.coordinates)
        self.fields["office"].queryset = offices.order_by("pk")  # type: ignore[attr-defined]
        if not by.has_perm("announcements.mark_important"):
            del self.fields["is_important"]
        most = Text._meta.get_field("subject").max_length
        for code, name in settings.LANGUAGES:
            needed = code == FIRST_LANGUAGE
            self.fields[f"subject_{code}"] = forms.CharField(
                label=_("Subject, %(language)s") % {"language": name}, max_length=most, required=needed,
                widget=forms.TextInput(attrs={"lang": code}),
            )  # fmt: skip
            self.fields[f"body_{code}"] = long_text(
                _("Text, %(language)s") % {"language": name}, most=LONGEST, rows=10, required=needed,
                help_text=_("Markdown: **bold**, [words](https://…), lists with -.") if needed else "",
            )  # fmt: skip

    def values(self) -> dict[str, Any]:
        """Return what services want, from a form that is valid."""
        data = self.cleaned_data
        texts = {code: (data[f"subject_{code}"], data[f"body_{code}"]) for code, _name in settings.LANGUAGES}
        return {
            "office": data["office"],
            "topic": data["topic"],
            "is_important": data.get("is_important", False),
            "texts": texts,
        }


class ScheduleForm(forms.Form):
    """When it goes out; empty is at once."""

    edition = forms.IntegerField(widget=forms.HiddenInput)
    send_at = forms.DateTimeField(
        label=_("When"),
        required=False,
        help_text=_("Your own time. Empty: at once."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
    )


def _initial(announcement: Announcement | None) -> dict[str, Any]:
    if announcement is None:
        return {"edition": 0}
    found: dict[str, Any] = {
        "edition": announcement.edition,
        "office": announcement.office_id,
        "topic": announcement.topic_id,
        "is_important": announcement.is_important,
    }
    for text in announcement.texts.all():
        found |= {f"subject_{text.language}": text.subject, f"body_{text.language}": text.body}
    return found
