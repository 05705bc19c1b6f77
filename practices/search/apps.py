from django.apps import AppConfig


class SearchConfig(AppConfig):
    name = "practices.search"
    label = "search"

    def ready(self) -> None:
        from config.journal.services import register_listener
        from practices.search.listening import follow_publications

        register_listener(follow_publications)
