from django.apps import AppConfig


class PeersConfig(AppConfig):
    name = "exchange.peers"
    label = "peers"

    def ready(self) -> None:
        from exchange.peers import emails  # noqa: F401 - registers its kinds of message
        from exchange.peers.services import release_notices
        from members.directory.leaving import register_leaving

        register_leaving(release_notices)
