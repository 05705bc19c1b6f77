from django.apps import AppConfig


class FeesConfig(AppConfig):
    name = "members.fees"
    label = "fees"

    def ready(self) -> None:
        from config.kit.panels import register_panel
        from members.fees import emails  # noqa: F401 - registers its kind of message
        from members.fees.panels import draw_fees

        register_panel("member", draw_fees, order=95)
