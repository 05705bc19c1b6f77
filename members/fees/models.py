"""What members pay: schedules, membership years, invoices and what came in."""

from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from django.conf import settings
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from config.vocabulary.choices import CURRENCY
from members.accounts.models import User
from members.directory.models import Member, Office
from members.fees.income import IncomeGroup
from members.fees.querysets import InvoiceQuerySet, PaymentQuerySet, TermQuerySet

NOT_NEGATIVE = [MinValueValidator(Decimal(0))]


def _money(label: Any, **kwargs: Any) -> "models.DecimalField[Any, Any]":
    return models.DecimalField(label, max_digits=12, decimal_places=2, **kwargs)


class FeeSchedule(models.Model):
    """What a membership year costs that begins in `year` or later, until a later schedule."""

    class Kind(models.TextChoices):
        FLAT = "flat", _("The same for everybody")
        BANDS = "bands", _("By population and income group")
        PER_INHABITANT = "per_inhabitant", _("For each inhabitant")

    class Period(models.TextChoices):
        """How long a membership year is."""

        CALENDAR = "calendar", _("The calendar year")
        TWELVE_MONTHS = "twelve_months", _("Twelve months from the day of joining")

    name = models.CharField(pgettext_lazy("thing", "name"), max_length=120)
    office = models.ForeignKey(
        Office, null=True, blank=True, on_delete=models.PROTECT, related_name="fee_schedules", verbose_name=_("office"),
        help_text=_("Leave it empty for every office that has none of its own."),
    )  # fmt: skip
    year = models.PositiveSmallIntegerField(_("from the year"))
    currency = models.CharField(_("currency"), max_length=3, default="EUR", validators=CURRENCY)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    period = models.CharField(_("membership year"), max_length=16, choices=Period.choices, default=Period.CALENDAR)
    pro_rata = models.BooleanField(_("the first year by months"), default=False)
    amount = _money(_("amount"), null=True, blank=True, validators=NOT_NEGATIVE)
    rate = models.DecimalField(
        _("amount for each inhabitant"), max_digits=10, decimal_places=6, null=True, blank=True, validators=NOT_NEGATIVE
    )
    minimum = _money(_("at least"), null=True, blank=True, validators=NOT_NEGATIVE)
    maximum = _money(_("at most"), null=True, blank=True, validators=NOT_NEGATIVE)

    class Meta:
        verbose_name = _("fee schedule")
        verbose_name_plural = _("fee schedules")
        ordering: ClassVar = ["-year", "name"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["office", "year"], name="fees_one_schedule_a_year", nulls_distinct=False),
            models.CheckConstraint(
                name="fees_schedule_says_how_much",
                condition=Q(kind="flat", amount__isnull=False)
                | Q(kind="bands")
                | Q(kind="per_inhabitant", rate__isnull=False),
            ),
            models.CheckConstraint(
                name="fees_schedule_limits_in_order",
                condition=Q(minimum=None) | Q(maximum=None) | Q(minimum__lte=F("maximum")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.year})"


class FeeBand(models.Model):
    """One step of a schedule by population."""

    schedule = models.ForeignKey(FeeSchedule, on_delete=models.CASCADE, related_name="bands")
    income_group = models.CharField(_("income group"), max_length=12, choices=IncomeGroup.choices, blank=True)
    population_from = models.PositiveIntegerField(_("inhabitants from"), default=0)
    amount = _money(_("amount"), validators=NOT_NEGATIVE)

    class Meta:
        verbose_name = _("band")
        verbose_name_plural = _("bands")
        ordering: ClassVar = ["income_group", "population_from"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["schedule", "income_group", "population_from"], name="fees_one_band_a_population"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_income_group_display()} {self.population_from}: {self.amount}"


class Billing(models.Model):
    """What a member wants to read on its invoices."""

    member = models.OneToOneField(Member, on_delete=models.CASCADE, related_name="billing")
    address = models.TextField(_("address on the invoice"), max_length=500, blank=True)
    reference = models.CharField(
        _("cost centre or order number"), max_length=80, blank=True,
        help_text=_("Your own reference. It stands on every invoice."),
    )  # fmt: skip
    vat_id = models.CharField(_("VAT or business number"), max_length=40, blank=True)
    language = models.CharField(_("language of the invoices"), max_length=12, choices=settings.LANGUAGES, default="en")

    def __str__(self) -> str:
        return f"{self.member}"


class Term(models.Model):
    """One membership year of a member; both days belong to it."""

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="terms")
    schedule = models.ForeignKey(FeeSchedule, on_delete=models.PROTECT, related_name="+")
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"))
    fee = _money(_("fee"), validators=NOT_NEGATIVE)
    currency = models.CharField(max_length=3)

    objects: ClassVar[TermQuerySet] = TermQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering: ClassVar = ["-starts_on"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["member", "starts_on"], name="fees_one_term_a_day"),
            models.CheckConstraint(name="fees_term_in_order", condition=Q(starts_on__lte=F("ends_on"))),
        ]

    def __str__(self) -> str:
        return f"{self.member}: {self.starts_on} – {self.ends_on}"


