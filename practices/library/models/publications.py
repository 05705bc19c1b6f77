"""Publications: practices (in use, with results to show) and projects (planned or under way)."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import ProtectedError, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from config.kit.countries import language_name
from config.vocabulary.choices import CLIMATE_ZONES, Level
from config.vocabulary.models import Goal, Pathway, Term, Topic
from members.accounts.models import User
from members.directory.models import Member, Office, Place
from practices.library.querysets import PublicationQuerySet

YEAR = [MinValueValidator(1900), MaxValueValidator(2200)]


class Publication(Place):
    """What readers see of a practice or a project. Written only through services, from approved revisions.

    Lists, facets, digests and reviews work on this table alone; `Practice` and `Project` add their own fields.
    """

    class Kind(models.TextChoices):
        PRACTICE = "practice", _("Practice")
        PROJECT = "project", _("Project")

    class State(models.TextChoices):
        UNPUBLISHED = "unpublished", _("Not published yet")
        PUBLISHED = "published", _("Published")
        ARCHIVED = "archived", _("Archived")

    class Status(models.TextChoices):
        PLANNED = "planned", _("Planned")
        RUNNING = "running", _("Running")
        COMPLETED = "completed", _("Completed")
        SCALED = "scaled", _("Scaled up")

    class Evidence(models.TextChoices):
        """Each grade includes the ones before it; `services.grade_evidence` works it out."""

        CLAIMED = "claimed", _("Claimed")
        DOCUMENTED = "documented", _("Documented")
        VERIFIED = "verified", _("Verified")
        TAKEN_UP = "taken_up", _("Taken up elsewhere")

    class ReviewLevel(models.TextChoices):
        NONE = "none", _("Not reviewed")
        COORDINATOR = "coordinator", _("Reviewed by a coordinator")
        EXPERTS = "experts", _("Assessed by experts")
        RECOMMENDED = "recommended", _("Recommended")

    class Offer(models.TextChoices):
        CALL = "call", _("A call")
        VISIT = "visit", _("A visit")
        MENTORING = "mentoring", _("Mentoring")

    class Licence(models.TextChoices):
        CC_BY = "CC-BY-4.0", "CC BY 4.0"
        CC_BY_SA = "CC-BY-SA-4.0", "CC BY-SA 4.0"
        CC0 = "CC0-1.0", "CC0 1.0"
        NETWORK = "network", _("For use inside the network")
        RESERVED = "reserved", _("All rights reserved")

    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.UNPUBLISHED)
    owner_member = models.ForeignKey(
        Member, null=True, blank=True, on_delete=models.PROTECT, related_name="publications", verbose_name=_("member")
    )
    owner_office = models.ForeignKey(
        Office, null=True, blank=True, on_delete=models.PROTECT, related_name="publications", verbose_name=_("office")
    )
    language = models.CharField(_("language of the text"), max_length=12)
    title = models.CharField(_("title"), max_length=100)
    summary = models.CharField(_("summary"), max_length=300, blank=True)
    challenge = models.TextField(_("challenge"), blank=True)
    solution = models.TextField(_("solution"), blank=True)
    results = models.TextField(_("results"), blank=True)
    lessons = models.TextField(_("lessons learned"), blank=True)
    what_went_wrong = models.TextField(_("what went wrong"), blank=True)
    transferability = models.TextField(_("transferability"), blank=True)
    objectives = models.TextField(_("objectives"), blank=True)
    situation_before = models.TextField(_("situation before"), blank=True)
    process = models.TextField(_("process"), blank=True)
    what_helped = models.TextField(_("what helped"), blank=True)
    beneficiaries = models.TextField(_("who benefits"), blank=True)
    left_out = models.TextField(_("who is left out"), blank=True)
    preconditions = models.TextField(_("what it needs to work"), blank=True)
    adaptable = models.TextField(_("what can be adapted"), blank=True)
    legal_background = models.TextField(_("legal background"), blank=True)
    context_population = models.PositiveIntegerField(_("people it reaches"), null=True, blank=True)
    government_level = models.CharField(_("level of government"), max_length=12, choices=Level.choices, blank=True)
    climate_zone = models.CharField(_("climate zone"), max_length=3, choices=CLIMATE_ZONES, blank=True)
    months_to_implement = models.PositiveSmallIntegerField(_("months to implement"), null=True, blank=True)
    lifetime_years = models.PositiveSmallIntegerField(_("lifetime in years"), null=True, blank=True)
    offers = ArrayField(
        models.CharField(max_length=10, choices=Offer.choices),
        verbose_name=_("what we offer"),
        default=list,
        blank=True,
    )
    not_known = ArrayField(models.CharField(max_length=40), default=list, blank=True)  # fields said to be not known
    pathways = models.ManyToManyField(Pathway, related_name="publications", verbose_name=_("pathways"))
    topics = models.ManyToManyField(Topic, related_name="publications", verbose_name=_("topics"))
    goals = models.ManyToManyField(Goal, related_name="publications", verbose_name=_("goals"), blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.RUNNING)
    start_year = models.PositiveSmallIntegerField(_("start year"), null=True, blank=True, validators=YEAR)
    end_year = models.PositiveSmallIntegerField(_("end year"), null=True, blank=True, validators=YEAR)
    cost_amount = models.DecimalField(
        _("cost"), max_digits=15, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    cost_currency = models.CharField(_("currency"), max_length=3, blank=True)
    cost_note = models.CharField(_("note on the cost"), max_length=300, blank=True)
    evidence = models.CharField(_("evidence"), max_length=10, choices=Evidence.choices, default=Evidence.CLAIMED)
    verified_at = models.DateTimeField(null=True, blank=True)
    verified_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    review_level = models.CharField(
        _("level of review"), max_length=12, choices=ReviewLevel.choices, default=ReviewLevel.NONE
    )
    uptake_count = models.PositiveIntegerField(default=0)  # members that adapt or use it, confirmed by its owner
    is_public = models.BooleanField(_("shown to the public"), default=False)
    responsible = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("responsible person")
    )
    lead_organisation = models.CharField(_("lead organisation"), max_length=200, blank=True)
    department = models.CharField(_("department"), max_length=120, blank=True)
    contact_title = models.CharField(_("contact: title of the role"), max_length=120, blank=True)
    contact_email = models.EmailField(_("contact: role address"), blank=True)
    contact_person = models.CharField(_("contact: person for now"), max_length=120, blank=True)
    original_language = models.CharField(_("original language, if this is a translation"), max_length=12, blank=True)
    text_licence = models.CharField(_("licence of the text"), max_length=20, choices=Licence.choices, blank=True)
    source_title = models.CharField(_("source"), max_length=300, blank=True)
    source_url = models.URLField(_("address of the source"), max_length=500, blank=True)
    import_id = models.SlugField(max_length=120, null=True, blank=True, unique=True, editable=False)
    editorial_fields = models.JSONField(default=list, blank=True)  # fields holding a writer's own judgement
    is_demonstration = models.BooleanField(default=False)  # a summary of a source, made for demonstration
    version = models.PositiveIntegerField(default=0)  # how many revisions were approved
    created_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    published_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField(null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    unconfirmed_at = models.DateTimeField(null=True, blank=True)  # when a question whether it is still true lapsed
    archived_reason = models.TextField(blank=True)

    objects: ClassVar[PublicationQuerySet] = PublicationQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("publication")
        verbose_name_plural = _("publications")
        indexes: ClassVar = [
            models.Index(fields=["state", "-published_at"]),
            models.Index(fields=["country"]),
            models.Index(fields=["language"]),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="library_one_owner",
                condition=Q(owner_member__isnull=False, owner_office__isnull=True)
                | Q(owner_member__isnull=True, owner_office__isnull=False),
            ),
            models.CheckConstraint(
                name="library_years_in_order",
                condition=Q(end_year=None) | Q(start_year=None) | Q(end_year__gte=models.F("start_year")),
            ),
            models.CheckConstraint(
                name="library_published_has_date", condition=~Q(state="published") | Q(published_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("library:publication_detail", args=[self.pk])

    @property
    def owner(self) -> Member | Office:
        owner = self.owner_member or self.owner_office
        if owner is None:  # pragma: no cover - the constraint library_one_owner
            raise ValueError("A publication has an owner")
        return owner

    @property
    def child(self) -> "Practice | Project":
        """The row with the fields of its own kind; one query the first time."""
        child: Practice | Project = getattr(self, self.kind)
        return child

    @property
    def language_name(self) -> str:
        return language_name(self.language)

    @property
    def reviewing_office(self) -> Office:
        """The office whose coordinators decide: the member's; for an office's own work its parent, if it has one."""
        if self.owner_member:
            return self.owner_member.office
        office = self.owner_office
        if office is None:  # pragma: no cover - the constraint library_one_owner
            raise ValueError("A publication has an owner")
        return office.parent or office


def refuse_used_term(instance: Term, **_signal: object) -> None:
    """Refuse to delete a pathway, topic or goal that a publication has; a table of pairs would let it go silently.

    Raises:
        ProtectedError: it is in use.
    """
    used = Publication.objects.filter(**{f"{instance._meta.model_name}s": instance})
    if used.exists():
        raise ProtectedError(f"{instance} is in use", set(used[:10]))


class Practice(Publication):
    """Something in use, with results to show."""

    offer = models.TextField(_("what you can offer to others"), blank=True)
    from_project = models.OneToOneField(  # the project that it was
        "Project", null=True, blank=True, on_delete=models.PROTECT, related_name="made_practice"
    )


class Project(Publication):
    """Something planned or under way, bounded in time."""

    class Seeking(models.TextChoices):
        PARTNERS = "partners", _("Partners")
        FUNDING = "funding", _("Funding")
        EXPERTISE = "expertise", _("Expertise")

    seeking_kinds = ArrayField(
        models.CharField(max_length=10, choices=Seeking.choices),
        verbose_name=_("what it seeks"), default=list, blank=True,
    )  # fmt: skip
    seeking = models.TextField(_("what the project is looking for"), blank=True)
    seeking_until = models.DateField(_("until"), null=True, blank=True)


class Seen(models.Model):
    """The reader's own mark that they have opened a publication; digests leave out what was opened."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="+")
    version = models.PositiveIntegerField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "publication"], name="library_seen_once")]

    def __str__(self) -> str:
        return f"{self.user_id} has seen {self.publication_id}"
