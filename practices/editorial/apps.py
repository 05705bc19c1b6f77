from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EditorialConfig(AppConfig):
    name = "practices.editorial"
    label = "editorial"

    def ready(self) -> None:
        from config.kit.navigation import Menu, NavItem, register_item
        from config.kit.panels import register_panel
        from members.directory.leaving import register_leaving
        from practices.editorial import emails  # noqa: F401 - registers its kinds of message
        from practices.editorial.leaving import hand_over
        from practices.editorial.models import Assessment
        from practices.editorial.panels import draw_history, draw_revise, draw_thread, draw_trust
        from practices.editorial.querysets import named_in_revisions_read_by
        from practices.editorial.rules import reads_revision_that_names
        from practices.library.readers import FileRule, register_file_rule
        from practices.library.whole import register_others

        register_others(Assessment)
        register_leaving(hand_over)
        register_item(NavItem(_("Write"), "editorial:my_work", order=20, visible=_writes))
        register_item(
            NavItem(_("Review"), "editorial:queue", order=40, menu=Menu.DESK, visible=_reviews, count=_waiting)
        )
        register_item(
            NavItem(
                _("Assess"), "editorial:my_assessments", order=45, menu=Menu.DESK, visible=_assesses, count=_to_assess
            )
        )
        register_file_rule(FileRule(named_in_revisions_read_by, reads_revision_that_names))
        register_panel("publication_top", draw_revise)
        register_panel("publication", draw_history, order=90)
        register_panel("publication_aside", draw_trust)
        register_panel("review_thread", draw_thread)


def _writes(user: Any) -> bool:
    from members.directory.rules import roles_of

    return bool(roles_of(user).writes_for or roles_of(user).coordinates)


def _reviews(user: Any) -> bool:
    from members.directory.rules import roles_of

    return bool(roles_of(user).coordinates or roles_of(user).is_administrator)


def _waiting(user: Any) -> int:
    from practices.editorial.models import Revision

    return int(Revision.objects.awaiting_review_by(user).count())


def _assesses(user: Any) -> bool:
    from members.directory.rules import roles_of

    return bool(roles_of(user).expert_at)


def _to_assess(user: Any) -> int:
    from practices.editorial.models import Assessment

    return int(Assessment.objects.open().filter(expert=user).count())
