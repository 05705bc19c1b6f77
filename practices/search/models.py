"""What is searched: a document a publication and language, its passages, the words there are, and what has changed."""

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from pgvector.django import HalfVectorField, HnswIndex

from members.accounts.models import User
from practices.library.models import Publication
from practices.search.embedding import DIMENSIONS


class Document(models.Model):
    """The text of a publication in one language: its own, or that of an approved translation."""

    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="search_documents")
    language = models.CharField(max_length=12)
    is_original = models.BooleanField()
    words = SearchVectorField()
    title_words = SearchVectorField()  # of the title alone: an index cannot tell where in a text a word stands
    digest = models.CharField(max_length=64)  # of the texts that `words` was made from
    # Where the whole text stands, see `space.py`; empty until it was embedded.
    meaning = HalfVectorField(dimensions=DIMENSIONS, null=True)
    meant_digest = models.CharField(max_length=64, blank=True)  # of the texts that `meaning` was made from
    meant_by = models.CharField(max_length=100, blank=True)  # the model

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["publication", "language"], name="search_one_document_a_language")
        ]
        indexes: ClassVar = [
            GinIndex(fields=["words"], name="search_document_words"),
            GinIndex(fields=["title_words"], name="search_document_title_words"),
            HnswIndex(fields=["meaning"], name="search_document_meaning", opclasses=["halfvec_ip_ops"]),
            models.Index(
                fields=["id"], condition=~models.Q(digest=models.F("meant_digest")), name="search_document_unmeant"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.publication_id} ({self.language})"


class Passage(models.Model):
    """A piece of a document that says one thing, so that a result can show what it was found by."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="passages")
    position = models.PositiveSmallIntegerField()
    field = models.CharField(max_length=40)  # of the publication
    start = models.PositiveIntegerField()  # characters into the text of the field
    end = models.PositiveIntegerField()
    meaning = HalfVectorField(dimensions=DIMENSIONS)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["document", "position"], name="search_one_passage_a_position")
        ]

    def __str__(self) -> str:
        return f"{self.document_id}: {self.field} {self.start}-{self.end}"


class Word(models.Model):
    """A folded word that stands in some document, for questions with a letter wrong."""

    text = models.CharField(max_length=60, primary_key=True, db_collation="C")

    def __str__(self) -> str:
        return self.text


class Change(models.Model):
    """In which transaction a publication, or what its facets come from, changed last. Triggers write it.

    `publication` 0 stands for all of them. Plain numbers: a row outlives the publication.
    """

    publication = models.BigIntegerField(primary_key=True)
    transaction = models.BigIntegerField(db_index=True)

    def __str__(self) -> str:
        return f"{self.publication} in {self.transaction}"


class SavedSearch(models.Model):
    """A question and choices that a person wants to ask again, and how often they want to hear what is new."""

    class Cadence(models.TextChoices):
        NEVER = "never", _("Not by e-mail")
        AT_ONCE = "at_once", _("At once")
        DAILY = "daily", _("Every day")
        WEEKLY = "weekly", _("Every week")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="saved_searches")
    name = models.CharField(pgettext_lazy("list", "name"), max_length=80)
    query = models.TextField()  # as in the address of the list, see `saving.normal_query`
    cadence = models.CharField(_("what is new"), max_length=8, choices=Cadence.choices, default=Cadence.WEEKLY)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["name", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "name"], name="search_saved_name_once_a_person")
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"{reverse('search:publication_list')}?{self.query}"
