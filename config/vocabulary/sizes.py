"""Sizes of municipalities, in steps that people think in."""

from django.utils.translation import gettext_lazy as _

# Upper ends, in inhabitants. The European Union's degree of urbanisation draws its lines at 5,000 and 50,000.
SIZES = {5_000: "tiny", 20_000: "small", 50_000: "middle", 200_000: "large", 1_000_000: "big"}
LARGEST = "metropolis"
SIZE_LABELS = (
    ("tiny", _("Up to 5,000 inhabitants")),
    ("small", _("5,000 to 20,000 inhabitants")),
    ("middle", _("20,000 to 50,000 inhabitants")),
    ("large", _("50,000 to 200,000 inhabitants")),
    ("big", _("200,000 to a million inhabitants")),
    ("metropolis", _("More than a million inhabitants")),
)


def size_band(population: int | None) -> str:
    """Return the band of a number of inhabitants; empty where it is not known."""
    if population is None:
        return ""
    return next((band for end, band in SIZES.items() if population <= end), LARGEST)