class Issuer(models.Model):
    """What an office writes on its invoices about itself. Offices without one leave their invoices to the next above."""

    office = models.OneToOneField(Office, on_delete=models.CASCADE, related_name="issuer")
    series = models.CharField(
        _("letters before the number"), max_length=12, unique=True,
        validators=[RegexValidator(r"^[A-Z][A-Z0-9]*\Z", _("Capital letters A to Z and digits, for example EUROPE."))],
    )  # fmt: skip
    name = models.CharField(_("legal name"), max_length=200)
    address = models.TextField(_("address"), max_length=500)
    vat_id = models.CharField(_("VAT or business number"), max_length=40, blank=True)
    iban = models.CharField("IBAN", max_length=34)
    bic = models.CharField("BIC", max_length=11, blank=True)

    class Meta:
        verbose_name = _("issuer of invoices")
        verbose_name_plural = _("issuers of invoices")

    def __str__(self) -> str:
        return f"{self.series}: {self.name}"


class Series(models.Model):
    """The last number that an office has given to an invoice of a year. Locked while the next one is issued."""

    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["office", "year"], name="fees_one_series_a_year")]

    def __str__(self) -> str:
        return f"{self.office} {self.year}: {self.last}"


class Invoice(models.Model):
    """An invoice or a credit note. Never changed or deleted once it is issued; a credit note takes it back.

    What it says of the buyer is kept as it was on the day, because an invoice is a document.
    """

    class Kind(models.TextChoices):
        INVOICE = "invoice", _("Invoice")
        CREDIT_NOTE = "credit_note", _("Credit note")

    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.INVOICE)
    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="invoices", verbose_name=_("office"))
    year = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField()
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="invoices", verbose_name=_("member"))
    term = models.ForeignKey(Term, on_delete=models.PROTECT, related_name="invoices")
    credits = models.OneToOneField("self", null=True, blank=True, on_delete=models.PROTECT, related_name="credit_note")
    reason = models.CharField(_("reason"), max_length=500, blank=True)  # of a credit note
    issued_on = models.DateField(_("date"))
    due_on = models.DateField(_("due"))
    language = models.CharField(max_length=12)
    buyer: "models.JSONField[dict[str, str], dict[str, str]]" = models.JSONField()
    seller: "models.JSONField[dict[str, str], dict[str, str]]" = models.JSONField()
    currency = models.CharField(max_length=3)
    net = _money(_("net"))
    vat_rate = models.DecimalField(_("VAT rate in percent"), max_digits=5, decimal_places=2)
    vat = _money(_("VAT"))
    total = _money(_("total"))
    reference = models.CharField(_("payment reference"), max_length=25, unique=True)  # ISO 11649
    credited = models.BooleanField(default=False)  # there is a credit note
    reminded = models.PositiveSmallIntegerField(default=0)  # how many reminders were sent

    paid: Decimal  # these two of `with_balance`
    open_amount: Decimal

    objects: ClassVar[InvoiceQuerySet] = InvoiceQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("invoice")
        verbose_name_plural = _("invoices")
        ordering: ClassVar = ["-issued_on", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["office", "year", "number"], name="fees_one_number_a_year"),
            models.UniqueConstraint(
                fields=["term"], condition=Q(kind="invoice", credited=False), name="fees_one_invoice_a_term"
            ),
            models.CheckConstraint(name="fees_invoice_adds_up", condition=Q(total=F("net") + F("vat"))),
            models.CheckConstraint(
                name="fees_credit_note_credits",
                condition=Q(kind="invoice", credits=None) | Q(kind="credit_note", credits__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("fees:invoice_detail", args=[self.pk])

    @property
    def name(self) -> str:
        """The number as it stands on the invoice, for example EUROPE-2026-0012."""
        return f"{self.seller['series']}-{self.year}-{self.number:04d}"

    def days_overdue(self, today: date) -> int:
        """Return how many days ago it was due; 0 or less before."""
        return (today - self.due_on).days


class Statement(models.Model):
    """A bank statement that was imported, and the office whose money it tells of; None where nobody can say."""

    sha256 = models.CharField(max_length=64, unique=True)
    office = models.ForeignKey(Office, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    imported_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    imported_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["-imported_at"]

    def __str__(self) -> str:
        return self.name


class Payment(models.Model):
    """Money that came in, or with a minus went back. Without an invoice it waits for somebody who knows whose it is."""

    invoice = models.ForeignKey(Invoice, null=True, blank=True, on_delete=models.PROTECT, related_name="payments")
    statement = models.ForeignKey(Statement, null=True, blank=True, on_delete=models.PROTECT, related_name="payments")
    bank_key = models.CharField(max_length=200, null=True, blank=True, unique=True)  # what the bank calls this line
    amount = _money(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    paid_on = models.DateField(_("paid on"))
    payer = models.CharField(_("payer"), max_length=200, blank=True)
    text = models.CharField(_("what the payer wrote"), max_length=500, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    entered_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    entered_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[PaymentQuerySet] = PaymentQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        ordering: ClassVar = ["-paid_on", "-pk"]
        constraints: ClassVar = [models.CheckConstraint(name="fees_payment_is_some", condition=~Q(amount=0))]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency} {self.paid_on}"
