"""How many messages a minute, and by how many senders at once, a mail domain takes; nothing is limited unless set."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

PER = timedelta(minutes=1)


@dataclass(frozen=True)
class Limit:
    """What one domain takes: `messages` in any minute, from `senders` connections at once."""

    messages: int
    senders: int


def parse_limits(text: str) -> dict[str, Limit]:
    """Read MAIL_DOMAIN_LIMITS, such as "big.example=300/2, small.example=30/1": messages a minute / senders at once.

    Returns:
        The limit of each domain, in ASCII and lower case as addresses are compared.

    Raises:
        ValueError: it cannot be read; the message says which part.
    """
    limits = {}
    for part in filter(None, (one.strip() for one in text.split(","))):
        found = re.fullmatch(r"([^\s=@]+)=([1-9]\d{0,6})/([1-9]\d{0,3})", part)
        if not found:
            raise ValueError(f"{part}: write domain=messages a minute/senders at once, such as city.example=300/2")
        limits[found[1].lower()] = Limit(int(found[2]), int(found[3]))
    return limits


def domain_of(address: str) -> str:
    """Return the domain of an e-mail address, in lower case."""
    return address.rpartition("@")[2].lower()


@dataclass
class Room:
    """How much each limited domain takes at this moment; a domain that is not limited takes everything."""

    left: dict[str, int]

    @classmethod
    def of(cls, limits: Mapping[str, Limit], *, used: Mapping[str, int], others: Mapping[str, int]) -> "Room":
        """Return the room there is.

        Args:
            limits: of each limited domain.
            used: messages of the last minute, and those in a sender's hand, by domain.
            others: other senders that have messages of the domain in hand.
        """
        return cls(
            {
                domain: max(0, limit.messages - used.get(domain, 0)) if others.get(domain, 0) < limit.senders else 0
                for domain, limit in limits.items()
            }
        )

    @property
    def full(self) -> list[str]:
        """The domains that take nothing now."""
        return [domain for domain, left in self.left.items() if not left]

    def take(self, address: str) -> bool:
        """Take a place for a message to `address`, if there is one."""
        domain = domain_of(address)
        left = self.left.get(domain)
        if left is None:
            return True
        self.left[domain] = max(0, left - 1)
        return left > 0
