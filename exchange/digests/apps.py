from django.apps import AppConfig


class DigestsConfig(AppConfig):
    name = "exchange.digests"
    label = "digests"

    def ready(self) -> None:
        from exchange.digests import emails  # noqa: F401 - registers its kind of message
