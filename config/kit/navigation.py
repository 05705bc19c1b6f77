"""The main navigation: each room registers its items."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise


def _everybody(_user: Any) -> bool:
    return True


class Menu(StrEnum):
    """Where a link stands: in the row, in the menu of those who work for an office, or in the person's own menu."""

    MAIN = "main"
    DESK = "desk"
    OWN = "own"


@dataclass(frozen=True)
class NavItem:
    """One link. `count` says how many things wait there; None or 0 shows nothing."""

    label: str | Promise
    url_name: str
    order: int
    menu: Menu = Menu.MAIN
    visible: Callable[[Any], bool] = _everybody
    count: Callable[[Any], int] | None = None


@dataclass(frozen=True)
class Link:
    """An item as it is drawn for one person."""

    label: str
    url: str
    current: bool
    count: int
    menu: Menu


@dataclass(frozen=True)
class Navigation:
    """Every link of one person."""

    links: list[Link]

    @property
    def main(self) -> list[Link]:
        return [link for link in self.links if link.menu == Menu.MAIN]

    @property
    def desk(self) -> list[Link]:
        return [link for link in self.links if link.menu == Menu.DESK]

    @property
    def own(self) -> list[Link]:
        return [link for link in self.links if link.menu == Menu.OWN]

    @property
    def desk_count(self) -> int:
        """How much waits at the desk."""
        return sum(link.count for link in self.desk)

    @property
    def own_count(self) -> int:
        """How much waits in the person's own menu."""
        return sum(link.count for link in self.own)

    @property
    def is_at_desk(self) -> bool:
        return any(link.current for link in self.desk)


_items: list[NavItem] = []


def register_item(item: NavItem) -> None:
    """Add `item`; called from an AppConfig's ready()."""
    _items.append(item)
    _items.sort(key=lambda one: one.order)


def navigation_for(request: HttpRequest) -> Navigation:
    """Return the navigation of whoever makes this request."""
    user = request.user
    if not user.is_authenticated:
        return Navigation([])
    links = []
    for item in _items:
        if item.visible(user):
            url = reverse(item.url_name)
            current = request.path == url or (url != "/" and request.path.startswith(url))
            links.append(Link(str(item.label), url, current, item.count(user) if item.count else 0, item.menu))
    return Navigation(links)
