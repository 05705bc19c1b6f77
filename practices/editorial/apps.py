from django.apps import AppConfig


class EditorialConfig(AppConfig):
    name = "practices.editorial"
    label = "editorial"
