from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class JoiningConfig(AppConfig):
    name = "members.joining"
    label = "joining"

    def ready(self) -> None:
        from config.kit.navigation import Menu, NavItem, register_item
        from config.ops.retention import register_retention
        from members.accounts.personal_data import register_erasure, register_personal_data
        from members.directory.history import register_acts
        from members.fees.payments import register_paid
        from members.joining import emails, own_data  # noqa: F401 - emails registers its kinds of message
        from members.joining.deciding import activate_paid
        from members.joining.history import tell_joined
        from members.joining.querysets import count_waiting
        from members.joining.rules import decides_anywhere
        from members.joining.services import KEPT_UNFINISHED, forget_unfinished

        register_paid(activate_paid)
        register_personal_data("applications", own_data.read)
        register_erasure("applications", own_data.erase)
        register_acts(["joined_network"], tell_joined)
        unfinished = _("Applications that nobody has finished")
        register_retention("unfinished applications", KEPT_UNFINISHED.days, forget_unfinished, label=unfinished)
        place = "joining:application_list"
        register_item(
            NavItem(_("Membership"), place, order=54, menu=Menu.DESK, visible=decides_anywhere, count=count_waiting)
        )
