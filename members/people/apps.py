from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    name = "members.people"
    label = "people"
    verbose_name = _("People")

    def ready(self) -> None:
        from config.kit.navigation import Menu, NavItem, register_item
        from config.kit.panels import register_panel
        from members.accounts.second_factor import register_role
        from members.directory.merging import register_merge
        from members.directory.rules import roles_of
        from members.people import emails, own_data, panels  # noqa: F401 - emails registers its kinds of message
        from members.people.merging import move_requests

        own_data.register()
        register_merge(move_requests)
        register_item(NavItem(_("Personal data"), "people:event_list", order=95, menu=Menu.DESK, visible=_administers))
        register_panel("member", panels.draw_requests, order=-10)
        register_panel("profile", panels.draw_places)
        register_role("coordinator", lambda user: bool(roles_of(user).coordinates))
        register_role("expert", lambda user: bool(roles_of(user).expert_at))
        register_role("liaison", lambda user: bool(roles_of(user).liaison_of))
        register_role("contributor", lambda user: bool(roles_of(user).writes_for - roles_of(user).liaison_of))
        register_role("reader", lambda user: bool(roles_of(user).members - roles_of(user).writes_for))


def _administers(user: Any) -> bool:
    return bool(user.is_administrator)
