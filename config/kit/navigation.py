"""The main navigation: each room registers its items."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise


def _everybody(_user: Any) -> bool:
    return True


@dataclass(frozen=True)
class NavItem:
    """One link. `count` says how many things wait there; None or 0 shows nothing."""

    label: str | Promise
    url_name: str
    order: int
    visible: Callable[[Any], bool] = _everybody
    count: Callable[[Any], int] | None = None


@dataclass(frozen=True)
class Link:
    """An item as it is drawn for one person."""

    label: str
    url: str
    current: bool
    count: int


_items: list[NavItem] = []


def register_item(item: NavItem) -> None:
    """Add `item`; called from an AppConfig's ready()."""
    _items.append(item)
    _items.sort(key=lambda one: one.order)


def links_for(request: HttpRequest) -> list[Link]:
    """Return the navigation of whoever makes this request."""
    user = request.user
    if not user.is_authenticated:
        return []
    links = []
    for item in _items:
        if item.visible(user):
            url = reverse(item.url_name)
            current = request.path == url or (url != "/" and request.path.startswith(url))
            links.append(Link(str(item.label), url, current, item.count(user) if item.count else 0))
    return links
