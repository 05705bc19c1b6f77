"""The tables of a publication: one model a kind of row, in the order the author gave them."""

import re
from datetime import date
from typing import ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from config.vocabulary.choices import CURRENCY, Level
from practices.library.models.files import File
from practices.library.models.publications import YEAR, Publication

SHARE = [MinValueValidator(0), MaxValueValidator(100)]
NOT_NEGATIVE = [MinValueValidator(0)]


def validate_partial_date(value: str) -> None:
    """Accept a year, a month or a day: 2019, 2019-05, 2019-05-31 (ISO 8601, reduced precision).

    Raises:
        ValidationError: anything else.
    """
    found = re.fullmatch(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", value)
    if found is None or not 1900 <= int(found[1]) <= 2200 or not _is_date(found):
        raise ValidationError(_("A year, a month or a day, for example 2019, 2019-05 or 2019-05-31."))


def _is_date(found: re.Match[str]) -> bool:
    try:
        date(int(found[1]), int(found[2] or 1), int(found[3] or 1))
    except ValueError:
        return False
    return True


class Row(models.Model):
    """One line of a table that belongs to a publication."""

    position = models.PositiveSmallIntegerField()

    class Meta:
        abstract = True
        ordering: ClassVar = ["position"]


class KeyDate(Row):
    """A step on the way, with its date."""

    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="key_dates")
    when = models.CharField(_("when"), max_length=10, validators=[validate_partial_date])
    what = models.CharField(_("what happened"), max_length=200)

    class Meta(Row.Meta):
        abstract = False

    def __str__(self) -> str:
        return f"{self.when} {self.what}"


class BuildingBlock(Row):
    """A part of the solution that could be taken over by itself."""

    class Kind(models.TextChoices):
        RULE = "rule", _("Rule or policy")
        ORGANISATION = "organisation", _("Organisation")
        PARTNERSHIP = "partnership", _("Partnership")
        TECHNOLOGY = "technology", _("Technology or works")
        FINANCE = "finance", _("Finance")
        KNOWLEDGE = "knowledge", _("Knowledge and skills")
        PARTICIPATION = "participation", _("Participation and communication")

    class Phase(models.TextChoices):
        PREPARE = "prepare", _("Preparing")
        PLAN = "plan", _("Planning")
        CARRY_OUT = "carry_out", _("Carrying out")
        OPERATE = "operate", _("Operating")
        EVALUATE = "evaluate", _("Evaluating")

    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="building_blocks")
    title = models.CharField(_("title"), max_length=120)
    description = models.TextField(_("description"), max_length=5000, blank=True)
    kind = models.CharField(_("kind"), max_length=14, choices=Kind.choices, blank=True)
    phase = models.CharField(_("phase"), max_length=10, choices=Phase.choices, blank=True)
    what_worked = models.TextField(_("what made it work"), max_length=5000, blank=True)
    lesson = models.TextField(_("lesson"), max_length=5000, blank=True)

    class Meta(Row.Meta):
        abstract = False

    def __str__(self) -> str:
        return self.title


class Stakeholder(Row):
    """Who was involved, and how far: the spectrum of the International Association for Public Participation (IAP2)."""

    class Participation(models.TextChoices):
        INFORM = "inform", _("Informed")
        CONSULT = "consult", _("Consulted")
        INVOLVE = "involve", _("Involved")
        COLLABORATE = "collaborate", _("Worked together")
        EMPOWER = "empower", pgettext_lazy("participation", "Decided")

    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="stakeholders")
    who = models.CharField(_("who"), max_length=200)
    participation = models.CharField(
        _("level of participation"), max_length=12, choices=Participation.choices, blank=True
    )

    class Meta(Row.Meta):
        abstract = False

    def __str__(self) -> str:
        return self.who


class Partner(Row):
    """Who took part, and with what."""

    class Support(models.TextChoices):
        FINANCIAL = "financial", _("Financial")
        TECHNICAL = "technical", _("Technical")
        POLITICAL = "political", _("Political")
        ADMINISTRATIVE = "administrative", _("Administrative")

    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="partners")
    name = models.CharField(pgettext_lazy("organisation", "name"), max_length=200)
    support = models.CharField(_("kind of support"), max_length=14, choices=Support.choices, blank=True)
    role = models.CharField(_("role"), max_length=200, blank=True)

    class Meta(Row.Meta):
        abstract = False

    def __str__(self) -> str:
        return self.name


class Cost(Row):
    """What it cost: money of a year in a currency, or staff time in full-time equivalents (FTE)."""

    class Kind(models.TextChoices):
        CAPITAL = "capital", _("Once (capital)")
        YEARLY = "yearly", _("Every year")
        STAFF = "staff", _("Staff time (FTE)")

    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="costs")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    amount = models.DecimalField(_("amount"), max_digits=15, decimal_places=2, validators=NOT_NEGATIVE)
    currency = models.CharField(_("currency"), max_length=3, blank=True, validators=CURRENCY)
    year = models.PositiveSmallIntegerField(_("year"), null=True, blank=True, validators=YEAR)

    class Meta(Row.Meta):
        abstract = False

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.amount}"

    def clean(self) -> None:
        if self.kind and self.kind != self.Kind.STAFF and not self.currency:
            raise ValidationError({"currency": _("Which currency is the cost in?")})
        if self.kind == self.Kind.STAFF and self.currency:
            raise ValidationError({"currency": _("Staff time is counted in full-time equivalents, not in money.")})


