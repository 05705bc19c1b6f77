"""What happened at a member, in words, from the journal. Upper rooms name the acts that they write."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.journal.models import Entry
from members.accounts.models import User
from members.directory.models import Contact, Member

SHOWN = 20
Reader = User | AnonymousUser


@dataclass(frozen=True)
class Said:
    """An act in words, and where its object is; an empty address where it is nowhere."""

    text: str | Promise
    url: str = ""


@dataclass(frozen=True)
class Act:
    """What the page shows of one act."""

    at: datetime
    by: User | None
    said: Said


# Return what to say of entries, by their primary keys; those left out are not shown to this reader.
Tell = Callable[[Sequence[Entry], Reader], Mapping[int, Said]]
_tellers: dict[str, Tell] = {}


def register_acts(verbs: Sequence[str], tell: Tell) -> None:
    """Let `tell` put entries with one of `verbs` into words; called from an AppConfig's ready().

    It is asked for all of them at once, and may make one query. What it tells, everybody in the network reads.
    """
    for verb in verbs:
        _tellers[verb] = tell


def read_history(member: Member, reader: Reader) -> list[Act]:
    """Return the last acts that concern a member, the newest first; only those that somebody has named."""
    rows = Entry.objects.filter(member_id=member.pk, verb__in=_tellers).select_related("by").order_by("-pk")
    entries = list(rows[:SHOWN])
    said: dict[int, Said] = {}
    for tell in dict.fromkeys(_tellers.values()):
        if mine := [one for one in entries if _tellers[one.verb] is tell]:
            said |= tell(mine, reader)
    return [Act(one.at, one.by, said[one.pk]) for one in entries if one.pk in said]


SIMPLE = {
    "joined": gettext_lazy("Joined as a person of this member"),
    "member_added": gettext_lazy("The member was added"),
}


def tell_own(entries: Sequence[Entry], _reader: Reader) -> dict[int, Said]:
    """Tell what happened to the member itself."""
    return {one.pk: Said(_in_words(one)) for one in entries}


def _in_words(entry: Entry) -> str | Promise:
    if entry.verb == "member_changed":
        labels = [_label(name) for name in entry.details.get("fields", [])]
        return _("Changed: %(what)s") % {"what": ", ".join(labels)}
    if entry.verb == "contacts_changed":
        functions = dict(Contact.Function.choices)
        labels = [str(functions[one]) for one in entry.details.get("functions", []) if one in functions]
        return _("Contacts changed: %(what)s") % {"what": ", ".join(labels)}
    if entry.verb == "merged":
        return _("Took in %(member)s") % {"member": entry.details.get("member", "")}
    return SIMPLE[entry.verb]


def _label(name: str) -> str:
    known = {field.name: field for field in Member._meta.get_fields()}
    return str(getattr(known.get(name), "verbose_name", name))
