from django.apps import AppConfig


class KitConfig(AppConfig):
    name = "config.kit"
    label = "kit"

    def ready(self) -> None:
        from config.kit.forms import tidy_text_fields

        tidy_text_fields()
