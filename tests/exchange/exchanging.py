"""Exchanges in every state, in one line."""

from datetime import timedelta

from django.utils import timezone

from exchange.exchanges import agreeing, ending, outcomes, services
from exchange.exchanges.models import Exchange

STATES = [str(state) for state in Exchange.State]


def day(days):
    return timezone.localdate() + timedelta(days=days)


def facts(**changes):
    return {
        "title": "School meals", "aim": "See how the kitchens buy.", "starts_on": day(30), "ends_on": day(32),
        "time_zone": "Europe/Helsinki", "where": "on_site", "place": "Lahti, town hall", "link": "", "languages": ["en"],
        "costs": "own", "costs_note": "", "plan": {},
    } | changes  # fmt: skip


def propose(cast, *, member=None, partners=None, gives=True, by=None, format_="study_visit", **changes):
    """Propose, by Alice for Lahti to Pontevedra unless said otherwise."""
    origin = {name: changes.pop(name) for name in ("notice", "introduction", "person") if name in changes}
    return services.propose_exchange(
        member=member or cast.lahti, partners=partners or [cast.pontevedra], gives=gives, format_=format_,
        facts=facts(**changes), by=by or cast.alice, **origin,
    )  # fmt: skip


def party(exchange, member):
    return exchange.parties.select_related("member", "exchange").get(member=member)


def answer(exchange, member, by, *, agrees=True, edition=None):
    now = Exchange.objects.get(pk=exchange.pk)
    return agreeing.answer_exchange(
        party=party(exchange, member), agrees=agrees, edition=edition or now.edition, by=by
    )  # fmt: skip


def led_to(state, cast, partner=None, by=None, **changes):
    """Return an exchange that its own acts have led to `state`, with Pontevedra unless said otherwise."""
    partner, by = partner or cast.pontevedra, by or cast.carlos
    exchange = propose(cast, partners=[partner], **changes)
    if state == "proposed":
        return exchange
    if state == "cancelled":
        return ending.cancel_exchange(exchange=exchange, reason="No time.", by=cast.alice)
    exchange = answer(exchange, partner, by)
    if state == "agreed":
        return exchange
    Exchange.objects.filter(pk=exchange.pk).update(starts_on=day(-3), ends_on=day(-1))
    exchange = services.start_exchange(exchange=exchange, by=cast.alice)
    if state == "running":
        return exchange
    outcomes.add_outcome(
        exchange=exchange, kind="recommendation", text="Buy nearer.", publication=None, who="Kitchens",
        due_on=day(90), by=cast.alice,
    )  # fmt: skip
    return ending.complete_exchange(exchange=exchange, report="We saw it.", no_outcome="", by=cast.alice)
