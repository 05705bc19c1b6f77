"""The rows of a list of publications, as they are shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from config.vocabulary.models import Term, read_terms
from members.accounts.models import User
from practices.library.models import Publication
from practices.search.catalogue import Catalogue
from practices.search.matching import Match, match_passages
from practices.search.questions import Question
from practices.search.ranking import Found


@dataclass(frozen=True)
class Result:
    """A row of a list. `match` says why it was found, where there was a question."""

    publication: Publication
    pathways: list[Term]
    match: Match | None = None


def read_results(
    pks: Sequence[int],
    catalogue: Catalogue,
    user: User,
    *,
    terms: Mapping[str, Term] | None = None,
    question: Question | None = None,
    found: Found | None = None,
) -> list[Result]:
    """Return publications in the order given, those that `user` may read; one query, with a question two or three.

    Args:
        terms: the pathways by their codes, where the caller has read them.
        question: what they were found by; `found` is what it found.
    """
    rows = Publication.objects.visible_to(user).filter(pk__in=pks).select_related("owner_member", "owner_office")
    if question and found:
        rows = rows.select_related("practice", "project")
    known = {one.pk: one for one in rows.with_covers()}
    shown = [known[pk] for pk in pks if pk in known]
    matches = {}
    if question and found:
        matches = match_passages(shown, question, found, reads=[user.language, *user.languages_read])
    pathways = read_terms()["pathway"] if terms is None else terms
    codes = catalogue.values_of("pathway", [one.pk for one in shown])
    return [
        Result(one, [term for code, term in pathways.items() if code in codes.get(one.pk, ())], matches.get(one.pk))
        for one in shown
    ]
