"""Publishing and submitting in one line, as the services do it."""

import pytest

from config.outbox.sender import Sender
from exchange.digests.models import Subscription
from exchange.digests.services import add_missing_subscriptions, plan_digests
from practices.editorial.services import begin_publication, save_revision, submit_revision
from practices.library.content import LISTS, PLACE, field_names
from practices.library.forms import PublicationForm
from practices.library.services import make_publication, publish_content
from tests.exchange.acts import utc

CONTENT = {
    "title": "Heat from data centres",
    "summary": "Waste heat warms the town.",
    "language": "en",
    "status": "running",
    "start_year": "2024",
    "pathways": ["circular"],
    "topics": ["energy"],
    "challenge": "Heat was wasted.",
    "solution": "We use it.",
    "results": "Less gas.",
    "contact_email": "heat@city.example",
}


@pytest.fixture
def publish(db):
    """Return a function that publishes something of `owner`, or a new version of `publication`."""

    def publish(owner=None, title=CONTENT["title"], *, publication=None, **changes):
        content = CONTENT | {"title": title} | changes
        if publication is None:
            publication = make_publication(
                kind="practice", owner=owner, language=content["language"], title=title, by=None
            )
        names = [name for name in field_names("practice") if name not in PLACE]
        form = PublicationForm(content, kind="practice", names=names)
        assert form.is_valid(), form.errors
        cleaned = {name: [] for name in LISTS} | form.cleaned_data
        return publish_content(publication=publication, cleaned=cleaned, content=content, by=None)

    return publish


@pytest.fixture
def submit(db):
    """Return a function that writes and submits a practice of `owner`."""

    def submit(owner, by, title=CONTENT["title"]):
        revision = begin_publication(kind="practice", owner=owner, language="en", title=title, by=by)
        revision = save_revision(
            revision=revision, changes=CONTENT | {"title": title}, edition=1, window="w", final=True, by=by
        )
        return submit_revision(revision=revision, edition=revision.edition, by=by)

    return submit


@pytest.fixture
def subscribe(db):
    """Return a function that gives everybody their subscription and returns that of `user` with `fields` changed."""

    def subscribe(user, topics=(), pathways=(), **fields):
        add_missing_subscriptions()
        subscription = Subscription.objects.get(user=user)
        for name, value in fields.items():
            setattr(subscription, name, value)
        subscription.save()
        for name, codes in (("topics", topics), ("pathways", pathways)):
            manager = getattr(subscription, name)
            manager.set(manager.model.objects.filter(code__in=codes))
        return subscription

    return subscribe


@pytest.fixture
def at(time_machine):
    """Return a function that sets the clock, in UTC; it goes on from there."""
    return lambda text: time_machine.move_to(utc(text), tick=True)


@pytest.fixture
def carlos(cast, publish, subscribe, at):
    """A daily reader in Helsinki's zone at 7 (05:00 UTC in winter), one practice to tell, on 25 November at noon."""
    at("2026-11-25 10:00")
    publish(cast.lahti)
    Subscription.objects.all().delete()
    subscription = subscribe(
        cast.carlos, cadence="daily", hour=7, time_zone="Europe/Helsinki", next_due=utc("2026-11-26 05:00")
    )
    others = Subscription.objects.exclude(pk=subscription.pk)
    others.update(cadence=Subscription.Cadence.NEVER, next_due=None)
    return subscription


@pytest.fixture
def deliver(carlos, smtp, at):
    """Return a function that plans what is due on 26 November at seven and sends it; it returns the mail to Carlos."""

    def deliver(when="2026-11-26 05:00:10"):
        at(when)
        before = len(smtp.messages)
        plan_digests()
        Sender().run()
        return smtp.messages[before:]

    return deliver
