"""The directory of a whole network, and one night in which every membership is renewed, measured."""

from datetime import timedelta
from decimal import Decimal

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from exchange.bench.measure import counting, measure, timing
from members.accounts.models import User
from members.directory.models import Member, Office
from members.fees.models import FeeSchedule, Invoice, Issuer, Term
from members.fees.terms import renew_memberships

COMPARED = 4


def measure_members(times: int) -> dict[str, dict[str, float | int]]:
    """Measure pages of the directory through the whole of Django, and the renewal run; see `measure`.

    Of the run: members, invoices, queries and milliseconds of one, and seconds of all.
    """
    client = Client(SERVER_NAME="localhost")
    client.force_login(User.objects.get(email="author7@city.example"))
    slugs = list(Member.objects.order_by("pk").values_list("slug", flat=True)[:COMPARED])

    def open_page(name: str, query: str = "") -> None:
        answer = client.get(reverse(f"directory:{name}") + query)
        if answer.status_code != 200:
            raise ValueError(f"{name} answered {answer.status_code}")

    return {
        "member_list": measure(lambda: open_page("member_list"), times),
        "member_list_narrowed": measure(lambda: open_page("member_list", "?country=FI&kind=city&q=City"), times),
        "map_data": measure(lambda: open_page("member_map", "?zoom=3"), times),
        "compare": measure(lambda: open_page("member_compare", "?m=" + "&m=".join(slugs)), times),
        "renewal_run": _measure_renewals(),
    }


def _measure_renewals() -> dict[str, float | int]:
    """Let the year of every member end in a month, and renew them all."""
    today = timezone.localdate()
    schedule = FeeSchedule.objects.create(
        name="Each", year=today.year - 1, kind="per_inhabitant", rate=Decimal("0.0077"), minimum=231, maximum=15_000
    )
    world = Office.objects.create(kind="world", name="World", slug="world", city="City", country="DE")
    Office.objects.exclude(pk=world.pk).update(parent=world)
    Issuer.objects.create(office=world, series="WORLD", name="Network", address="City", iban="DE02120300000000202051")
    ends_on = today + timedelta(days=30)
    Term.objects.bulk_create(
        Term(
            member=one,
            schedule=schedule,
            starts_on=ends_on - timedelta(days=364),
            ends_on=ends_on,
            fee=231,
            currency="EUR",
        )
        for one in Member.objects.all()
    )
    number = Term.objects.count()
    with counting() as counted, timing() as spent:
        done = renew_memberships(today)
    return {
        "members": number,
        "invoices": Invoice.objects.count(),
        "queries_each": round(counted.queries / done, 1),
        "ms_each": round(spent.seconds * 1000 / done, 2),
        "seconds": round(spent.seconds, 1),
    }
