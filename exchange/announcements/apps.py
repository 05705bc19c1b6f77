from django.apps import AppConfig


class AnnouncementsConfig(AppConfig):
    name = "exchange.announcements"
    label = "announcements"

    def ready(self) -> None:
        from config.kit.panels import register_panel
        from exchange.announcements import emails, own_data, panels  # noqa: F401 - emails registers its kind of message
        from members.accounts.personal_data import register_erasure, register_personal_data

        register_personal_data("announcements", own_data.read)
        register_erasure("announcements", own_data.erase)
        register_panel("outgoing mail", panels.draw_link)
        register_panel("subscription", panels.draw_leaving)
