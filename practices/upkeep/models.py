"""Keeping what is published true: the yearly question, and whether links still lead somewhere."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from members.accounts.models import User
from practices.library.models import Publication


class CheckQuerySet(models.QuerySet["Check"]):
    """Reads of questions."""

    def open(self) -> "CheckQuerySet":
        return self.filter(answered_at=None, overtaken_at=None)

    def current(self) -> "CheckQuerySet":
        """Return those about what readers see today: nobody has confirmed or changed it since."""
        return self.filter(confirmed_at=F("publication__confirmed_at"))


class Check(models.Model):
    """One question whether a published text is still true. It stays open until it is answered or overtaken.

    Overtaken: a new version was approved, an author confirmed it on its page, or a year later it is asked anew. An
    unanswered one lapses after a while; it can still be answered then.
    """

    class Answer(models.TextChoices):
        STILL_TRUE = "still_true", _("It is still true")
        NEEDS_UPDATE = "needs_update", _("It needs an update")

    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="checks")
    confirmed_at = models.DateTimeField()  # of the publication, when it was asked: what the question is about
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=12, choices=Answer.choices, blank=True)
    answered_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    answered_from = models.EmailField(blank=True)  # the address whose link was used
    lapsed_at = models.DateTimeField(null=True, blank=True)
    overtaken_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[CheckQuerySet] = CheckQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["publication"],
                condition=Q(answered_at=None, overtaken_at=None),
                name="upkeep_one_open_check",
            ),
            models.CheckConstraint(
                name="upkeep_answer_has_time",
                condition=Q(answer="", answered_at=None) | (~Q(answer="") & Q(answered_at__isnull=False)),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["asked_at"], condition=Q(lapsed_at=None, overtaken_at=None), name="upkeep_may_lapse")
        ]

    def __str__(self) -> str:
        return f"Is {self.publication_id} still true?"

    @property
    def is_open(self) -> bool:
        """Whether it can be answered: for a publication that was fetched with it, also whether it is current."""
        asked_now = self.confirmed_at == self.publication.confirmed_at
        published = self.publication.state == Publication.State.PUBLISHED
        return self.answered_at is None and self.overtaken_at is None and asked_now and published


class LinkRound(models.Model):
    """When the links of a publication were looked at last."""

    publication = models.OneToOneField(Publication, on_delete=models.CASCADE, related_name="link_round")
    checked_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["checked_at"])]

    def __str__(self) -> str:
        return f"Links of {self.publication_id}"


class LinkCheckQuerySet(models.QuerySet["LinkCheck"]):
    """Reads of links."""

    def broken(self) -> "LinkCheckQuerySet":
        """Return those that failed in two rounds in a row: once is a server being restarted."""
        return self.filter(failures__gte=self.model.ENOUGH)


class LinkCheck(models.Model):
    """A link of a publication, as it was found in the last round."""

    class Status(models.TextChoices):
        OK = "ok", _("Works")
        BROKEN = "broken", _("Nothing is there any more")
        UNREACHABLE = "unreachable", _("The server does not answer")
        UNCHECKED = "unchecked", _("Not checked")  # a place that we do not go to

    FAILED = (Status.BROKEN, Status.UNREACHABLE)
    ENOUGH = 2

    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="link_checks")
    url = models.TextField()
    status = models.CharField(max_length=12, choices=Status.choices)
    detail = models.CharField(max_length=200, blank=True)  # for support: an HTTP status, or what went wrong
    checked_at = models.DateTimeField()
    failures = models.PositiveIntegerField(default=0)  # rounds in a row
    first_broken_at = models.DateTimeField(null=True, blank=True)
    reported_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[LinkCheckQuerySet] = LinkCheckQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["publication", "url"], name="upkeep_one_check_a_link")]

    def __str__(self) -> str:
        return f"{self.url}: {self.status}"
