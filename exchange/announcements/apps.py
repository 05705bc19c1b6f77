from django.apps import AppConfig


class AnnouncementsConfig(AppConfig):
    name = "exchange.announcements"
    label = "announcements"

    def ready(self) -> None:
        from config.kit.panels import register_panel
        from exchange.announcements import emails, panels  # noqa: F401 - emails registers its kind of message

        register_panel("outgoing mail", panels.draw_link)
        register_panel("subscription", panels.draw_leaving)
