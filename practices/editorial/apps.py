from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EditorialConfig(AppConfig):
    name = "practices.editorial"
    label = "editorial"

    def ready(self) -> None:
        from config.kit.navigation import NavItem, register_item
        from config.kit.panels import register_panel
        from practices.editorial import emails  # noqa: F401 - registers its kinds of message
        from practices.editorial.panels import draw_history, draw_revise

        register_item(NavItem(_("Write"), "editorial:my_work", order=20, visible=_writes))
        register_item(NavItem(_("Review"), "editorial:queue", order=40, visible=_reviews, count=_waiting))
        register_panel("publication_top", draw_revise)
        register_panel("publication", draw_history, order=90)


def _writes(user: Any) -> bool:
    from members.directory.rules import roles_of

    return bool(roles_of(user).writes_for or roles_of(user).coordinates)


def _reviews(user: Any) -> bool:
    from members.directory.rules import roles_of

    return bool(roles_of(user).coordinates or roles_of(user).is_administrator)


def _waiting(user: Any) -> int:
    from practices.editorial.models import Revision

    return int(Revision.objects.awaiting_review_by(user).count())
