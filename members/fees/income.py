"""Income groups of countries (World Bank, classification for its fiscal year 2025), by which fees are graded."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class IncomeGroup(models.TextChoices):
    """Gross national income a head: low up to 1,145 USD, then up to 4,515, up to 14,005, and above."""

    LOW = "low", _("Low income")
    LOWER_MIDDLE = "lower_middle", _("Lower middle income")
    UPPER_MIDDLE = "upper_middle", _("Upper middle income")
    HIGH = "high", _("High income")


_GROUPS = {
    IncomeGroup.LOW: "AF BF BI CD CF ER ET GM GN GW KP LR MG ML MW MZ NE RW SD SL SO SS SY TD TG UG YE",
    IncomeGroup.LOWER_MIDDLE: "AO BD BJ BO BT CI CM CG CV DJ EG FM GH HN HT IN JO KE KG KH KI KM LA LB LK LS MA MM MR NG NI"
    " NP PG PH PK PS SB SN ST SZ TJ TL TN TZ UZ VN VU WS ZM ZW",
    IncomeGroup.UPPER_MIDDLE: "AL AM AR AZ BA BR BW BY BZ CN CO CR CU DM DO DZ EC FJ GA GD GE GQ GT ID IQ IR JM KZ LC LY MD ME"
    " MH MK MN MU MV MX MY NA PE PY RS SR SV TH TM TO TR TV UA VC XK ZA",
}  # fmt: skip
_GROUP_OF = {code: group for group, codes in _GROUPS.items() for code in codes.split()}


def income_group(country: str) -> IncomeGroup:
    """Return the group of a country (ISO 3166-1 alpha-2); those that are in no list have a high income."""
    return _GROUP_OF.get(country, IncomeGroup.HIGH)
