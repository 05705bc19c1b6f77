"""How people come to members: the sign-in of an organisation, and asking to join."""

import uuid
from typing import ClassVar
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from members.accounts.models import User
from members.accounts.secrets import seal, unseal
from members.directory.models import Member, Office
from members.people.querysets import JoinRequestQuerySet, SignInProviderQuerySet

LOOPBACK = frozenset({"localhost", "127.0.0.1"})


def validate_issuer(value: str) -> None:
    """Raise ValidationError unless `value` is an https address without a query; while developing also http here."""
    parts = urlsplit(value)
    secure = parts.scheme == "https" or (settings.DEBUG and parts.scheme == "http" and parts.hostname in LOOPBACK)
    if not secure or not parts.hostname or parts.query or parts.fragment or "@" in parts.netloc:
        raise ValidationError(_("This is not the address of a sign-in service: it begins with https://."))


def validate_domain(value: str) -> None:
    """Raise ValidationError unless `value` is the part of an e-mail address after the @, in lower case."""
    labels = value.split(".")
    well = all(part and part.replace("-", "").isalnum() and part.strip("-") == part for part in labels)
    if value != value.lower() or len(labels) < 2 or not well:
        raise ValidationError(_("“%(value)s” is not a domain such as city.example."), params={"value": value})


class SignInProvider(models.Model):
    """A sign-in service of a member or an office that speaks OpenID Connect, for addresses of its own domains."""

    # Names the provider in addresses and in the links of accounts to it. Another issuer gets another key, since its
    # "sub" names other people.
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    member = models.ForeignKey(
        Member, null=True, blank=True, on_delete=models.CASCADE, related_name="sign_in_providers",
        verbose_name=_("member"),
    )  # fmt: skip
    office = models.ForeignKey(
        Office, null=True, blank=True, on_delete=models.CASCADE, related_name="sign_in_providers",
        verbose_name=_("office"),
    )  # fmt: skip
    issuer = models.CharField(_("address of the issuer"), max_length=300, validators=[validate_issuer])
    client_id = models.CharField(_("client id"), max_length=200)
    sealed_secret = models.TextField(editable=False)
    domains = ArrayField(
        models.CharField(max_length=253, validators=[validate_domain]),
        verbose_name=_("e-mail domains"),
        help_text=_("It signs in nobody whose address has another domain."),
    )
    is_trusted = models.BooleanField(
        _("vouches for its addresses"),
        default=False,
        help_text=_("It may leave out that an address of its own domains is verified."),
    )
    is_active = models.BooleanField(_("active"), default=True)

    objects: ClassVar[SignInProviderQuerySet] = SignInProviderQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("sign-in of an organisation")
        verbose_name_plural = _("sign-ins of organisations")
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="people_provider_of_one",
                condition=Q(member__isnull=False, office=None) | Q(member=None, office__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return str(self.owner)

    @property
    def owner(self) -> Member | Office | None:
        return self.member or self.office

    @property
    def app_id(self) -> str:
        """What allauth calls it."""
        return f"oidc-{self.key}"

    @property
    def secret(self) -> str:
        return unseal(self.sealed_secret)

    @secret.setter
    def secret(self, value: str) -> None:
        self.sealed_secret = seal(value)

    def covers(self, email: str) -> bool:
        """Whether `email` is of one of its domains; not of one below them."""
        return email.rpartition("@")[2].lower() in self.domains

    def clean(self) -> None:
        """Check that no other provider has one of the domains."""
        taken = SignInProvider.objects.exclude(pk=self.pk).filter(domains__overlap=self.domains or [])
        if taken.exists():
            raise ValidationError({"domains": _("Another organisation’s sign-in has one of these domains.")})
        if (self.member is None) == (self.office is None):
            raise ValidationError(_("Choose a member or an office."))


class JoinRequest(models.Model):
    """Somebody whose verified address has a domain of a member asks to belong to it. A liaison answers."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="join_requests")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="join_requests")
    # Where they change jobs: the member that they leave as soon as the new one has accepted them.
    leaves = models.ForeignKey(
        Member, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("leaves")
    )
    created_at = models.DateTimeField(auto_now_add=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    approved = models.BooleanField(null=True)
    reason = models.TextField(_("reason"), blank=True, max_length=2000)

    objects: ClassVar[JoinRequestQuerySet] = JoinRequestQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("request to join")
        verbose_name_plural = _("requests to join")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "member"], condition=Q(answered_at=None), name="people_one_open_request"
            ),
            models.CheckConstraint(
                name="people_answered_is_whole",
                condition=Q(answered_at=None, approved=None) | Q(answered_at__isnull=False, approved__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.member}"
