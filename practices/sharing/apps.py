from django.apps import AppConfig


class SharingConfig(AppConfig):
    name = "practices.sharing"
    label = "sharing"

    def ready(self) -> None:
        from config.kit.panels import register_panel
        from practices.sharing import panels

        register_panel("publication_list", panels.draw_export)
        register_panel("publication_list_head", panels.draw_feed_links)
        register_panel("saved_search", panels.draw_search_feed)
        register_panel("member", panels.draw_archive, order=90)
        register_panel("publication", panels.draw_take_along, order=50)
