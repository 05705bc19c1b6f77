"""Fixed choices that more than one floor uses."""

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

# The code of a currency (ISO 4217).
CURRENCY = [RegexValidator("^[A-Z]{3}$", _("Three capital letters, for example EUR."))]


class Level(models.TextChoices):
    """A level of government."""

    LOCAL = "local", _("Local")
    REGIONAL = "regional", _("Regional")
    NATIONAL = "national", _("National")
    CONTINENTAL = "continental", _("European or continental")
    GLOBAL = "global", _("Global")


# Köppen and Geiger's classes, as named by Peel, Finlayson and McMahon (2007), doi:10.5194/hess-11-1633-2007.
CLIMATE_ZONES = (
    ("Af", _("Af: tropical, rainforest")),
    ("Am", _("Am: tropical, monsoon")),
    ("Aw", _("Aw: tropical, savannah")),
    ("BWh", _("BWh: arid, desert, hot")),
    ("BWk", _("BWk: arid, desert, cold")),
    ("BSh", _("BSh: arid, steppe, hot")),
    ("BSk", _("BSk: arid, steppe, cold")),
    ("Csa", _("Csa: temperate, dry and hot summer")),
    ("Csb", _("Csb: temperate, dry and warm summer")),
    ("Csc", _("Csc: temperate, dry and cold summer")),
    ("Cwa", _("Cwa: temperate, dry winter, hot summer")),
    ("Cwb", _("Cwb: temperate, dry winter, warm summer")),
    ("Cwc", _("Cwc: temperate, dry winter, cold summer")),
    ("Cfa", _("Cfa: temperate, no dry season, hot summer")),
    ("Cfb", _("Cfb: temperate, no dry season, warm summer")),
    ("Cfc", _("Cfc: temperate, no dry season, cold summer")),
    ("Dsa", _("Dsa: cold, dry and hot summer")),
    ("Dsb", _("Dsb: cold, dry and warm summer")),
    ("Dsc", _("Dsc: cold, dry and cold summer")),
    ("Dsd", _("Dsd: cold, dry summer, very cold winter")),
    ("Dwa", _("Dwa: cold, dry winter, hot summer")),
    ("Dwb", _("Dwb: cold, dry winter, warm summer")),
    ("Dwc", _("Dwc: cold, dry winter, cold summer")),
    ("Dwd", _("Dwd: cold, dry and very cold winter")),
    ("Dfa", _("Dfa: cold, no dry season, hot summer")),
    ("Dfb", _("Dfb: cold, no dry season, warm summer")),
    ("Dfc", _("Dfc: cold, no dry season, cold summer")),
    ("Dfd", _("Dfd: cold, no dry season, very cold winter")),
    ("ET", _("ET: polar, tundra")),
    ("EF", _("EF: polar, frost")),
)
