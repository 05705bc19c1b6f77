"""Members and people who go: what they took part in is handed over, moved or given up."""

from django.db.models import Q

from config.journal.services import record
from exchange.exchanges import emails
from exchange.exchanges.agreeing import settle
from exchange.exchanges.ending import cancel_by_itself
from exchange.exchanges.inviting import sync_people
from exchange.exchanges.locking import lock_exchange
from exchange.exchanges.models import Exchange, Participant, Party, Task
from exchange.peers.people import people_to_tell
from members.accounts.models import User
from members.directory.models import Member


def hand_over(user: User, place: object, by: User) -> None:
    """Take somebody out of the open exchanges of a member that they have left; a liaison looks after them instead.

    The sides hear of it where it was the person in charge; where nobody is left to look after it, so does the office.
    """
    if not isinstance(place, Member):
        return
    rows = Party.objects.filter(Q(person=user) | Q(participants__user=user), member=place)
    for party in rows.filter(exchange__state__in=Exchange.OPEN).distinct().order_by("exchange", "pk"):
        exchange, _own = lock_exchange(party.exchange)
        was_in_charge = party.person_id == user.pk
        heir = next((one for one in people_to_tell(place) if one != user), None)
        if was_in_charge:
            party.person = heir
            party.save(update_fields=["person"])
            if heir and party.is_in:
                Participant.objects.get_or_create(party=party, user=heir)
        party.participants.filter(user=user).delete()
        if not Participant.objects.filter(party__exchange=exchange, user=user).exists():  # for another member
            heir_takes_part = heir and Participant.objects.filter(party__exchange=exchange, user=heir).exists()
            tasks = Task.objects.filter(exchange=exchange, who=user, done_at=None)
            tasks.update(who=heir if heir_takes_part else None)
        what = "person_left" if not was_in_charge else "handed_over" if heir else "unattended"
        record(verb=f"exchange_{what}", obj=exchange, by=by, member_id=place.pk)
        if was_in_charge and party.is_in:
            emails.queue_news(exchange, what, by, party=party)
        sync_people(exchange)


def move_parties(member: Member, into: Member, _by: User) -> None:
    """Let `into` take the place of a member that was merged into it. What was between the two is over."""
    rows = Party.objects.filter(member=member).select_related("exchange").order_by("exchange", "pk")
    for party in rows:
        exchange, _own = lock_exchange(party.exchange)
        other = exchange.parties.filter(member=into).first()
        if other is None:
            party.member = into
            party.save(update_fields=["member"])
        elif exchange.is_open:
            if exchange.parties.taking_part().exclude(member__in=[member, into]).exists():
                _join(party, other)
            else:
                cancel_by_itself(exchange, Exchange.Ended.MERGED)
                continue
        settle(exchange, None)


def _join(party: Party, other: Party) -> None:
    """Give the people of a party to another one of the same exchange, and take the party away."""
    known = set(other.participants.values_list("user_id", flat=True))
    party.participants.exclude(user__in=known).update(party=other)
    party.delete()


def erase(user: User) -> None:
    """Take somebody out of what they take part in; what they wrote is the members', without a name."""
    rows = Participant.objects.filter(user=user).select_related("party__exchange").order_by("party__exchange", "pk")
    for row in rows:
        exchange, _own = lock_exchange(row.party.exchange)
        row.delete()
        sync_people(exchange)
    Party.objects.filter(person=user).update(person=None)
    Task.objects.filter(who=user).update(who=None)
