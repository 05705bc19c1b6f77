from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "members.accounts"
    label = "accounts"

    def ready(self) -> None:
        from members.accounts import emails  # noqa: F401 - registers its kinds of message
