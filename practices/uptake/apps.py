from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class UptakeConfig(AppConfig):
    name = "practices.uptake"
    label = "uptake"

    def ready(self) -> None:
        from config.kit.navigation import Menu, NavItem, register_item
        from config.kit.panels import register_panel
        from members.accounts.personal_data import register_erasure, register_personal_data
        from members.directory.merging import register_merge
        from members.directory.rules import is_in_network
        from practices.library.whole import register_others
        from practices.sharing.archive import register_part
        from practices.uptake import emails, own_data, panels  # noqa: F401 - emails registers its kinds of message
        from practices.uptake.exporting import read_uptake
        from practices.uptake.merging import move_uptake
        from practices.uptake.models import Bookmark, Uptake

        register_others(Bookmark, Uptake)
        register_item(NavItem(_("Saved"), "uptake:list_index", order=35, menu=Menu.OWN, visible=is_in_network))
        register_panel("publication_header", panels.draw_use_it, order=-10)
        register_panel("publication_bottom", panels.draw_who_uses_it)
        register_panel("member", panels.draw_of_member, order=10)
        register_panel("write", panels.draw_waiting)
        register_part("uptake", read_uptake)
        register_merge(move_uptake)
        register_personal_data("saved_publications", own_data.read)
        register_erasure("saved publications", own_data.erase)
