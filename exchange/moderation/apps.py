from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ModerationConfig(AppConfig):
    name = "exchange.moderation"
    label = "moderation"

    def ready(self) -> None:
        from config.kit.navigation import Menu, NavItem, register_item
        from config.kit.panels import register_panel
        from exchange.moderation import emails, own_data, panels  # noqa: F401 - emails registers its kinds of message
        from exchange.moderation.reportables import register_reportable
        from exchange.moderation.rules import moderates
        from exchange.moderation.silences import PERSON
        from members.accounts.personal_data import register_erasure, register_personal_data

        register_reportable(PERSON)
        register_item(NavItem(_("Reports"), "moderation:queue", order=46, menu=Menu.DESK, visible=moderates))
        register_panel("person", panels.draw_report, order=90)
        register_personal_data("reports", own_data.read)
        register_erasure("reports", own_data.erase)
