"""What an upper room shows on a lower room's page: it registers a panel for a place, the page draws them all."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.safestring import SafeString

Draw = Callable[[HttpRequest, Any], SafeString | str]


@dataclass(frozen=True)
class Panel:
    """A piece of a page. `draw` returns HTML, or an empty string where it has nothing to show."""

    draw: Draw
    order: int


_panels: dict[str, list[Panel]] = {}


def register_panel(place: str, draw: Draw, *, order: int = 0) -> None:
    """Show `draw(request, object)` at `place`; called from an AppConfig's ready(). Low orders come first."""
    panels = _panels.setdefault(place, [])
    panels.append(Panel(draw, order))
    panels.sort(key=lambda panel: panel.order)


def draw_panels(place: str, request: HttpRequest, subject: Any) -> list[SafeString | str]:
    """Return what the panels of `place` show for `subject`; a template that drew only white space shows nothing."""
    return [text for panel in _panels.get(place, []) if (text := panel.draw(request, subject)).strip()]
