"""Costs, in steps that people think in."""

from decimal import Decimal

from django.utils.translation import gettext_lazy as _

# Upper ends, in euros.
COSTS = {10_000: "tiny", 100_000: "small", 1_000_000: "middle", 10_000_000: "large"}
DEAREST = "huge"
COST_LABELS = (
    ("tiny", _("Up to 10,000 €")),
    ("small", _("10,000 to 100,000 €")),
    ("middle", _("100,000 to a million €")),
    ("large", _("1 to 10 million €")),
    ("huge", _("More than 10 million €")),
    ("unknown", _("Cost not known")),
)
# Euros for one unit, rounded to two figures: enough for bands whose ends are ten times apart. Mean rates of 2024 as
# central banks publish them; a currency that is missing counts as not known.
EUROS = {
    "AED": "0.25", "ALL": "0.0099", "ARS": "0.0010", "AUD": "0.61", "BAM": "0.51", "BGN": "0.51", "BRL": "0.17",
    "CAD": "0.67", "CHF": "1.05", "CLP": "0.00098", "CNY": "0.13", "COP": "0.00023", "CZK": "0.040", "DKK": "0.13",
    "EGP": "0.020", "EUR": "1", "GBP": "1.18", "GHS": "0.064", "GTQ": "0.12", "HKD": "0.12", "HUF": "0.0025",
    "IDR": "0.000058", "ILS": "0.25", "INR": "0.011", "ISK": "0.0067", "JPY": "0.0061", "KES": "0.0068",
    "KRW": "0.00068", "MAD": "0.093", "MKD": "0.016", "MXN": "0.051", "MYR": "0.20", "MZN": "0.014", "NGN": "0.00062",
    "NOK": "0.086", "NZD": "0.56", "PEN": "0.25", "PHP": "0.016", "PLN": "0.23", "RON": "0.20", "RSD": "0.0085",
    "SBD": "0.11", "SEK": "0.087", "SGD": "0.69", "SLE": "0.041", "THB": "0.026", "TND": "0.30", "TRY": "0.028",
    "TWD": "0.029", "TZS": "0.00036", "UAH": "0.023", "UGX": "0.00025", "USD": "0.92", "UYU": "0.023",
    "VND": "0.000037", "XAF": "0.0015", "XOF": "0.0015", "ZAR": "0.050", "ZMW": "0.035",
}  # fmt: skip


def cost_band(amount: Decimal | None, currency: str) -> str:
    """Return the band of an amount in euros of today's worth, roughly."""
    if amount is None or currency not in EUROS:
        return "unknown"
    euros = amount * Decimal(EUROS[currency])
    return next((band for end, band in COSTS.items() if euros <= end), DEAREST)
