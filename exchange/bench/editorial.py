"""What a coordinator does all day, measured: the queue, a diff, a history, a decision to publish."""

from django.test import Client
from django.urls import reverse

from exchange.bench.measure import measure
from members.accounts.models import User
from practices.editorial import services
from practices.editorial.models import Revision


def measure_editorial(times: int) -> dict[str, dict[str, float | int]]:
    """Measure the pages through the whole of Django, and the decision as its service; see `measure`."""
    person = User.objects.get(email="coordinator0@network.example")
    client = Client(SERVER_NAME="localhost")
    client.force_login(person)
    waiting = Revision.objects.awaiting_review_by(person)
    first = waiting.first()
    if first is None:
        raise ValueError("The network is too small: nothing waits for this coordinator.")

    def open_page(name: str, *args: int) -> None:
        answer = client.get(reverse(f"editorial:{name}", args=args))
        if answer.status_code != 200:
            raise ValueError(f"{name} answered {answer.status_code}")

    decided = iter(list(Revision.objects.filter(state="submitted").order_by("-pk")))
    judge = User.objects.create_user(email="judge@network.example", name="Judge", is_administrator=True)

    def publish() -> None:
        revision = next(decided)
        services.decide_revision(
            revision=revision, verdict="approved", reason="", edition=revision.edition,
            version=revision.publication.version, by=judge,
        )  # fmt: skip

    return {
        "queue": measure(lambda: open_page("queue"), times),
        "diff": measure(lambda: open_page("revision_review", first.pk), times),
        "history": measure(lambda: open_page("publication_history", first.publication_id), times),
        "publish": measure(publish, min(times, 3)),
    }
