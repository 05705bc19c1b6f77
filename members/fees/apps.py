from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FeesConfig(AppConfig):
    name = "members.fees"
    label = "fees"

    def ready(self) -> None:
        from config.kit.navigation import NavItem, register_item
        from config.kit.panels import register_panel
        from members.fees import emails  # noqa: F401 - registers its kind of message
        from members.fees.panels import draw_fees
        from members.fees.rules import keeps_books

        register_item(NavItem(_("Fees"), "fees:invoice_list", order=55, visible=keeps_books))
        register_panel("member", draw_fees, order=95)
