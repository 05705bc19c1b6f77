"""What administrators type about schedules of fees and issuers of invoices."""

import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.kit.numbers import plain_number, typed_number
from members.fees.models import FeeBand, FeeSchedule, Issuer

KINDS: dict[str, str] = {  # what each kind of schedule cannot do without
    FeeSchedule.Kind.FLAT: "amount", FeeSchedule.Kind.BANDS: "bands", FeeSchedule.Kind.PER_INHABITANT: "rate",
}  # fmt: skip
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")


class BandsField(forms.CharField):
    """Steps as lines of text, such as "high; 50000; 2400"; the value is a list of bands without a schedule."""

    widget = forms.Textarea(attrs={"rows": 8, "spellcheck": "false"})

    def to_python(self, value: Any) -> Any:
        lines = [line for line in (super().to_python(value) or "").splitlines() if line.strip()]
        bands = [_band(line) for line in lines]
        if len({(one.income_group, one.population_from) for one in bands}) < len(bands):
            raise ValidationError(_("Two lines begin at the same population."))
        return bands

    def has_changed(self, initial: Any, data: Any) -> bool:  # noqa: ARG002 - nobody asks
        return True


def _band(line: str) -> FeeBand:
    try:
        group, start, amount = (part.strip() for part in line.split(";"))
        band = FeeBand(
            income_group=group, population_from=int(plain_number(start)), amount=Decimal(plain_number(amount))
        )
        band.clean_fields(exclude=["schedule"])
    except (ValueError, InvalidOperation, ValidationError):
        raise ValidationError(_("This line is not understood: %(line)s") % {"line": line}) from None
    return band


def written(bands: Iterable[FeeBand]) -> str:
    """Return bands as `BandsField` reads them."""
    return "\n".join(f"{one.income_group}; {one.population_from}; {typed_number(str(one.amount))}" for one in bands)


class ScheduleForm(forms.ModelForm[FeeSchedule]):
    """What a membership year costs."""

    bands = BandsField(
        label=gettext_lazy("Bands"),
        required=False,
        help_text=gettext_lazy(
            "One step a line: income group; inhabitants from; amount. For example: high; 50000; 2400. The groups are"
            " low, lower_middle, upper_middle and high; none stands for every country."
        ),
    )

    class Meta:
        model = FeeSchedule
        fields = (
            "name", "office", "year", "currency", "kind", "amount", "rate", "minimum", "maximum", "period", "pro_rata",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("amount", "rate", "minimum", "maximum"):
            widget = forms.TextInput(attrs={"inputmode": "decimal"})
            widget.is_localized = True
            self.fields[name].widget, self.fields[name].localize = widget, True

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        kind, year = cleaned.get("kind"), cleaned.get("year")
        needed = KINDS[kind] if kind else ""
        if needed and needed not in self.errors and cleaned.get(needed) in (None, []):
            self.add_error(needed, _("This kind of schedule needs it."))
        if kind != FeeSchedule.Kind.BANDS:
            cleaned["bands"] = []
        low, high = cleaned.get("minimum"), cleaned.get("maximum")
        if low is not None and high is not None and low > high:
            self.add_error("maximum", _("It is below the least amount."))
        same = FeeSchedule.objects.filter(office=cleaned.get("office")).exclude(pk=self.instance.pk)
        if year and same.filter(year=year).exists():
            self.add_error("year", _("There is a schedule from this year already."))
        return cleaned


class IssuerForm(forms.ModelForm[Issuer]):
    """What an office writes on its invoices about itself."""

    class Meta:
        model = Issuer
        fields = ("office", "series", "name", "address", "vat_id", "iban", "bic")
        widgets = {"address": forms.Textarea(attrs={"rows": 4, "dir": "auto"})}

    def __init__(self, *args: Any, is_fixed: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("office", "series"):
            self.fields[name].disabled = is_fixed
        if is_fixed:
            self.fields["series"].help_text = _("Invoices were issued with these letters, so they stay.")

    def clean_iban(self) -> str:
        """Check its two digits (ISO 13616, by ISO 7064 mod 97-10)."""
        iban = "".join(self.cleaned_data["iban"].split()).upper()
        if not _IBAN.fullmatch(iban) or int("".join(str(int(one, 36)) for one in iban[4:] + iban[:4])) % 97 != 1:
            raise ValidationError(_("This is no IBAN. Please compare it letter by letter."))
        return iban
