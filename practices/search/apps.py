from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SearchConfig(AppConfig):
    name = "practices.search"
    label = "search"

    def ready(self) -> None:
        from config.journal.services import register_listener
        from config.kit.navigation import NavItem, register_item
        from config.kit.panels import register_panel
        from members.accounts.personal_data import register_erasure, register_personal_data
        from members.directory.rules import is_in_network
        from practices.search import own_data
        from practices.search.listening import follow_publications
        from practices.search.related import draw_related

        register_item(NavItem(_("Practices"), "search:publication_list", order=10, visible=is_in_network))
        register_personal_data("saved_searches", own_data.read)
        register_erasure("saved searches", own_data.erase)
        register_listener(follow_publications)
        register_panel("publication_bottom", draw_related, order=20)
