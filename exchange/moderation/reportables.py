"""What can be reported: upper rooms register their things, so that this room never needs to know them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, Q, QuerySet
from django.utils.functional import Promise

from members.accounts.models import User
from members.directory.models import Office

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


@dataclass(frozen=True)
class Reportable:
    """One kind of thing.

    Attributes:
        name: stands in addresses.
        label: what people call one, "a comment".
        visible_to: what somebody may read, and so may report.
        author_of: who has written it; None where they are gone, or where it is not one person's.
        office_of: whose coordinators decide.
        excerpt: the beginning of what it says, for those who decide.
        url_of: where it stands.
        hide, restore: what the decisions do; called in their transaction.
        hide_label: what hiding is called, where it is something else.
        keepers_of, kept_by: who answers for it, and for which things somebody does, where that is not its author: they
            are told, can appeal, and do not decide.
        opens_at: the address of what those who decide must open to judge it, where the words alone do not say it.
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
    keepers_of: "Callable[[Any], QuerySet[User]] | None" = None
    kept_by: "Callable[[User | AnonymousUser], QuerySet[Any]] | None" = None
    opens_at: Callable[[Any], str] | None = None

    @property
    def is_person(self) -> bool:
        """Whether it is somebody and not a text of theirs: other words are needed, and nothing disappears."""
        return self.model is User

    @property
    def is_kept(self) -> bool:
        """Whether several people answer for it, whoever has written it."""
        return self.kept_by is not None

    def is_of(self, user: "User | AnonymousUser", pk: int, author: int | None) -> bool:
        """Whether `user` has written the thing with the key `pk`, or answers for it."""
        if user.pk is None:
            return False
        return author == user.pk or bool(self.kept_by and self.kept_by(user).filter(pk=pk).exists())


_by_name: dict[str, Reportable] = {}


def register_reportable(reportable: Reportable) -> None:
    """Let things of a kind be reported; called from an AppConfig's ready()."""
    _by_name[reportable.name] = reportable


def get_reportable(name: str) -> Reportable | None:
    return _by_name.get(name)


def about_things_of(user: "User | AnonymousUser") -> Q:
    """Return which cases are about what `user` has written or answers for: `is_of`, for many."""
    found = Q(author=user.pk or 0)
    for one in _by_name.values():
        if one.kept_by:
            kind = Q(content_type__app_label=one.model._meta.app_label, content_type__model=one.model._meta.model_name)
            found |= kind & Q(object_id__in=one.kept_by(user).values("pk"))
    return found


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
