from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DirectoryConfig(AppConfig):
    name = "members.directory"
    label = "directory"

    def ready(self) -> None:
        from config.kit.navigation import NavItem, register_item
        from members.directory import emails  # noqa: F401 - registers its kinds of message
        from members.directory.history import SIMPLE, register_acts, tell_own
        from members.directory.rules import is_in_network

        register_acts([*SIMPLE, "member_changed", "contacts_changed", "merged"], tell_own)

        register_item(NavItem(_("Members"), "directory:member_list", order=30, visible=is_in_network))
