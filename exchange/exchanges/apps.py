from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ExchangesConfig(AppConfig):
    name = "exchange.exchanges"
    label = "exchanges"

    def ready(self) -> None:
        from config.kit.navigation import NavItem, register_item
        from config.kit.panels import register_panel
        from exchange.exchanges import emails, own_data, panels  # noqa: F401 - emails registers its kinds of message
        from exchange.exchanges.leaving import erase, hand_over, move_parties
        from members.accounts.personal_data import register_erasure, register_personal_data
        from members.directory.leaving import register_leaving
        from members.directory.merging import register_merge
        from members.directory.rules import is_in_network

        register_item(NavItem(_("Exchanges"), "exchanges:exchange_list", order=22, visible=is_in_network))
        register_panel("notice", panels.draw_of_notice)
        register_panel("introduction", panels.draw_of_introduction)
        register_panel("suggestion", panels.draw_of_match)
        register_panel("member", panels.draw_of_member, order=25)
        register_panel("connection", panels.draw_of_connection)
        register_leaving(hand_over)
        register_merge(move_parties)
        register_personal_data("exchanges", own_data.read)
        register_erasure("exchanges", erase)
