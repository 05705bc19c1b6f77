"""What this room shows on a publication's page, and where one's own texts are listed."""

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone

from config.outbox.addresses import dead_addresses
from practices.editorial.models import Revision
from practices.library.models import Publication
from practices.upkeep.models import Check
from practices.upkeep.queries import broken_links, read_cares
from practices.upkeep.services import YEAR


def draw_state(request: HttpRequest, publication: Publication) -> str:
    """Draw what readers should know before they rely on it, and for its authors what they can do.

    That it needs an update is its authors' matter until a draft of one exists: then readers hear that it is under way.
    """
    if publication.state != Publication.State.PUBLISHED:
        return ""
    is_old = _is_old(publication)
    check = Check.objects.current().filter(publication=publication).order_by("-pk").first() if is_old else None
    wants_update = check is not None and check.answer == Check.Answer.NEEDS_UPDATE
    is_author = request.user.has_perm("library.change_publication", publication)
    context = {
        "publication": publication,
        "check": check,
        "is_old": is_old,
        "wants_update": wants_update,
        "update_begun": wants_update and Revision.objects.open().filter(publication=publication).exists(),
        "is_author": is_author,
        "broken": broken_links(publication) if is_author else [],
        "is_dead": is_author and bool(dead_addresses([publication.contact_email])),
    }
    return render_to_string("practices/upkeep/state_panel.html", context, request)


def draw_confirm(request: HttpRequest, publication: Publication) -> str:
    """Draw for its authors the button that confirms it before they are asked."""
    published = publication.state == Publication.State.PUBLISHED and not _is_old(publication)
    if not published or not request.user.has_perm("library.change_publication", publication):
        return ""
    return render_to_string("practices/upkeep/confirm_panel.html", {"publication": publication}, request)


def draw_care(request: HttpRequest, _subject: object) -> str:
    """Draw, where one's own texts are listed, those that need somebody's care, each with the reasons."""
    cares = read_cares(request.user)
    return render_to_string("practices/upkeep/care_panel.html", {"cares": cares}, request) if cares else ""


def _is_old(publication: Publication) -> bool:
    """Whether it was not confirmed for so long that it is asked about; there are no questions about others."""
    return publication.confirmed_at is not None and publication.confirmed_at <= timezone.now() - YEAR
