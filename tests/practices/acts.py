"""What tests of the editorial room do again and again."""

from django.urls import reverse

from practices.editorial import services

INDICATORS = [
    {"metric": "Food from nearby", "baseline": "12", "value": "54.5", "unit": "%", "year": "2024",
     "source_url": "https://city.example/report", "assurance": "verified"},
    {"metric": "Waste", "baseline": "", "value": "0.0004", "unit": "kg", "year": "", "source_url": "", "assurance": ""},
]  # fmt: skip
FUNDING = [{"source": "Own budget", "programme": "", "amount": "12500.5", "currency": "EUR"}]
PARTNERS = [{"name": "Farmers' union"}, {"name": "Kitchen"}]


def rows(model):
    return list(model.objects.order_by("pk").values())


def fresh(obj):
    return type(obj).objects.get(pk=obj.pk)


def as_read(revision):
    """Return what somebody who reads `revision` now sends with a decision."""
    now = fresh(revision)
    return {"edition": now.edition, "version": now.publication.version}


def decide(revision, verdict, by, reason="Figures are missing."):
    return services.decide_revision(revision=revision, verdict=verdict, reason=reason, by=by, **as_read(revision))


def begin(client, **changes):
    data = {"kind": "project", "language": "fi", "title": "Kouluruokaa läheltä"} | changes
    return client.post(reverse("editorial:publication_create"), data)


def submit(client, revision, edition=None):
    url = reverse("editorial:revision_submit", args=[revision.pk])
    return client.post(url, {"edition": edition or revision.edition}, follow=True)


def review(client, revision, **typed):
    return client.post(reverse("editorial:revision_review", args=[revision.pk]), as_read(revision) | typed)
