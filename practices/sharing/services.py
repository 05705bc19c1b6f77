"""Showing a publication to the public, and taking that back."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from members.accounts.models import User
from practices.library.models import Publication
from practices.library.services import record_act


@transaction.atomic
def show_to_public(*, publication: Publication, by: User) -> None:
    """Let everybody read a publication without signing in. What is shown already stays so.

    Raises:
        PermissionDenied: `by` does not write for the owner.
        ValidationError: it is not published.
    """
    locked = _lock(publication, by)
    if locked.state != Publication.State.PUBLISHED:
        raise ValidationError(_("Only what is published can be shown to the public."))
    _set_public(locked, is_public=True, by=by)


@transaction.atomic
def hide_from_public(*, publication: Publication, by: User) -> None:
    """Keep a publication inside the network again, whatever its state.

    Raises:
        PermissionDenied: `by` does not write for the owner.
    """
    _set_public(_lock(publication, by), is_public=False, by=by)


def _lock(publication: Publication, by: User) -> Publication:
    if not by.has_perm("library.change_publication", publication):
        raise PermissionDenied
    locked: Publication = Publication.objects.select_for_update(of=("self",), no_key=True).get(pk=publication.pk)
    return locked


def _set_public(publication: Publication, *, is_public: bool, by: User) -> None:
    if publication.is_public == is_public:
        return
    publication.is_public = is_public
    publication.save(update_fields=["is_public"])
    record_act(publication, "shown_to_public" if is_public else "hidden_from_public", by=by)
