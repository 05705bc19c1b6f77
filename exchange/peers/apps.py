from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PeersConfig(AppConfig):
    name = "exchange.peers"
    label = "peers"

    def ready(self) -> None:
        from config.kit.navigation import NavItem, register_item
        from config.kit.panels import register_panel
        from exchange.peers import emails, own_data, panels  # noqa: F401 - emails registers its kinds of message
        from exchange.peers.merging import move_notices
        from exchange.peers.services import release_notices
        from members.accounts.personal_data import register_personal_data
        from members.directory.leaving import register_leaving
        from members.directory.merging import register_merge
        from members.directory.rules import is_in_network

        register_item(NavItem(_("Peers"), "peers:home", order=20, visible=is_in_network))
        register_panel("publication_header", panels.draw_ask_the_owner, order=-5)
        register_panel("member", panels.draw_of_member, order=20)
        register_leaving(release_notices)
        register_merge(move_notices)
        register_personal_data("asks_and_offers", own_data.read_notices)
        register_personal_data("suggestions_refused", own_data.read_dismissals)
        register_personal_data("members_proposed", own_data.read_introductions)
