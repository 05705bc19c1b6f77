"""Everything a member has here, as a ZIP: nobody is held by a system that keeps their work.

- `manifest.json`: what this is, and each file with its name, size and SHA-256.
- `publications.json`: every publication of the member in every state, with its content (see `library.content`), its
  approved versions, its other revisions and the decisions on them, as far as the one who asks may read them.
- one more JSON file for each part that an upper room has registered, such as `uptake.json`.
- `files/<id>-<name>`: the photos and documents, under the ids that the content names.
"""

import json
import shutil
import zipfile
from collections.abc import Callable, Iterable, Iterator
from tempfile import TemporaryFile
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from config.files.names import clean_name
from config.files.places import place_of
from config.journal.services import record
from config.outbox.rendering import absolute_url
from members.accounts.models import User
from members.directory.models import Member
from practices.editorial.history import as_shown, versions_of
from practices.editorial.models import Revision
from practices.library.content import read_content
from practices.library.models import File, Publication

FORMAT = "talkoo-member/1"
MOST_FILE_BYTES = 500_000_000
CHUNK = 100
Part = Callable[[Member, User], Iterable[dict[str, Any]]]
_parts: dict[str, Part] = {}


def register_part(name: str, read: Part) -> None:
    """Add `NAME.json` to the archive: what `read(member, by)` yields. Called from an AppConfig's ready()."""
    _parts[name] = read


def files_size(member: Member) -> int:
    """Return how many bytes the member's files have together."""
    return _files(member).aggregate(total=Sum("blob__size"))["total"] or 0


def make_archive(*, member: Member, with_files: bool, by: User) -> IO[bytes]:
    """Return a temporary file with the ZIP, at its beginning; the caller closes it.

    Raises:
        PermissionDenied: `by` is neither liaison of the member nor coordinates or administers it.
        ValidationError: the files have more than 500 MB together.
    """
    if not by.has_perm("sharing.export_member", member):
        raise PermissionDenied
    if with_files and files_size(member) > MOST_FILE_BYTES:
        raise ValidationError(_("The files are too large for one download. Take the texts without them."))
    made = TemporaryFile()  # noqa: SIM115 - the caller closes it
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        files = list(_write_files(archive, member)) if with_files else []
        _write_json(archive, "publications.json", _publications(member, by))
        for name, read in sorted(_parts.items()):
            _write_json(archive, f"{name}.json", read(member, by))
        manifest = {
            "format": FORMAT,
            "network": settings.NETWORK_NAME,
            "member": {"name": member.name, "name_en": member.name_en, "country": member.country,
                       "address": absolute_url(member.get_absolute_url())},
            "made_at": timezone.now(),
            "with_files": with_files,
            "files": files,
        }  # fmt: skip
        archive.writestr("manifest.json", _dump(manifest))
    made.seek(0)
    details = {"files": len(files)}
    record(verb="exported", obj=member, by=by, member_id=member.pk, office_id=member.office_id, details=details)
    return made


def _files(member: Member) -> Any:
    return File.objects.filter(publication__owner_member=member).select_related("blob").order_by("pk")


def _write_files(archive: zipfile.ZipFile, member: Member) -> Iterator[dict[str, Any]]:
    """Write each file as it is kept; yield what the manifest says of it."""
    for file in _files(member).iterator(chunk_size=CHUNK):
        name = f"files/{file.pk}-{clean_name(file.name, file.blob.media_type)}"
        path = place_of(file.blob.sha256)
        there = path.is_file()
        if there:
            # Pictures and office files are packed already.
            with path.open("rb") as source, archive.open(zipfile.ZipInfo(name), "w", force_zip64=True) as target:
                shutil.copyfileobj(source, target)
        yield {
            "id": file.pk, "publication": file.publication_id, "name": file.name, "path": name if there else None,
            "media_type": file.blob.media_type, "size": file.blob.size, "sha256": file.blob.sha256,
            "uploaded_at": file.uploaded_at,
        }  # fmt: skip


def _publications(member: Member, by: User) -> Iterator[dict[str, Any]]:
    rows = Publication.objects.visible_to(by).filter(owner_member=member).order_by("pk")
    for publication in rows.with_cards().with_page().select_related("responsible").iterator(chunk_size=CHUNK):
        versions = [_revision(as_shown(one)) for one in versions_of(publication).prefetch_related("decisions__by")]
        yield {
            "id": publication.pk,
            "address": absolute_url(publication.get_absolute_url()),
            "kind": publication.kind,
            "state": publication.state,
            "archived_reason": publication.archived_reason,
            "is_public": publication.is_public,
            "evidence": publication.evidence,
            "review_level": publication.review_level,
            "version": publication.version,
            "responsible": _name(publication.responsible),
            "created_at": publication.created_at,
            "published_at": publication.published_at,
            "updated_at": publication.updated_at,
            "confirmed_at": publication.confirmed_at,
            "unconfirmed_at": publication.unconfirmed_at,
            "content": read_content(publication),
            "versions": versions,
            "other_revisions": [_revision(one) for one in _other_revisions(publication, by)],
        }


def _other_revisions(publication: Publication, by: User) -> Iterable[Revision]:
    """Return drafts, and what was declined or withdrawn. Reviewers read only what was submitted to them."""
    rows = Revision.objects.visible_to(by).filter(publication=publication, version=None).order_by("pk")
    return rows.select_related("submitted_by").prefetch_related("decisions__by")


def _revision(revision: Revision) -> dict[str, Any]:
    return {
        "state": revision.state,
        "version": revision.version,
        "created_at": revision.created_at,
        "submitted_at": revision.submitted_at,
        "closed_at": revision.closed_at,
        "submitted_by": _name(revision.submitted_by),
        "content": revision.content,
        "decisions": [
            {"verdict": one.verdict, "reason": one.reason, "by": _name(one.by), "at": one.at}
            for one in revision.decisions.all()
        ],
    }


def _name(person: User | None) -> str | None:
    return person.name if person else None


def _write_json(archive: zipfile.ZipFile, name: str, objects: Iterable[dict[str, Any]]) -> None:
    """Write a list, one object after the other, so that it never stands in memory as a whole."""
    with archive.open(zipfile.ZipInfo(name), "w", force_zip64=True) as file:
        file.write(b"[")
        for number, one in enumerate(objects):
            file.write((",\n" if number else "\n").encode() + _dump(one).encode())
        file.write(b"\n]\n")


def _dump(value: Any) -> str:
    return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1)
