"""Who may translate, approve and read a translation."""

from typing import TYPE_CHECKING

import rules

from members.directory.rules import is_administrator, roles_of
from practices.library.rules import is_author, is_reviewing_coordinator

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from members.accounts.models import User
    from practices.library.models import Publication
    from practices.translations.models import Translation


@rules.predicate
def reads_original(user: "User | AnonymousUser", translation: "Translation | None") -> bool:
    return translation is not None and user.has_perm("library.view_publication", translation.publication)


@rules.predicate
def is_approved(_user: "User | AnonymousUser", translation: "Translation | None") -> bool:
    return translation is not None and translation.is_approved


@rules.predicate
def is_translator(user: "User | AnonymousUser", translation: "Translation | None") -> bool:
    return translation is not None and translation.saved_by_id == user.pk


@rules.predicate
def approves(user: "User | AnonymousUser", translation: "Translation | None") -> bool:
    """Whether they answer for the original: its authors, and the coordinators of the office that reviews it."""
    return translation is not None and answers_for(user, translation.publication)


@rules.predicate
def writes(user: "User | AnonymousUser", publication: "Publication | None") -> bool:
    """Whether they write for any member or office, and read this publication, which is published."""
    roles = roles_of(user)
    if publication is None or publication.state != "published":
        return False
    return bool(roles.writes_for or roles.coordinates or roles.is_administrator)


answers_for = is_author | is_reviewing_coordinator | is_administrator
rules.add_perm("translations.translate_publication", writes)
rules.add_perm("translations.approve_translation", approves)
rules.add_perm("translations.view_translation", reads_original & (is_approved | is_translator | approves))
