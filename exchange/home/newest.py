"""What is new for one person: not opened yet, and the better it fits them the earlier."""

import numpy as np

from exchange.digests.models import Subscription
from members.accounts.models import User
from members.directory.models import Member
from practices.library.models import Seen
from practices.search.catalogue import Catalogue, Mask


def newest_for(
    user: User, catalogue: Catalogue, members: list[Member], subscription: Subscription, *, most: int
) -> list[int]:
    """Return the publications of others that `user` has not opened as they are now, the best first; one query.

    What nobody confirmed in time comes after the rest; then counts how much fits: a language that they read, the
    country of their own members, a topic and a pathway that they follow; then the newest first.
    """
    columns = catalogue.columns
    fits = [
        catalogue.having("language", [user.language, *user.languages_read]),
        catalogue.having("country", {member.country for member in members}),
    ]
    if subscription.pk:
        fits += [
            catalogue.having("topic", subscription.topic_codes),
            catalogue.having("pathway", subscription.pathway_codes),
        ]
    fit = np.sum(fits, axis=0)
    theirs = np.isin(columns["member"], [member.pk for member in members])
    at = np.flatnonzero(~_opened(user, catalogue) & ~theirs)
    unconfirmed = catalogue.having("confirmed", ["no"])
    order = np.lexsort((-catalogue.pks[at], -columns["published"][at], -fit[at], unconfirmed[at]))
    newest: list[int] = catalogue.pks[at[order[:most]]].tolist()
    return newest


def _opened(user: User, catalogue: Catalogue) -> Mask:
    """Return which publications `user` has opened in the version that there is now."""
    seen = dict(Seen.objects.filter(user=user).values_list("publication", "version"))
    at = catalogue.positions(list(seen))
    opened: Mask = np.zeros(len(catalogue), np.bool_)
    opened[at] = catalogue.columns["version"][at] <= [seen[pk] for pk in catalogue.pks[at].tolist()]
    return opened
