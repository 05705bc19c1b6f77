"""What a provider says of somebody, and whether it may: the whole rule of signing in by way of an organisation.

Sources: OpenID Connect Core 1.0, 5.1 (email_verified) and 5.7 (only `iss` and `sub` together name a person).
"""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from members.accounts.models import User
from members.people.models import SignInProvider


class RefusedError(Exception):
    """The provider may not sign this person in; the message says why, in the reader's language."""


def claimed_address(provider: SignInProvider, claims: Mapping[str, Any]) -> str:
    """Return the address that `claims` prove, in lower case.

    Raises:
        RefusedError: there is none, it is not verified, or its domain is not one of the provider's.
    """
    email = str(claims.get("email") or "").strip().lower()
    try:
        validate_email(email)
    except ValidationError:
        raise RefusedError(_("Your organisation has not told us your e-mail address.")) from None
    if not provider.covers(email):
        raise RefusedError(_("%(email)s is not an address of this organisation.") % {"email": email})
    # Some providers write it as a text.
    said = claims.get("email_verified")
    verified = said is True or said == "true" or (said is None and provider.is_trusted)
    if not verified:
        raise RefusedError(_("Your organisation does not say that your e-mail address is verified."))
    return email


def check_account(provider: SignInProvider, user: User) -> None:
    """Check that `provider` may open the account of `user`, whom it has perhaps let in before.

    Raises:
        RefusedError: the account's address is of another domain by now, as that of somebody who changed jobs.
    """
    if not provider.covers(user.email):
        raise RefusedError(_("Your account has an address of another organisation now. Sign in with that one."))
