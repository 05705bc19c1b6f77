from django.apps import AppConfig


class TranslationsConfig(AppConfig):
    name = "practices.translations"
    label = "translations"

    def ready(self) -> None:
        from config.kit.panels import register_panel
        from practices.library.pages import register_reading
        from practices.library.whole import register_others
        from practices.translations import emails  # noqa: F401 - registers its kind of message
        from practices.translations.models import Translation
        from practices.translations.panels import draw_languages
        from practices.translations.reading import choose_reading

        register_others(Translation)
        register_reading(choose_reading)
        register_panel("publication_header", draw_languages)
