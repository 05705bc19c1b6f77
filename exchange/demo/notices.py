"""What members of the demo ask and offer, and two whom a coordinator has brought together."""

import json
from datetime import timedelta
from pathlib import Path

from django.utils import timezone

from config.vocabulary.models import Pathway, Topic
from exchange.peers.introducing import introduce_members
from exchange.peers.models import Introduction, Notice
from members.accounts.models import User
from members.directory.models import Member
from practices.library.models import Publication

NOTICES = Path(__file__).parent / "data" / "notices.jsonl"
OPENED = 40  # days: the oldest was opened so long ago, the others since


def load_notices() -> None:
    """Open the examples that are not there yet."""
    rows = [json.loads(line) for line in NOTICES.read_text(encoding="utf-8").splitlines()]
    known = set(Notice.objects.exclude(import_id=None).values_list("import_id", flat=True))
    members = {one.name_en: one for one in Member.objects.all()}
    publications = dict(Publication.objects.exclude(import_id=None).values_list("import_id", "pk"))
    topics, pathways = Topic.by_code(), Pathway.by_code()
    today = timezone.localdate()
    for number, row in enumerate(rows):
        if row["id"] in known:
            continue
        member = members[row["member"]]
        opened = timezone.now() - timedelta(days=OPENED * (len(rows) - number) // len(rows))
        notice = Notice.objects.create(
            import_id=row["id"], kind=row["kind"], member=member, person=_person_at(member), title=row["title"],
            text=row["text"], language=row["language"], formats=row["formats"], languages=row["languages"],
            where=row["place"], places=row["places"], costs=row["costs"],
            closes_on=today + timedelta(weeks=row["weeks"]), publication_id=publications.get(row["publication"]),
            made_at=opened, opened_at=opened,
        )  # fmt: skip
        notice.topics.set(topics[code] for code in row["topics"])
        notice.pathways.set(pathways[code] for code in row["pathways"])


def load_introductions() -> None:
    """Let Kaisa propose a peer to Joensuu, unless anybody was proposed already."""
    if Introduction.objects.exists():
        return
    ask = Notice.objects.filter(kind="ask", member__name_en="Joensuu").select_related("member").first()
    introduce_members(
        member=Member.objects.get(name_en="Joensuu"), peer=Member.objects.get(name_en="Heidelberg"), notice=ask,
        note="Heidelberg has looked after the rules of a whole new district for fifteen years. Ask them who checks on"
        " site; they may want to know how you came to build in timber.",
        by=User.objects.get(email="kaisa@network.example"),
    )  # fmt: skip


def _person_at(member: Member) -> User | None:
    """Return who is in charge: a liaison or contributor, where the demo has one."""
    people = User.objects.filter(member_roles__member=member, member_roles__role__in=["liaison", "contributor"])
    return people.order_by("pk").first()
