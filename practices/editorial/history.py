"""The approved revisions of a publication: each can be read, compared, and begun from again."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from members.accounts.models import User
from practices.editorial.diff import FieldDiff, diff_contents
from practices.editorial.models import Revision
from practices.editorial.querysets import RevisionQuerySet
from practices.editorial.services import begin_revision
from practices.library.content import read_content
from practices.library.models import Publication

# A person's name leaves the page with the person; old versions do not bring it back.
PRIVATE = ("contact_person",)


def versions_of(publication: Publication) -> RevisionQuerySet:
    """Return the approved revisions, the newest first. Whoever may read the publication may read them."""
    approved = Revision.objects.filter(publication=publication, version__isnull=False)
    return approved.select_related("submitted_by", "reviewer").order_by("-version")


def compare(old: Revision, new: Revision) -> list[FieldDiff]:
    """Return what differs between two versions of a publication, field by field."""
    contents = [_without_private(one.content) for one in (old, new)]
    return diff_contents(*contents, publication=new.publication)


def as_shown(version: Revision) -> Revision:
    """Return a version as others may read it, not to be saved."""
    version.content = _without_private(version.content)
    return version


@transaction.atomic
def restore_version(*, publication: Publication, version: int, by: User) -> Revision:
    """Begin a revision from an earlier version; it is reviewed like any other.

    Raises:
        PermissionDenied: `by` does not write for the owner.
        ValidationError: a revision is open already, the publication is archived, or there is no such version.
    """
    if not by.has_perm("library.change_publication", publication):
        raise PermissionDenied
    publication = Publication.objects.select_for_update(of=("self",)).get(pk=publication.pk)
    if publication.state == Publication.State.ARCHIVED:
        raise ValidationError(_("This is archived. Lists do not show it."))
    if Revision.objects.open().filter(publication=publication).exists():
        raise ValidationError(_("A revision is in progress. Finish it or withdraw it first."))
    old = versions_of(publication).filter(version=version).first()
    if old is None:
        raise ValidationError(_("There is no such version."))
    now = read_content(publication)
    restored = old.content | {name: now[name] for name in PRIVATE}
    return begin_revision(publication=publication, content=restored, by=by, details={"restored": version})


def _without_private(content: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in content.items() if name not in PRIVATE}
