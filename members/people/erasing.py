"""Erasure: a person goes, what they did for their member stays, as that of a former member of staff.

Source: Regulation (EU) 2016/679, article 17; the member's record is kept under its paragraph 3.
"""

import uuid

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from config.journal.services import record
from config.outbox.models import Message
from config.outbox.services import hold_back
from members.accounts.models import PersonalDataEvent, SignIn, User
from members.accounts.personal_data import erase_in_rooms, note_personal_data
from members.accounts.sign_ins import end_sessions
from members.directory.models import Invitation
from members.people.models import JoinRequest
from members.people.roles import leave_everything

NOWHERE = "erased.invalid"  # a name that never exists (RFC 2606)


@transaction.atomic
def erase_person(*, user: User, by: User) -> User:
    """Replace name and address by anonymous ones, and remove roles, sessions and everything that is theirs alone.

    What is published stays with its member; so does who acted when, as acts of a former member of staff. Work that is
    open is handed over as when somebody leaves.

    Raises:
        PermissionDenied: `by` is neither the person nor an administrator.
        ValidationError: they are erased already, or the network would be without an administrator.
    """
    if by.pk != user.pk and not by.has_perm("accounts.delete_user"):
        raise PermissionDenied
    # Two administrators who go at once come one after the other.
    list(User.objects.select_for_update().filter(Q(is_administrator=True) | Q(pk=user.pk)).order_by("pk"))
    user = User.objects.get(pk=user.pk)
    if user.erased_at:
        raise ValidationError(_("This account is erased already."))
    others = User.objects.filter(is_administrator=True, is_active=True).exclude(pk=user.pk)
    if user.is_administrator and not others.exists():
        raise ValidationError(_("The network needs an administrator. Make somebody else one first."))
    leave_everything(user=user, by=by)
    erase_in_rooms(user)
    end_sessions(user=user, by=by if by.is_administrator else user)
    _forget_mail(user)
    _forget_account(user)
    _anonymise(user)
    record(verb="erased", obj=user, by=by)
    note_personal_data(who=by, whose=user, what=PersonalDataEvent.What.ERASED)
    return user


def _forget_account(user: User) -> None:
    theirs: tuple[type[models.Model], ...] = (
        EmailAddress, SocialAccount, Authenticator, UserSession, SignIn, JoinRequest,
    )  # fmt: skip
    for model in theirs:
        model._base_manager.filter(user=user).delete()
    # Who was invited where is the member's record; the address is not.
    invited = Invitation.objects.filter(Q(accepted_by=user) | Q(email__iexact=user.email))
    invited.open().update(withdrawn_at=timezone.now())
    invited.update(email=f"erased@{NOWHERE}")
    admin_log = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(User), object_id=str(user.pk))
    admin_log.update(object_repr="", change_message="")


def _forget_mail(user: User) -> None:
    """Keep back what is not sent, and take the address and what was told out of what is."""
    theirs = Message.objects.filter(Q(user=user) | Q(recipient__iexact=user.email))
    hold_back(theirs, reason="the account was erased")
    theirs.exclude(state=Message.State.SUBMITTING).update(
        recipient=f"erased@{NOWHERE}", payload={}, reply="", user=None
    )  # fmt: skip


def _anonymise(user: User) -> None:
    user.email, user.name = f"{uuid.uuid4()}@{NOWHERE}", ""
    user.job_title = user.ask_me_about = ""
    user.languages_read, user.languages_spoken = [], []
    user.address_visibility = User.AddressVisibility.NOBODY
    user.time_zone, user.last_login = "UTC", None
    user.is_active = user.is_administrator = False
    user.erased_at = timezone.now()
    user.set_unusable_password()
    user.expertise.clear()
    user.save()
