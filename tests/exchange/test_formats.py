"""Every format from its proposal to what each side says of it, done from the pages alone."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from exchange.exchanges import outcomes
from exchange.exchanges.models import Exchange
from exchange.peers.models import Format
from tests.exchange.exchanging import day, party
from tests.factories import MemberFactory, MemberRoleFactory

pytestmark = pytest.mark.django_db

WALKS = {
    # format: our part, how many others take part, days until the last one, what else its plan says
    "call": ("no", 1, 0, {}),
    "study_visit": ("no", 1, 2, {"agenda-0-day": "1", "agenda-0-time": "9:30", "agenda-0-what": "Kitchens"}),
    "peer_review": ("no", 2, 1, {"questions": "Who decides?"}),
    "mentoring": ("yes", 1, 181, {"goals": "One school"}),
    "transfer_network": ("yes", 3, 500, {"transfer": "Five steps"}),
    "expert_mission": ("yes", 1, 3, {"agenda-0-day": "1", "agenda-0-what": "Kitchens"}),
    "twinning": ("yes", 1, 300, {"transfer": "Five steps"}),
}


def test_walks_go_through_every_format():
    assert set(WALKS) == set(Format.values)


@pytest.mark.parametrize("format_", WALKS)
def test_exchange_from_the_proposal_to_what_each_side_says_of_it(format_, cast, client, time_machine):
    gives, others, days, parts = WALKS[format_]
    partners = [cast.pontevedra] + [
        MemberFactory(office=cast.bonn, country=code) for code in ("FR", "SE")[: others - 1]
    ]
    people = {cast.pontevedra: cast.carlos} | {
        one: MemberRoleFactory(member=one, role="liaison").user for one in partners[1:]
    }

    def press(by, address, **typed):
        client.force_login(by)
        answer = client.post(address, typed)
        context = answer.context or {}
        assert answer.status_code == 302, context["form"].errors if "form" in context else answer
        return answer.url

    plan = {
        "format": format_, "gives": gives, "title": "School meals", "aim": "To see the kitchens.", "costs": "own",
        "starts_on": day(10).isoformat(), "ends_on": day(10 + days).isoformat(), "time_zone": "Europe/Helsinki",
        "where": "on_site", "place": "Lahti", "languages": ["en"],
    }  # fmt: skip
    here = press(cast.alice, reverse("exchanges:exchange_create"), **plan, partner=partners[0].slug)
    exchange = Exchange.objects.get()
    for one in partners[1:]:
        press(cast.alice, reverse("exchanges:party_invite", args=[exchange.pk]), member=one.name_en)
    press(cast.alice, f"{here}edit/", **plan, **parts, edition="1")
    edition = Exchange.objects.get().edition
    assert edition == (2 if parts else 1)
    for one, by in people.items():
        assert Exchange.objects.get().state == "proposed"
        address = reverse("exchanges:party_answer", args=[party(exchange, one).pk])
        press(by, address, answer="agree", edition=edition)
    assert Exchange.objects.get().state == "agreed"
    said = {"title": "First", "day": day(10).isoformat(), "starts": "10:00", "ends": "11:00", "time_zone": "UTC"}
    press(cast.carlos, reverse("exchanges:session_add", args=[exchange.pk]), **said)
    assert exchange.sessions.get().invitees.count() == 1 + others
    time_machine.move_to(timezone.now() + timedelta(days=10))
    press(cast.alice, reverse("exchanges:exchange_start", args=[exchange.pk]))
    press(cast.carlos, reverse("exchanges:outcome_add", args=[exchange.pk]), kind="new_project", text="A bid.")
    press(cast.alice, reverse("exchanges:exchange_report", args=[exchange.pk]), report="We saw it.")
    for one, by in ({cast.lahti: cast.alice} | people).items():
        press(by, reverse("exchanges:feedback", args=[party(exchange, one).pk]), useful="4")
    assert Exchange.objects.get().state == "completed"
    assert outcomes.is_open(Exchange.objects.get())
    client.force_login(people[partners[-1]])
    page = client.get(here).content.decode()
    assert {text for text in ("We saw it.", "A bid.", *parts.values()) if text not in page} == set()
