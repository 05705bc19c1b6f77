"""Who belongs to the network: offices, members, their people and contacts."""

from decimal import Decimal
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from config.files.models import Blob
from config.kit.countries import country_name
from config.vocabulary.choices import CLIMATE_ZONES, Level
from config.vocabulary.models import Pathway
from members.accounts.models import User, validate_time_zone
from members.directory.querysets import (
    ContactCheckQuerySet,
    InvitationQuerySet,
    MemberQuerySet,
    MemberTableQuerySet,
    OfficeQuerySet,
)
from members.directory.validators import validate_email_domain, validate_population


class Place(models.Model):
    """Where something is: country (ISO 3166-1 alpha-2), subdivision, point in degrees (WGS 84)."""

    country = models.CharField(_("country"), max_length=2)
    subdivision = models.CharField(_("region or province"), max_length=120, blank=True)
    latitude = models.FloatField(
        _("latitude"), null=True, blank=True, validators=[MinValueValidator(-90), MaxValueValidator(90)]
    )
    longitude = models.FloatField(
        _("longitude"), null=True, blank=True, validators=[MinValueValidator(-180), MaxValueValidator(180)]
    )

    class Meta:
        abstract = True

    @property
    def country_name(self) -> str:
        return country_name(self.country)


class Office(Place):
    """A secretariat of the network. Its coordinators review what its members submit."""

    class Kind(models.TextChoices):
        WORLD = "world", _("World secretariat")
        REGIONAL = "regional", _("Regional office")
        NATIONAL = "national", _("National office")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    name = models.CharField(pgettext_lazy("organisation", "name"), max_length=120, unique=True)
    slug = models.SlugField(max_length=120, unique=True)
    city = models.CharField(_("city"), max_length=120)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    territory = ArrayField(models.CharField(max_length=2), verbose_name=_("countries"), default=list, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC", validators=[validate_time_zone])
    email = models.EmailField(_("e-mail address"), blank=True)

    objects: ClassVar[OfficeQuerySet] = OfficeQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("office")
        verbose_name_plural = _("offices")
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kind"], condition=models.Q(kind="world"), name="directory_one_world_office"
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("directory:office_detail", args=[self.slug])


class Member(Place):
    """A local government, or an association of them. Never a person."""

    class Kind(models.TextChoices):
        CITY = "city", _("City")
        TOWN = "town", _("Town")
        MUNICIPALITY = "municipality", _("Municipality")
        REGION = "region", _("Region")
        COUNTY = "county", _("County")
        ASSOCIATION = "association", _("Association of local governments")

    class Standing(models.TextChoices):
        """How its fees stand. Nothing is ever deleted for a fee: the last step is that it writes no more."""

        ACTIVE = "active", _("Active")
        LAPSED = "lapsed", _("Lapsed: the fee is overdue")
        READ_ONLY = "read_only", _("Read only: the fee was not paid")

    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    name = models.CharField(pgettext_lazy("organisation", "name"), max_length=120)
    name_en = models.CharField(_("name in English"), max_length=120)
    slug = models.SlugField(max_length=120, unique=True)
    population = models.PositiveIntegerField(_("population"), null=True, blank=True, validators=[validate_population])
    population_year = models.PositiveSmallIntegerField(_("year of the figure"), null=True, blank=True)
    area_km2 = models.DecimalField(
        _("area in km²"), max_digits=10, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    climate_zone = models.CharField(_("climate zone (Köppen)"), max_length=3, choices=CLIMATE_ZONES, blank=True)
    government_level = models.CharField(_("level of government"), max_length=12, choices=Level.choices, blank=True)
    pathways = models.ManyToManyField(Pathway, verbose_name=_("priorities"), blank=True, related_name="+")
    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="members", verbose_name=_("office"))
    associations = models.ManyToManyField(
        "self", verbose_name=_("associations"), symmetrical=False, blank=True, related_name="brings_in"
    )
    email_domains = ArrayField(
        models.CharField(max_length=253, validators=[validate_email_domain]),
        verbose_name=_("e-mail domains"),
        default=list,
        blank=True,
    )
    logo = models.ForeignKey(
        Blob, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("logo")
    )
    website = models.URLField(_("website"), blank=True)
    about = models.TextField(_("about"), blank=True)
    languages = ArrayField(
        models.CharField(max_length=12), verbose_name=_("languages of work"), default=list, blank=True
    )
    joined_year = models.PositiveSmallIntegerField(_("member since"), null=True, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    standing = models.CharField(_("standing"), max_length=10, choices=Standing.choices, default=Standing.ACTIVE)
    merged_into = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="merged")

    objects: ClassVar[MemberQuerySet] = MemberQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        ordering: ClassVar = ["name_en", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["country", "name"], name="directory_member_once_a_country")
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("directory:member_detail", args=[self.slug])

    @property
    def takes_part(self) -> bool:
        """Whether it can begin something with others: it is in the network, and its fee is not long overdue."""
        return self.is_active and self.standing != self.Standing.READ_ONLY

    @property
    def area(self) -> Decimal | None:
        """Its area in km², without zeros at the end."""
        return None if self.area_km2 is None else Decimal(format(self.area_km2.normalize(), "f"))

    @property
    def density(self) -> int | Decimal | None:
        """Inhabitants per km², with one decimal where there are fewer than ten; None where either is not known."""
        if not self.population or not self.area_km2:
            return None
        exact = self.population / self.area_km2
        return round(exact) if exact >= 10 else round(exact, 1)


def level_of_kind(kind: str) -> str:
    """Return the level of government that a kind of member belongs to; empty for associations, which are of any."""
    if kind in {Member.Kind.REGION, Member.Kind.COUNTY}:
        return Level.REGIONAL
    return "" if kind == Member.Kind.ASSOCIATION else Level.LOCAL


class MemberRole(models.Model):
    """What a person does at a member."""

    class Role(models.TextChoices):
        LIAISON = "liaison", _("Liaison")
        CONTRIBUTOR = "contributor", _("Contributor")
        READER = "reader", _("Reader")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="member_roles")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="roles")
    role = models.CharField(_("role"), max_length=12, choices=Role.choices)
    since = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("role at a member")
        verbose_name_plural = _("roles at members")
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "member"], name="directory_one_role_a_member")]

    def __str__(self) -> str:
        return f"{self.user}, {self.get_role_display()}, {self.member}"


