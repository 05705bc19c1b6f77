from django.apps import AppConfig


class DirectoryConfig(AppConfig):
    name = "members.directory"
    label = "directory"
