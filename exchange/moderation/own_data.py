"""What this room knows of a person: what they reported, and what was decided about what they wrote."""

from collections.abc import Iterable
from typing import Any

from django.contrib.contenttypes.models import ContentType

from exchange.moderation.models import Case, Report
from members.accounts.models import User


def read(user: User) -> Iterable[dict[str, Any]]:
    for report in Report.objects.filter(by=user).order_by("pk"):
        yield {"reported_at": report.at, "reason": report.reason}
    for case in Case.objects.filter(author=user).exclude(state__in=["open", "left"]).order_by("pk"):
        yield {
            "decided_at": case.decided_at, "reason": case.decision, "appeal": case.appeal, "answer": case.answer,
            "excerpt": case.excerpt,
        }  # fmt: skip


def erase(user: User) -> None:
    """Forget what their profile said, and who reported; why something was hidden stays in the office's record."""
    Case.objects.filter(content_type=ContentType.objects.get_for_model(User), object_id=user.pk).update(excerpt="")
    Case.objects.filter(author=user).update(excerpt="", appeal="")
    Report.objects.filter(by=user).update(by=None)
