"""What happened: one entry an act, written by the service that did it, read by history, audit, feeds and digests."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.fields import ArrayField
from django.db import models


class Entry(models.Model):
    """One act. The digest planner numbers entries as they become visible, so `number` is NULL at first.

    Windows of digests are ranges of numbers, never of times: a row that commits late gets a later number, and so is
    never skipped.
    """

    class Audience(models.TextChoices):
        NETWORK = "network"  # everybody who may read the object
        OFFICE = "office"  # the coordinators of `office_id`
        MEMBER = "member"  # the people of `member_id`
        PERSON = "person"  # `person` alone
        NOBODY = "nobody"  # history and audit only

    number = models.BigIntegerField(null=True, unique=True, editable=False)
    at = models.DateTimeField(auto_now_add=True)
    verb = models.SlugField(max_length=60)
    content_type = models.ForeignKey(ContentType, on_delete=models.PROTECT)
    object_id = models.BigIntegerField()
    object = GenericForeignKey()
    version = models.PositiveIntegerField(null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    # Plain numbers: the journal lies below the rooms that these belong to, and outlives their rows.
    member_id = models.BigIntegerField(null=True, blank=True)
    office_id = models.BigIntegerField(null=True, blank=True)
    topics = ArrayField(models.SlugField(max_length=40), default=list)
    pathways = ArrayField(models.SlugField(max_length=40), default=list)
    audience = models.CharField(max_length=10, choices=Audience.choices)
    details: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(default=dict)

    class Meta:
        verbose_name_plural = "entries"
        indexes: ClassVar = [
            models.Index(fields=["content_type", "object_id", "at"]),
            models.Index(fields=["id"], condition=models.Q(number=None), name="journal_unnumbered"),
            models.Index(fields=["by", "at"], condition=models.Q(audience="nobody"), name="journal_acts"),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.content_type_id}:{self.object_id}"
