"""What a fact about a member cannot be."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

# The largest municipality, Chongqing, has 32 million inhabitants.
TOO_MANY_PEOPLE = 40_000_000
# Where anybody gets an address: nobody belongs to a member for having one there.
PUBLIC_PROVIDERS = frozenset({
    "aol.com", "bk.ru", "fastmail.com", "free.fr", "gmail.com", "gmx.at", "gmx.ch", "gmx.com", "gmx.de", "gmx.net",
    "googlemail.com", "hotmail.co.uk", "hotmail.com", "hotmail.de", "hotmail.es", "hotmail.fr", "hotmail.it",
    "icloud.com", "inbox.ru", "interia.pl", "laposte.net", "libero.it", "list.ru", "live.com", "luukku.com",
    "mac.com", "mail.com", "mail.ru", "me.com", "msn.com", "naver.com", "o2.pl", "onet.pl", "orange.fr",
    "outlook.com", "outlook.de", "outlook.es", "outlook.fr", "pm.me", "proton.me", "protonmail.com", "qq.com",
    "rediffmail.com", "rocketmail.com", "seznam.cz", "suomi24.fi", "t-online.de", "tuta.com", "tutanota.com",
    "ukr.net", "uol.com.br", "web.de", "wp.pl", "yahoo.co.in", "yahoo.co.jp", "yahoo.co.uk", "yahoo.com", "yahoo.de",
    "yahoo.es", "yahoo.fr", "yahoo.it", "yandex.com", "yandex.ru", "ymail.com", "zoho.com", "126.com", "163.com",
})  # fmt: skip
_LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})+")


def validate_population(value: int) -> None:
    """Raise ValidationError unless so many people can live in a place."""
    if value < 1:
        raise ValidationError(_("It cannot be 0. Leave it empty where it is not known."), code="population")
    if value >= TOO_MANY_PEOPLE:
        raise ValidationError(
            _("No local government has 40 million inhabitants. Is this the number of its own people?"),
            code="population",
        )


def validate_email_domain(value: str) -> None:
    """Raise ValidationError unless `value` is a domain, in small letters, that can be a member's own."""
    if value != value.lower() or len(value) > 253 or not _DOMAIN.fullmatch(value):
        raise ValidationError(
            _("“%(value)s” is no domain. It is what stands after the @, such as city.example."),
            params={"value": value},
            code="domain",
        )
    if value in PUBLIC_PROVIDERS:
        raise ValidationError(
            _("Everybody can have an address at %(value)s, so it cannot stand for a member."),
            params={"value": value},
            code="public",
        )
