"""The support tool for what memberships cost and who issues invoices."""

from django.contrib import admin

from members.fees.models import FeeBand, FeeSchedule, Issuer


class FeeBandInline(admin.TabularInline[FeeBand, FeeSchedule]):
    model = FeeBand
    extra = 3


@admin.register(FeeSchedule)
class FeeScheduleAdmin(admin.ModelAdmin[FeeSchedule]):
    list_display = ("name", "year", "office", "kind", "currency")
    list_filter = ("year", "office")
    inlines = (FeeBandInline,)


@admin.register(Issuer)
class IssuerAdmin(admin.ModelAdmin[Issuer]):
    list_display = ("series", "name", "office")
