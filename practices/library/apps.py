from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LibraryConfig(AppConfig):
    name = "practices.library"
    label = "library"

    def ready(self) -> None:
        from django.db.models.signals import pre_delete

        from config.kit.panels import register_panel
        from config.vocabulary.models import Goal, Pathway, Topic
        from members.accounts.personal_data import (
            register_erasure,
            register_personal_data,
            register_personal_files,
        )
        from members.directory.figures import register_figure
        from members.directory.history import register_acts
        from members.directory.merging import register_merge
        from practices.library import own_data
        from practices.library.figures import count_publications
        from practices.library.history import ACTS, tell_publications
        from practices.library.merging import move_publications
        from practices.library.models import refuse_used_term
        from practices.library.panels import draw_publications_of

        register_personal_data("texts", own_data.read)
        register_personal_files("files", own_data.read_files)
        register_erasure("what was read", own_data.erase)
        register_merge(move_publications)
        register_figure(_("Practices and projects"), count_publications)
        register_acts(list(ACTS), tell_publications)
        register_panel("member", draw_publications_of)
        register_panel("office", draw_publications_of)
        for model in (Pathway, Topic, Goal):
            pre_delete.connect(refuse_used_term, sender=model)
