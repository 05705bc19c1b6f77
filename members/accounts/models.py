"""People who sign in."""

from typing import Any, ClassVar
from zoneinfo import available_timezones

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from config.vocabulary.models import Topic


def validate_time_zone(value: str) -> None:
    """Raise ValidationError unless `value` is a name of the tz database."""
    if value not in available_timezones():
        raise ValidationError(_("There is no time zone “%(value)s”."), params={"value": value})


class UserManager(BaseUserManager["User"]):
    """Makes users who are known by their e-mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Make a user; the address is kept in lower case, so that it is unique however it is typed."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Make an administrator: `manage.py createsuperuser` for the first one of a network."""
        return self.create_user(email, password, is_administrator=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A person. What they may do comes from their roles at members and offices, not from here."""

    class AddressVisibility(models.TextChoices):
        """Who sees the e-mail address; empty follows the network's rule, ADDRESS_VISIBILITY."""

        NETWORK = "network", _("Everybody in the network")
        CONNECTIONS = "connections", _("My member and my connections")
        NOBODY = "nobody", _("Nobody")

    email = models.EmailField(_("e-mail address"), max_length=254)
    name = models.CharField(_("name"), max_length=120)
    job_title = models.CharField(_("job title"), max_length=120, blank=True)
    languages_read = ArrayField(
        models.CharField(max_length=12),
        verbose_name=_("languages you read"),
        default=list,
        blank=True,
    )
    languages_spoken = ArrayField(
        models.CharField(max_length=12), verbose_name=_("languages you speak"), default=list, blank=True
    )
    expertise = models.ManyToManyField(Topic, verbose_name=_("what you know about"), blank=True, related_name="+")
    ask_me_about = models.TextField(_("ask me about"), max_length=1000, blank=True)
    address_visibility = models.CharField(
        _("who sees your e-mail address"), max_length=12, choices=AddressVisibility.choices, blank=True
    )
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC", validators=[validate_time_zone])
    language = models.CharField(_("language of the interface"), max_length=12, choices=settings.LANGUAGES, default="en")
    is_active = models.BooleanField(_("active"), default=True)
    erased_at = models.DateTimeField(null=True, blank=True, editable=False)
    is_administrator = models.BooleanField(_("administrator of the network"), default=False)
    joined_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints: ClassVar = [models.UniqueConstraint(Lower("email"), name="accounts_email_once")]

    def __str__(self) -> str:
        if self.erased_at:
            return gettext("A former member of staff")
        return self.name or self.email

    @property
    def is_staff(self) -> bool:
        """Whether the support tool (Django's admin) lets them in."""
        return self.is_administrator

    @property
    def address_rule(self) -> str:
        """Who sees the address: what the person has chosen, else the network's rule."""
        return self.address_visibility or str(settings.ADDRESS_VISIBILITY)

    @property
    def hides_address(self) -> bool:
        """Whether nobody sees the address, whatever they do together: people reach them on their page."""
        return self.address_rule == self.AddressVisibility.NOBODY

    @property
    def is_fictitious(self) -> bool:
        """Whether this is an account of the demo network: `.example` is reserved for examples (RFC 2606)."""
        return self.email.endswith(".example")


class SignIn(models.Model):
    """One attempt to sign in to an account that exists: how it went, when and from where. Kept for 90 days."""

    class Method(models.TextChoices):
        PASSWORD = "password", _("Password")
        PASSKEY = "passkey", _("Passkey")
        PROVIDER = "provider", _("Organisation’s sign-in")
        INVITATION = "invitation", _("Invitation")
        LINK = "link", _("Link in an e-mail")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sign_ins")
    at = models.DateTimeField(auto_now_add=True)
    ip = models.GenericIPAddressField(null=True, blank=True)
    user_agent = models.CharField(max_length=200, blank=True)
    method = models.CharField(max_length=10, choices=Method.choices)
    second_factor = models.BooleanField(default=False)  # whether it came to that, or failed there
    succeeded = models.BooleanField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["user", "-at"]), models.Index(fields=["at"])]

    def __str__(self) -> str:
        return f"{self.user}, {self.get_method_display()}, {self.at}"


class PersonalDataEvent(models.Model):
    """Somebody saw or changed what is somebody else's. Rows are only ever added: a trigger of the database says so.

    People are not deleted but erased, so both stay known, and a row names columns, never what stood in them.
    """

    class What(models.TextChoices):
        ADDRESS_SEEN = "address_seen", _("saw the e-mail address")
        ACCOUNT_SEEN = "account_seen", _("opened the account")
        CHANGED = "changed", _("changed the account")
        SESSIONS_ENDED = "sessions_ended", _("ended the sessions")
        ERASED = "erased", _("erased the account")

    at = models.DateTimeField(auto_now_add=True)
    who = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    whose = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    what = models.CharField(max_length=20, choices=What.choices)
    details: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(default=dict)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["whose", "-at"]), models.Index(fields=["at"])]

    def __str__(self) -> str:
        return f"{self.who} {self.get_what_display()}: {self.whose}"
