from django.apps import AppConfig
from django.db.models.signals import post_migrate


class VocabularyConfig(AppConfig):
    name = "config.vocabulary"
    label = "vocabulary"

    def ready(self) -> None:
        from config.vocabulary.services import load_terms

        post_migrate.connect(load_terms, sender=self)
