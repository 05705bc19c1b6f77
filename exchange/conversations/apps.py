from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConversationsConfig(AppConfig):
    name = "exchange.conversations"
    label = "conversations"

    def ready(self) -> None:
        from config.kit.navigation import Menu, NavItem, register_item
        from config.kit.panels import register_panel
        from exchange.conversations import emails, group_emails, own_data, panels  # noqa: F401 - e-mails register their kinds of message
        from exchange.conversations.grouping import hand_over_groups
        from exchange.conversations.models import Comment, Thread
        from exchange.conversations.reporting import COMMENT, FILE, GROUP, MEETING, POST
        from exchange.moderation.reportables import register_reportable
        from members.accounts.personal_data import register_erasure, register_personal_data
        from members.directory.leaving import register_leaving
        from members.directory.rules import is_in_network
        from practices.library.whole import register_others

        register_others(Comment)
        for reportable in (COMMENT, POST, GROUP, MEETING, FILE):
            register_reportable(reportable)
        register_item(
            NavItem(
                _("Messages"),
                "conversations:thread_list",
                order=33,
                menu=Menu.OWN,
                visible=is_in_network,
                count=lambda user: Thread.objects.unread_by(user).count(),
            )
        )
        register_item(NavItem(_("Groups"), "conversations:group_list", order=34, visible=is_in_network))
        register_panel("publication_bottom", panels.draw_talk, order=10)
        register_panel("office", panels.draw_of_office)
        register_panel("subscription", panels.draw_delivery)
        register_panel("person", panels.draw_write_to, order=-5)
        register_personal_data("comments", own_data.read_comments)
        register_personal_data("messages", own_data.read_posts)
        register_personal_data("groups", own_data.read_groups)
        register_personal_data("delivery", own_data.read_delivery)
        register_erasure("conversations", own_data.erase)
        register_leaving(hand_over_groups)
