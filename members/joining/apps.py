from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class JoiningConfig(AppConfig):
    name = "members.joining"
    label = "joining"

    def ready(self) -> None:
        from config.kit.navigation import NavItem, register_item
        from members.fees.payments import register_paid
        from members.joining import emails  # noqa: F401 - registers its kinds of message
        from members.joining.deciding import activate_paid
        from members.joining.querysets import count_waiting
        from members.joining.rules import decides_anywhere

        register_paid(activate_paid)
        place = "joining:application_list"
        register_item(NavItem(_("Membership"), place, order=54, visible=decides_anywhere, count=count_waiting))
