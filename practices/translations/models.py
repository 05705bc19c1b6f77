"""The texts of a publication in another language; everything else is entered once and stands in the publication."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from config.kit.countries import language_name
from members.accounts.models import User
from practices.library.models import Publication
from practices.translations.querysets import TranslationQuerySet


class Translation(models.Model):
    """One language. Readers see it once it is approved."""

    class Origin(models.TextChoices):
        HUMAN = "human", _("Translated by a person")
        MACHINE = "machine", _("Translated by a machine")

    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="translations")
    language = models.CharField(_("language"), max_length=12)
    origin = models.CharField(_("how it was made"), max_length=8, choices=Origin.choices, default=Origin.HUMAN)
    texts: "models.JSONField[dict[str, str], dict[str, str]]" = models.JSONField(default=dict)  # by name of the field
    # What the texts were when they were translated: whatever differs now makes the translation stale.
    source: "models.JSONField[dict[str, str], dict[str, str]]" = models.JSONField(default=dict)
    edition = models.PositiveIntegerField(default=1)  # goes up by one at every save
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    saved_at = models.DateTimeField(auto_now_add=True)
    approved_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)
    # What should be changed before it can be approved; gone with the next edition, or once it is approved after all.
    sent_back_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    sent_back_at = models.DateTimeField(null=True, blank=True)
    sent_back_reason = models.TextField(blank=True)

    objects: ClassVar[TranslationQuerySet] = TranslationQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["publication", "language"], name="translations_one_a_language"),
            models.CheckConstraint(
                name="translations_approver_has_time", condition=Q(approved_by=None) | Q(approved_at__isnull=False)
            ),
            models.CheckConstraint(
                name="translations_sent_back_is_not_approved",
                condition=Q(sent_back_at=None, sent_back_reason="")
                | (Q(sent_back_at__isnull=False, approved_at=None) & ~Q(sent_back_reason="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.publication} ({self.language})"

    def get_absolute_url(self) -> str:
        return reverse("translations:translation_edit", args=[self.publication_id, self.language])

    @property
    def language_name(self) -> str:
        return language_name(self.language)

    @property
    def is_approved(self) -> bool:
        return self.approved_at is not None
