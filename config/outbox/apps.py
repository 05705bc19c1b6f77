from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "config.outbox"
    label = "outbox"

    def ready(self) -> None:
        from config.ops import registry
        from config.outbox import feedback, observing  # noqa: F401 - feedback listens to what mail services report

        registry.register_check("sender", observing.sender)
        registry.register_check("waiting mail", observing.waiting_mail)
        registry.register_check("ledger", observing.ledger)
        registry.register_metrics(observing.collect)
