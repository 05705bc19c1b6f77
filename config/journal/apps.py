from django.apps import AppConfig


class JournalConfig(AppConfig):
    name = "config.journal"
    label = "journal"
