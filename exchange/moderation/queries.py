"""What other rooms ask about reports."""

from django.contrib.contenttypes.models import ContentType
from django.db.models import Model

from exchange.moderation.models import Case
from members.accounts.models import User


def is_judged_by(user: User, thing: Model) -> bool:
    """Whether a thing was reported and `user` has a say in it, and so must see what it is; not once it may stay."""
    kind = ContentType.objects.get_for_model(thing)
    cases = Case.objects.visible_to(user).not_of(user).filter(content_type=kind, object_id=thing.pk)
    return cases.filter(state__in=[Case.State.OPEN, *Case.OUT_OF_SIGHT]).exists()
