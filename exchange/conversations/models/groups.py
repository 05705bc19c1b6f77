"""Communities of practice and working groups: who is in them, what they keep and when they meet."""

import uuid
from typing import ClassVar
from zoneinfo import ZoneInfo

from django.core.validators import MaxLengthValidator, URLValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.files.models import Blob
from config.kit.time_zones import zone_or_utc
from config.kit.validators import validate_not_far
from config.vocabulary.models import Topic
from exchange.conversations.models.comments import WORDS
from exchange.conversations.querysets import GroupEventQuerySet, GroupFileQuerySet, GroupQuerySet, MembershipQuerySet
from members.accounts.models import User, validate_time_zone
from members.directory.models import Office

NAME_TAKEN = _("Another group has this name. Please find one that says how yours differs.")


class Group(models.Model):
    """People who talk about one thing. A closed one is not there for anybody but its members and those invited."""

    class Kind(models.TextChoices):
        COMMUNITY = "community", _("Community of practice")
        WORKING = "working", _("Working group")

    class Admission(models.TextChoices):
        OPEN = "open", _("Open: everybody in the network can join")
        REQUEST = "request", _("On request: a keeper lets people in")
        CLOSED = "closed", _("Closed: by invitation, and nobody else sees it")

    name = models.CharField(_("name"), max_length=80)
    kind = models.CharField(_("kind of group"), max_length=9, choices=Kind.choices, default=Kind.COMMUNITY)
    admission = models.CharField(
        _("who can join?"), max_length=7, choices=Admission.choices, default=Admission.OPEN
    )  # fmt: skip
    about = models.TextField(_("what is it for?"), validators=WORDS)
    topic = models.ForeignKey(
        Topic, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("topic")
    )
    office = models.ForeignKey(
        Office, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("office")
    )
    founded_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    founded_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)  # its last member has left, and no office looks after it
    hidden_at = models.DateTimeField(null=True, blank=True)  # by a coordinator; see moderation

    objects: ClassVar[GroupQuerySet] = GroupQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("group")
        verbose_name_plural = _("groups")
        constraints: ClassVar = [
            # Closed ones stand apart: that a name is in use would tell of a group that is there for nobody else.
            models.UniqueConstraint(
                Lower("name"),
                name="conversations_group_name_once",
                condition=Q(ended_at=None) & ~Q(admission="closed"),
                violation_error_message=NAME_TAKEN,
            ),
            models.CheckConstraint(
                name="conversations_group_of_something", condition=Q(topic__isnull=False) | Q(office__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("conversations:group_detail", args=[self.pk])


class Membership(models.Model):
    """Where one person stands with a group."""

    class State(models.TextChoices):
        ASKED = "asked", _("Wants to join")
        INVITED = "invited", _("Was invited")
        MEMBER = "member", _("Member of the group")
        DECLINED = "declined", _("Declined")
        LEFT = "left", _("Left")
        REMOVED = "removed", _("Removed")

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=8, choices=State.choices, blank=True)
    is_keeper = models.BooleanField(default=False)
    message = models.TextField(_("why do you want to join?"), blank=True, validators=[MaxLengthValidator(2_000)])
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")  # who acted last
    since = models.DateTimeField()

    objects: ClassVar[MembershipQuerySet] = MembershipQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering: ClassVar = ["-is_keeper", "since", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["group", "user"], name="conversations_membership_once"),
            models.CheckConstraint(name="conversations_has_state", condition=~Q(state="")),
            models.CheckConstraint(
                name="conversations_keeper_is_member", condition=Q(is_keeper=False) | Q(state="member")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.group}: {self.user} ({self.get_state_display()})"


class GroupFile(models.Model):
    """A document or picture that a group keeps; only its members have it."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="files")
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    hidden_at = models.DateTimeField(null=True, blank=True)  # by a coordinator; see moderation

    objects: ClassVar[GroupFileQuerySet] = GroupFileQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering: ClassVar = ["-at", "-pk"]

    def __str__(self) -> str:
        return self.name


class GroupEvent(models.Model):
    """When a group meets, in the zone of the place where it was said; calendars know it by its uid."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="events")
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    sequence = models.PositiveIntegerField(default=0)  # goes up by one at every change (RFC 5545)
    title = models.CharField(_("title"), max_length=120)
    starts_at = models.DateTimeField(_("begins"), validators=[validate_not_far])
    ends_at = models.DateTimeField(_("ends"), validators=[validate_not_far])
    time_zone = models.CharField(_("time zone"), max_length=64, validators=[validate_time_zone])
    place = models.CharField(_("where"), max_length=200, blank=True)
    link = models.URLField(_("link to join"), blank=True, validators=[URLValidator(schemes=["https", "http"])])
    about = models.TextField(_("what happens there?"), blank=True, validators=WORDS)
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    changed_at = models.DateTimeField(default=timezone.now)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    hidden_at = models.DateTimeField(null=True, blank=True)  # by a coordinator; see moderation

    objects: ClassVar[GroupEventQuerySet] = GroupEventQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering: ClassVar = ["starts_at", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(name="conversations_event_ends_later", condition=Q(ends_at__gt=F("starts_at")))
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"{self.group.get_absolute_url()}#meetings"

    @property
    def zone(self) -> ZoneInfo:
        return zone_or_utc(self.time_zone)
