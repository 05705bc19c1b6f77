from django.apps import AppConfig


class DigestsConfig(AppConfig):
    name = "exchange.digests"
    label = "digests"

    def ready(self) -> None:
        from config.ops import registry
        from exchange.digests import alert_emails, emails, observing, own_data  # noqa: F401 - e-mails register their kinds of message
        from members.accounts.personal_data import register_erasure, register_personal_data

        register_personal_data("subscription", own_data.read)
        register_erasure("subscription", own_data.erase)
        registry.register_check("planner", observing.planner)
        registry.register_check("due digests", observing.due_digests)
        registry.register_metrics(observing.collect)
