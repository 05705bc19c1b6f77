"""What the network knows of a publication moves it a little among those that fit the question about as well.

Each line is a share of the score; together they stay under a fifth, which is worth two or three places at the top of a
list and never lifts what hardly fits over what does.
"""

from collections.abc import Collection, Mapping

import numpy as np

from practices.search.catalogue import Catalogue

EVIDENCE = {"documented": 0.01, "verified": 0.03, "taken_up": 0.05}
CONFIRMATION = {"yes": 0.02, "no": -0.05}
READ = 0.04  # it can be read in a language that the reader reads
MOST_USED, USED_FULLY = 0.04, 20  # grows with the logarithm of how many members use it, up to twenty


def boost(scores: Mapping[int, float], catalogue: Catalogue, reads: Collection[str]) -> dict[int, float]:
    """Return the scores of what is published, moved by what is known of it; the best first."""
    kept = {pk: score for pk, score in scores.items() if score > 0}
    at = catalogue.positions(list(kept))
    factor = np.ones(len(at))
    for name, shares in (("evidence", EVIDENCE), ("confirmed", CONFIRMATION)):
        for value, share in shares.items():
            factor += share * catalogue.having(name, [value])[at]
    factor += READ * catalogue.having("language", reads)[at]
    used = np.minimum(catalogue.columns["used"][at], USED_FULLY)
    factor += MOST_USED * np.log1p(used) / np.log1p(USED_FULLY)
    moved = {pk: kept[pk] * one for pk, one in zip(catalogue.pks[at].tolist(), factor.tolist(), strict=True)}
    return dict(sorted(moved.items(), key=lambda pair: (-pair[1], pair[0])))
