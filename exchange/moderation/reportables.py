"""What can be reported: upper rooms register their things, so that this room never needs to know them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, QuerySet
from django.utils.functional import Promise

from members.accounts.models import User
from members.directory.models import Office


@dataclass(frozen=True)
class Reportable:
    """One kind of thing.

    Attributes:
        name: stands in addresses.
        label: what people call one, "a comment".
        visible_to: what somebody may read, and so may report.
        author_of: who has written it, None where they are gone.
        office_of: whose coordinators decide.
        excerpt: the beginning of what it says, for those who decide.
        url_of: where it stands.
        hide, restore: what the decisions do; called in their transaction.
        hide_label: what hiding is called, where it is something else.
    """

    name: str
    model: type[Model]
    label: str | Promise
    visible_to: Callable[[User], "QuerySet[Any]"]
    author_of: Callable[[Any], User | None]
    office_of: Callable[[Any], Office]
    excerpt: Callable[[Any], str]
    url_of: Callable[[Any], str]
    hide: Callable[[Any], None]
    restore: Callable[[Any], None]
    hide_label: str | Promise = ""

    @property
    def is_person(self) -> bool:
        """Whether it is somebody and not a text of theirs: other words are needed, and nothing disappears."""
        return self.model is User


_by_name: dict[str, Reportable] = {}


def register_reportable(reportable: Reportable) -> None:
    """Let things of a kind be reported; called from an AppConfig's ready()."""
    _by_name[reportable.name] = reportable


def get_reportable(name: str) -> Reportable | None:
    return _by_name.get(name)


def reportable_of(content_type: ContentType) -> Reportable:
    """Return how things of a model are reported.

    Raises:
        LookupError: no room registers it (any more).
    """
    model = content_type.model_class()
    for one in _by_name.values():
        if one.model is model:
            return one
    raise LookupError(f"nothing reports {content_type}")


def office_of_person(user: User | None) -> Office:
    """Return the office that looks after what a person writes: that of their first member, else their own, else the
    world's.
    """
    if user is not None:
        found = Office.objects.filter(members__roles__user=user, members__is_active=True).order_by("members__roles__pk")
        own = Office.objects.filter(roles__user=user).order_by("roles__pk")
        for office in (found.first(), own.first()):
            if office is not None:
                looks_after: Office = office
                return looks_after
    world: Office = Office.objects.filter(parent=None).order_by("pk")[0]
    return world
