from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OutgoingConfig(AppConfig):
    name = "members.outgoing"
    label = "outgoing"

    def ready(self) -> None:
        from config.kit.navigation import Menu, NavItem, register_item
        from members.outgoing.rules import reads_mail

        register_item(NavItem(_("Mail"), "outgoing:message_list", order=50, menu=Menu.DESK, visible=reads_mail))