class Funding(Row):
    """Where money came from, or is to come from."""

    class SourceKind(models.TextChoices):
        OWN = "own", _("Own budget")
        REGIONAL = "regional", pgettext_lazy("funding", "Region")
        NATIONAL = "national", _("National budget")
        INTERNATIONAL = "international", _("European or international")
        PRIVATE = "private", _("Private")
        LOAN = "loan", _("Loan")
        USERS = "users", _("Fees and users")

    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="funding")
    source_kind = models.CharField(_("kind of source"), max_length=14, choices=SourceKind.choices, blank=True)
    source = models.CharField(_("source"), max_length=200, blank=True)
    programme = models.CharField(_("programme"), max_length=200, blank=True)
    amount = models.DecimalField(
        _("amount"), max_digits=15, decimal_places=2, null=True, blank=True, validators=NOT_NEGATIVE
    )
    currency = models.CharField(_("currency"), max_length=3, blank=True, validators=CURRENCY)
    share = models.DecimalField(
        _("share of the whole, %"), max_digits=5, decimal_places=2, null=True, blank=True, validators=SHARE
    )
    secured = models.DecimalField(
        _("secured so far, %"), max_digits=5, decimal_places=2, null=True, blank=True, validators=SHARE
    )

    class Meta(Row.Meta):
        abstract = False

    def __str__(self) -> str:
        return self.source or self.get_source_kind_display()

    def clean(self) -> None:
        if not self.source and not self.source_kind:
            raise ValidationError({"source": _("Say at least the kind of source or its name.")})
        if self.amount is not None and not self.currency:
            raise ValidationError({"currency": _("Which currency is the amount in?")})


class Indicator(Row):
    """A figure before and after."""

    class Assurance(models.TextChoices):
        SELF_REPORTED = "self_reported", _("Self-reported")
        VERIFIED = "verified", _("Verified")

    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="indicators")
    metric = models.CharField(_("what is measured"), max_length=200)
    baseline = models.DecimalField(_("before"), max_digits=20, decimal_places=4, null=True, blank=True)
    value = models.DecimalField(_("after"), max_digits=20, decimal_places=4, null=True, blank=True)
    unit = models.CharField(_("unit"), max_length=60, blank=True)
    year = models.PositiveSmallIntegerField(_("year"), null=True, blank=True, validators=YEAR)
    source_url = models.URLField(_("evidence (link)"), max_length=500, blank=True)
    assurance = models.CharField(_("who vouches for it"), max_length=14, choices=Assurance.choices, blank=True)

    class Meta(Row.Meta):
        abstract = False

    def __str__(self) -> str:
        return self.metric


class Milestone(Row):
    """What a project has to reach, and by when."""

    class Status(models.TextChoices):
        AHEAD = "ahead", _("Ahead")
        REACHED = "reached", _("Reached")
        LATE = "late", _("Late")

    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="milestones")
    when = models.CharField(_("by when"), max_length=10, validators=[validate_partial_date])
    what = models.CharField(_("milestone"), max_length=200)
    status = models.CharField(_("status"), max_length=8, choices=Status.choices, blank=True)

    class Meta(Row.Meta):
        abstract = False

    def __str__(self) -> str:
        return f"{self.when} {self.what}"


class Commitment(Row):
    """A policy, plan or commitment that it serves."""

    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="commitments")
    level = models.CharField(_("level of government"), max_length=12, choices=Level.choices)
    title = models.CharField(_("policy or commitment"), max_length=200)
    url = models.URLField(_("address"), max_length=500, blank=True)

    class Meta(Row.Meta):
        abstract = False

    def __str__(self) -> str:
        return self.title


class Link(Row):
    """Somewhere to read on."""

    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="links")
    title = models.CharField(_("title"), max_length=200)
    url = models.URLField(_("address"), max_length=500)

    class Meta(Row.Meta):
        abstract = False

    def __str__(self) -> str:
        return self.title


class Photo(Row):
    """A picture. The alternative text says what it shows to those who do not see it."""

    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="photos")
    file = models.ForeignKey(File, on_delete=models.PROTECT, related_name="+", verbose_name=_("picture"))
    alt = models.CharField(_("what it shows"), max_length=250)
    credit = models.CharField(_("credit"), max_length=200)
    licence = models.CharField(_("licence"), max_length=20, choices=Publication.Licence.choices)

    class Meta(Row.Meta):
        abstract = False

    def __str__(self) -> str:
        return self.alt


class Document(Row):
    """A file to download, in the language of the publication where it has none of its own."""

    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="documents")
    file = models.ForeignKey(File, on_delete=models.PROTECT, related_name="+", verbose_name=_("file"))
    title = models.CharField(_("title"), max_length=200)
    language = models.CharField(_("language"), max_length=12, blank=True)  # BCP 47

    class Meta(Row.Meta):
        abstract = False

    def __str__(self) -> str:
        return self.title
