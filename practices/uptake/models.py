"""Who took up whose practice, with which changes and which result; and what people keep for later."""

from datetime import date
from typing import ClassVar

from django.core.validators import MaxLengthValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from config.vocabulary.choices import CURRENCY
from members.accounts.models import User
from members.directory.models import Member
from practices.library.models import Publication
from practices.uptake.querysets import BookmarkListQuerySet, BookmarkQuerySet, UptakeQuerySet

LONGEST = 5_000  # characters of a text: about two pages
SHORT_ENOUGH = [MaxLengthValidator(LONGEST)]


class Uptake(models.Model):
    """What one member does with what another wrote. The owner of the original confirms it, or says why not.

    A confirmation holds for the state that was confirmed: a move to another one asks again, new words do not.
    """

    class State(models.TextChoices):
        CONSIDERING = "considering", _("Considering")
        ADAPTING = "adapting", _("Adapting")
        IN_USE = "in_use", _("In use")
        DROPPED = "dropped", _("Dropped")

    COUNTED = (State.ADAPTING, State.IN_USE)

    publication = models.ForeignKey(Publication, on_delete=models.PROTECT, related_name="uptakes")
    member = models.ForeignKey(
        Member, on_delete=models.PROTECT, related_name="uptakes", verbose_name=_("for which member?")
    )
    state = models.CharField(_("where you are"), max_length=12, choices=State.choices)
    considering_since = models.DateField(null=True, blank=True)
    adapting_since = models.DateField(null=True, blank=True)
    in_use_since = models.DateField(null=True, blank=True)
    dropped_since = models.DateField(null=True, blank=True)
    language = models.CharField(_("language of the text"), max_length=12)
    changed = models.TextField(_("what you changed"), blank=True, validators=SHORT_ENOUGH)
    cost_amount = models.DecimalField(
        _("cost"), max_digits=15, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    cost_currency = models.CharField(_("currency"), max_length=3, blank=True, validators=CURRENCY)
    result = models.TextField(_("result"), blank=True, validators=SHORT_ENOUGH)
    drop_reason = models.TextField(_("why you stopped"), blank=True, validators=SHORT_ENOUGH)
    contact_title = models.CharField(_("contact: title of the role"), max_length=120, blank=True)
    contact_email = models.EmailField(_("contact: role address"), blank=True)
    own_publication = models.ForeignKey(
        Publication, null=True, blank=True, on_delete=models.SET_NULL, related_name="came_from",
        verbose_name=_("your own text about it"),
    )  # fmt: skip
    edition = models.PositiveIntegerField(default=1)  # goes up by one at every save; a stale form names an older one
    recorded_by = models.ForeignKey(  # who said what waits for confirmation now
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    recorded_at = models.DateTimeField(auto_now_add=True)
    asked_at = models.DateTimeField()  # when the owner was asked to confirm it, last
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    declined_at = models.DateTimeField(null=True, blank=True)
    declined_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    decline_reason = models.TextField(_("reason"), blank=True, validators=SHORT_ENOUGH)

    objects: ClassVar[UptakeQuerySet] = UptakeQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("uptake")
        verbose_name_plural = _("uptake")
        indexes: ClassVar = [models.Index(fields=["publication", "state"])]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["publication", "member"], name="uptake_once_a_member"),
            models.CheckConstraint(
                name="uptake_dropped_has_reason", condition=~Q(state="dropped") | ~Q(drop_reason="")
            ),
            models.CheckConstraint(
                name="uptake_cost_has_currency", condition=Q(cost_amount=None) | ~Q(cost_currency="")
            ),
            models.CheckConstraint(
                name="uptake_one_answer", condition=Q(confirmed_at=None) | Q(declined_at=None)
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.member}: {self.publication} ({self.get_state_display()})"

    def get_absolute_url(self) -> str:
        return reverse("uptake:uptake_edit", args=[self.pk])

    @property
    def since(self) -> date | None:
        """The day on which it came into its present state."""
        day: date | None = getattr(self, f"{self.state}_since")
        return day

    @property
    def is_dropped(self) -> bool:
        return self.state == self.State.DROPPED

    @property
    def is_waiting(self) -> bool:
        return self.confirmed_at is None and self.declined_at is None


class BookmarkList(models.Model):
    """Publications that somebody keeps, under a name. Shared, it is read by everybody who has a role at one member.

    Only its owner changes it: it is one person's selection, in their order and with their notes, and colleagues who
    read it can rely on that. It stays shared when its owner leaves or moves on, as contacts outlive persons.
    """

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="bookmark_lists")
    name = models.CharField(_("name of the list"), max_length=80)
    shared_with = models.ForeignKey(
        Member, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("shared with")
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[BookmarkListQuerySet] = BookmarkListQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("list")
        verbose_name_plural = _("lists")
        constraints: ClassVar = [models.UniqueConstraint("owner", Lower("name"), name="uptake_list_name_once")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("uptake:list_detail", args=[self.pk])


class Bookmark(models.Model):
    """One publication in a list, the newest first."""

    list = models.ForeignKey(BookmarkList, on_delete=models.CASCADE, related_name="bookmarks")
    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="+")
    note = models.CharField(_("note"), max_length=500, blank=True)
    added_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[BookmarkQuerySet] = BookmarkQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("saved page")
        verbose_name_plural = _("saved pages")
        ordering: ClassVar = ["-added_at", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["list", "publication"], name="uptake_saved_once_a_list")
        ]

    def __str__(self) -> str:
        return f"{self.list}: {self.publication_id}"
