"""Who may import what for whom, and who sees an import."""

from typing import TYPE_CHECKING

import rules

from members.directory.models import Member, Office
from members.directory.rules import is_administrator, is_in_network, roles_of

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from members.accounts.models import User
    from practices.intake.models import Batch


@rules.predicate
def imports(user: "User | AnonymousUser") -> bool:
    """Whether there is anybody at all that they may import for."""
    roles = roles_of(user)
    return bool(roles.writes_for or roles.coordinates or roles.is_administrator)


@rules.predicate
def imports_for(user: "User | AnonymousUser", owner: "Member | Office | None") -> bool:
    """Whether they write for an active member, coordinate its office or the office itself, or administer the network."""
    roles = roles_of(user)
    if isinstance(owner, Member):
        mine = owner.pk in roles.writes_for or owner.office_id in roles.coordinates
        return owner.is_active and (mine or roles.is_administrator)
    return isinstance(owner, Office) and (owner.pk in roles.coordinates or roles.is_administrator)


@rules.predicate
def is_uploader(user: "User | AnonymousUser", batch: "Batch | None") -> bool:
    return batch is not None and batch.uploaded_by_id == user.pk


@rules.predicate
def imports_for_its_owner(user: "User | AnonymousUser", batch: "Batch | None") -> bool:
    """Whether they still may import for the owner that was chosen; where each row names its own, rows are checked."""
    return batch is not None and (batch.owner is None or imports_for(user, batch.owner))


rules.add_perm("intake.add_batch", imports)
rules.add_perm("intake.import_for_owner", imports_for)
rules.add_perm("intake.view_batch", is_administrator | (is_uploader & is_in_network))
rules.add_perm("intake.change_batch", is_uploader & imports & imports_for_its_owner)
