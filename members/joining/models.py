"""Applications to join the network, from the first line to the first payment."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from config.files.models import Blob
from config.kit.countries import country_name
from members.accounts.models import User
from members.directory.models import Member, Office
from members.joining.querysets import ApplicationQuerySet


class Application(models.Model):
    """A municipality that wants to join. Whoever holds its link fills it in; an office decides.

    `content` holds what was typed, by name of the field, also what is not right yet: nothing typed is lost.
    """

    class State(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("application", "Being filled in")
        SUBMITTED = "submitted", pgettext_lazy("application", "Submitted")
        DOCUMENTS_REQUESTED = "documents_requested", pgettext_lazy("application", "Something is missing")
        APPROVED = "approved", pgettext_lazy("application", "Approved, to be paid")
        ACTIVE = "active", pgettext_lazy("application", "Member")
        DECLINED = "declined", pgettext_lazy("application", "Declined")
        WITHDRAWN = "withdrawn", pgettext_lazy("application", "Withdrawn")

    OPEN = frozenset({State.DRAFT, State.DOCUMENTS_REQUESTED})  # the applicant may change it
    AWAITING = frozenset({State.SUBMITTED})  # the office has to do something

    state = models.CharField(_("state"), max_length=20, choices=State.choices, default=State.DRAFT)
    name = models.CharField(_("municipality"), max_length=120)
    country = models.CharField(_("country"), max_length=2)
    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="applications", verbose_name=_("office"))
    applicant_name = models.CharField(_("your name"), max_length=120)
    applicant_title = models.CharField(_("job title"), max_length=120, blank=True)
    applicant_email = models.EmailField(_("e-mail address"), max_length=254)
    language = models.CharField(_("language"), max_length=12, choices=settings.LANGUAGES)
    content: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(default=dict)
    edition = models.PositiveIntegerField(default=0)
    is_confirmed = models.BooleanField(default=False)  # the link was opened that went to the applicant's address
    created_at = models.DateTimeField(auto_now_add=True)
    saved_at = models.DateTimeField(auto_now_add=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    said = models.TextField(_("what the office wrote"), max_length=2000, blank=True)
    # More than one may lead to the same member: the second after the first was called off, or after the member had left.
    member = models.ForeignKey(
        Member, null=True, blank=True, on_delete=models.PROTECT, related_name="applications", verbose_name=_("member")
    )

    objects: ClassVar[ApplicationQuerySet] = ApplicationQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("application")
        verbose_name_plural = _("applications")
        indexes: ClassVar = [models.Index(fields=["office", "state"])]

    def __str__(self) -> str:
        return f"{self.name}, {country_name(self.country)}"

    def get_absolute_url(self) -> str:
        return reverse("joining:application_detail", args=[self.pk])

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN


class Document(models.Model):
    """A file that belongs to an application, in any language."""

    class Purpose(models.TextChoices):
        SIGNED_FORM = "signed_form", _("The signed application form")
        DECISION = "decision", _("The council's or board's decision")

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="documents")
    purpose = models.CharField(_("what it is"), max_length=12, choices=Purpose.choices)
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=255)
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["purpose", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["application", "purpose", "blob"], name="joining_file_once")
        ]

    def __str__(self) -> str:
        return self.name
