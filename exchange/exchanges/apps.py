from django.apps import AppConfig


class ExchangesConfig(AppConfig):
    name = "exchange.exchanges"
    label = "exchanges"

    def ready(self) -> None:
        from exchange.exchanges import emails, own_data  # noqa: F401 - emails registers its kinds of message
        from exchange.exchanges.leaving import erase, hand_over, move_parties
        from members.accounts.personal_data import register_erasure, register_personal_data
        from members.directory.leaving import register_leaving
        from members.directory.merging import register_merge

        register_leaving(hand_over)
        register_merge(move_parties)
        register_personal_data("exchanges", own_data.read)
        register_erasure("exchanges", erase)
