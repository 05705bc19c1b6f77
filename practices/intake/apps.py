from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "practices.intake"
    label = "intake"

    def ready(self) -> None:
        from practices.intake import emails  # noqa: F401 - registers its kind of message
