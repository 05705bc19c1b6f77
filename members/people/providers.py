"""Setting up the sign-in of an organisation."""

import uuid

from allauth.socialaccount.models import SocialAccount
from django.core.exceptions import PermissionDenied
from django.db import transaction

from config.journal.services import record
from members.accounts.models import User
from members.people.models import SignInProvider


@transaction.atomic
def save_provider(*, provider: SignInProvider, secret: str, by: User) -> SignInProvider:
    """Keep a provider. Accounts that another issuer has opened are not opened by the new one.

    Args:
        secret: empty for the one that it has.

    Raises:
        PermissionDenied: `by` does not administer the network.
        ValidationError: see the model.
    """
    if not by.has_perm("people.change_signinprovider"):
        raise PermissionDenied
    former = SignInProvider.objects.select_for_update(of=("self",)).filter(pk=provider.pk).first()
    if secret:
        provider.secret = secret
    if former and (former.issuer, former.client_id) != (provider.issuer, provider.client_id):
        SocialAccount.objects.filter(provider=former.app_id).delete()
        provider.key = uuid.uuid4()
    provider.domains = sorted({one.strip().lower() for one in provider.domains})
    provider.full_clean()
    provider.save()
    owner = provider.owner
    if owner:
        record(
            verb="sign_in_set", obj=owner, by=by, member_id=provider.member_id, office_id=provider.office_id,
            details={"issuer": provider.issuer, "domains": provider.domains, "active": provider.is_active},
        )  # fmt: skip
    return provider
