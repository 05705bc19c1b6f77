from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "config.outbox"
    label = "outbox"

    def ready(self) -> None:
        from config.outbox import feedback  # noqa: F401 - listens to what mail services report
