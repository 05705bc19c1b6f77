from django.apps import AppConfig


class ConversationsConfig(AppConfig):
    name = "exchange.conversations"
    label = "conversations"
