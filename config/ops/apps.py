from django.apps import AppConfig


class OpsConfig(AppConfig):
    name = "config.ops"
    label = "ops"

    def ready(self) -> None:
        from config.ops import checks, registry

        registry.register_check("database", checks.database)
        registry.register_check("cache", checks.cache)
        registry.register_check("migrations", checks.migrations)
        registry.register_check("uploads", checks.uploads)
        registry.register_metrics(checks.heartbeats)
