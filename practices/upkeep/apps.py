from django.apps import AppConfig


class UpkeepConfig(AppConfig):
    name = "practices.upkeep"
    label = "upkeep"

    def ready(self) -> None:
        from config.kit.panels import register_panel
        from practices.upkeep import emails, panels  # noqa: F401 - emails registers its kinds of message

        register_panel("publication_top", panels.draw_state, order=-10)
        register_panel("publication", panels.draw_confirm, order=80)
        register_panel("write", panels.draw_care, order=10)
