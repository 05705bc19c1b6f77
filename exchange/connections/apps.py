from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConnectionsConfig(AppConfig):
    name = "exchange.connections"
    label = "connections"

    def ready(self) -> None:
        from config.kit.navigation import Menu, NavItem, register_item
        from config.kit.panels import register_panel
        from exchange.connections import emails, own_data, panels  # noqa: F401 - emails registers its kinds of message
        from exchange.connections.queries import are_connected
        from members.accounts.personal_data import register_erasure, register_personal_data
        from members.directory.rules import is_in_network
        from members.people.seeing import register_connection

        register_connection(are_connected)
        register_item(
            NavItem(_("Connections"), "connections:connection_list", order=34, menu=Menu.OWN, visible=is_in_network)
        )
        register_panel("person", panels.draw_connection, order=-10)
        register_panel("person_row", panels.draw_way_to)
        register_panel("subscription", panels.draw_leaving)
        register_personal_data("connections", own_data.read)
        register_erasure("connections", own_data.erase)
