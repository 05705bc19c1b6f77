from django.apps import AppConfig


class LibraryConfig(AppConfig):
    name = "practices.library"
    label = "library"
