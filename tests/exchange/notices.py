"""Asks and offers for tests."""

from datetime import timedelta

from django.utils import timezone

from config.vocabulary.models import Pathway, Topic
from exchange.peers.models import Notice
from exchange.peers.services import open_notice


def facts(**changes):
    """Return what an ask or offer says, with `changes`."""
    said = {
        "title": "How do you keep rain out of the sewers?",
        "text": "After each cloudburst our cellars are under water. Who has made room for the rain in old streets?",
        "language": "en",
        "formats": ["call", "study_visit"],
        "languages": ["en"],
        "where": "either",
        "costs": "open",
        "closes_on": timezone.localdate() + timedelta(days=30),
    }
    return said | changes


def terms(topics=("water",), pathways=("resilient",)):
    """Return topics and pathways as services take them."""
    return {
        "topics": list(Topic.objects.filter(code__in=topics)),
        "pathways": list(Pathway.objects.filter(code__in=pathways)),
    }


def notice(member, by, kind="ask", *, topics=("water",), pathways=("resilient",), **changes):
    """Open an ask, or an offer, of a member."""
    return open_notice(kind=kind, member=member, facts=facts(**changes), **terms(topics, pathways), by=by)


def age(one, **delta):
    """Let an open one be older, and over if `days` are more than it had."""
    past = timezone.now() - timedelta(**delta)
    Notice.objects.filter(pk=one.pk).update(opened_at=past, closes_on=past.date() + timedelta(days=30))
    one.refresh_from_db()
