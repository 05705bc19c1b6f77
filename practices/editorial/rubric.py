"""The rubric: what experts look at, what the numbers mean, and what comes of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from practices.editorial.models import Assessment
from practices.editorial.models.assessments import CRITERIA, HIGHEST

RECOMMENDED_FROM = Fraction(3)  # mean of all scores
EXPERTS_NEEDED = 2


@dataclass(frozen=True)
class Criterion:
    """One question of the rubric; `none`, `half` and `full` say what 0, 2 and 4 mean."""

    code: str
    label: str | Promise
    question: str | Promise
    none: str | Promise
    half: str | Promise
    full: str | Promise

    @property
    def choices(self) -> list[tuple[int, str]]:
        texts = {0: self.none, 2: self.half, 4: self.full}
        return [(score, f"{score}: {texts[score]}" if score in texts else str(score)) for score in range(HIGHEST + 1)]


RUBRIC = (
    Criterion(
        "relevant",
        _("Relevant"),
        _("Does it answer a problem that other local governments have too?"),
        _("The problem is not described, or nobody else has it."),
        _("Others have the problem, but the text says little about why it matters."),
        _("A problem that many have, shown with facts, and the answer fits it."),
    ),
    Criterion(
        "participatory",
        _("Participatory and integrated"),
        _("Who took part, and does it join departments, levels of government and goals?"),
        _("One department decided and did it alone."),
        _("Those concerned were heard, or several departments worked together."),
        _("Those concerned, weaker groups too, had a say in the result, and several departments or levels carry it."),
    ),
    Criterion(
        "impact",
        _("Measured impact"),
        _("Is it shown what changed?"),
        _("There are only intentions, or no results."),
        _("Results are described, with few figures or without a starting point."),
        _("Results are measured against a starting point, with sources that one can check."),
    ),
    Criterion(
        "transferable",
        _("Transferable"),
        _("Could a colleague elsewhere do it after reading this?"),
        _("It depends on something that nobody else has, or the text does not say how it was done."),
        _("The steps are clear, but not what they depend on or what they cost."),
        _("Steps, cost, conditions and mistakes are told so that somebody else can plan it."),
    ),
)
assert tuple(one.code for one in RUBRIC) == CRITERIA  # noqa: S101 - columns and their explanations belong together


@dataclass(frozen=True)
class Line:
    """The mean of one criterion over `count` experts; `width` is the length of its bar, in hundredths."""

    criterion: Criterion
    mean: Decimal
    count: int
    width: int


def overall_mean(assessments: Iterable[Assessment]) -> Fraction | None:
    """Return the exact mean of all scores of submitted assessments; None where there are none."""
    scores = [getattr(one, code) for one in assessments for code in CRITERIA]
    return Fraction(sum(scores), len(scores)) if scores else None


def means(assessments: Sequence[Assessment]) -> list[Line]:
    """Return a line for each criterion; none where there are no assessments."""
    if not assessments:
        return []
    lines = []
    for criterion in RUBRIC:
        mean = Fraction(sum(getattr(one, criterion.code) for one in assessments), len(assessments))
        lines.append(Line(criterion, as_shown(mean), len(assessments), round(mean * 100 / HIGHEST)))
    return lines


def as_shown(mean: Fraction) -> Decimal:
    """Return a mean with two places, rounded down: what is below 3 never looks like 3."""
    return (Decimal(mean.numerator) / Decimal(mean.denominator)).quantize(Decimal("0.01"), ROUND_FLOOR).normalize()