class OfficeRole(models.Model):
    """What a person does for an office."""

    class Role(models.TextChoices):
        COORDINATOR = "coordinator", _("Coordinator")
        EXPERT = "expert", _("Expert")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="office_roles")
    office = models.ForeignKey(Office, on_delete=models.CASCADE, related_name="roles")
    role = models.CharField(_("role"), max_length=12, choices=Role.choices)

    class Meta:
        verbose_name = _("role at an office")
        verbose_name_plural = _("roles at offices")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "office"], name="directory_one_role_an_office")
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.get_role_display()}, {self.office}"


class Contact(models.Model):
    """A function at a member with a role address, which outlives the person who holds it for now."""

    class Function(models.TextChoices):
        LEADER = "leader", _("Leader")
        POLITICAL = "political", _("Political contact")
        STAFF = "staff", _("Staff contact")
        BILLING = "billing", _("Billing contact")

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="contacts")
    function = models.CharField(_("function"), max_length=10, choices=Function.choices)
    title = models.CharField(_("title of the role"), max_length=120)
    email = models.EmailField(_("role address"))
    person = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="contact_for", verbose_name=_("person")
    )
    person_name = models.CharField(_("name of the person"), max_length=120, blank=True)  # of somebody without account
    elected_on = models.DateField(_("last elected on"), null=True, blank=True)
    term_ends_on = models.DateField(_("end of the term"), null=True, blank=True)
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["member", "function"], name="directory_one_contact_a_function")
        ]

    def __str__(self) -> str:
        return f"{self.get_function_display()}, {self.member}"


class ContactCheck(models.Model):
    """A contact that may not be right any more; open until somebody saves the contacts of the member."""

    class Reason(models.TextChoices):
        TERM_ENDED = "term_ended", _("The term of office has ended.")
        PERSON_LEFT = "person_left", _("The person is not here any more.")
        MAIL_BOUNCES = "mail_bounces", _("The address refuses mail.")

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="checks")
    reason = models.CharField(_("reason"), max_length=12, choices=Reason.choices)
    opened_at = models.DateTimeField(auto_now_add=True)
    escalated_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[ContactCheckQuerySet] = ContactCheckQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["contact"], condition=models.Q(closed_at=None), name="directory_one_open_check"
            )
        ]

    def __str__(self) -> str:
        return f"{self.contact}: {self.get_reason_display()}"


class Invitation(models.Model):
    """A colleague asked to join, by a signed link that expires. The link's secret is its signature."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField(_("e-mail address"), max_length=254)
    role = models.CharField(_("role"), max_length=12, choices=MemberRole.Role.choices)
    language = models.CharField(_("language"), max_length=12, choices=settings.LANGUAGES)
    invited_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="invitations_sent")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    objects: ClassVar[InvitationQuerySet] = InvitationQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["member", "email"],
                condition=models.Q(accepted_at=None, withdrawn_at=None),
                name="directory_one_open_invitation",
            )
        ]

    def __str__(self) -> str:
        return f"{self.email} to {self.member}"

    @property
    def is_open(self) -> bool:
        return self.accepted_at is None and self.withdrawn_at is None

    @property
    def is_expired(self) -> bool:
        return self.expires_at <= timezone.now()


class MemberTable(models.Model):
    """A table of members that an administrator uploaded, and what it would do. Nothing is done before they say so."""

    uploaded_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    name = models.CharField(_("file"), max_length=255)
    # The rows as they were read, see `table_checking.Line`; emptied once they are applied.
    lines: "models.JSONField[list[Any], list[Any]]" = models.JSONField(default=list)
    # What each would do, as it was shown; see `table_checking.judge_lines`.
    judged: "models.JSONField[list[dict[str, Any]], list[dict[str, Any]]]" = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    applied_at = models.DateTimeField(null=True, blank=True)
    applied_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    objects: ClassVar[MemberTableQuerySet] = MemberTableQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("import of members")
        verbose_name_plural = _("imports of members")

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("directory:table_detail", args=[self.pk])
