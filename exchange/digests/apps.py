from django.apps import AppConfig


class DigestsConfig(AppConfig):
    name = "exchange.digests"
    label = "digests"
