"""Who looks after a publication, so that it is never without somebody when a person leaves."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from members.accounts.models import User
from practices.editorial import emails
from practices.library.models import Publication
from practices.library.queries import writers_of
from practices.library.services import record_act


@transaction.atomic
def reassign_publication(*, publication: Publication, to: User, by: User) -> Publication:
    """Make `to` the person who looks after a publication: whom questions about it and yearly checks go to.

    They get an e-mail, unless they took it on themselves.

    Raises:
        PermissionDenied: `by` does not write for the owner, nor coordinates its office.
        ValidationError: `to` does not write for the owner.
    """
    if not by.has_perm("library.assign_publication", publication):
        raise PermissionDenied
    publication = Publication.objects.select_for_update(of=("self",)).get(pk=publication.pk)
    if to not in writers_of(publication):
        raise ValidationError({"to": _("They do not write for the owner of this text.")})
    if publication.responsible != to:
        publication.responsible = to
        publication.save(update_fields=["responsible"])
        record_act(publication, "reassigned", by=by, details={"to": to.pk})
        emails.queue_responsible(publication, by)
    return publication
