"""What memberships cost and who issues invoices: kept by administrators, and never changed behind what was billed."""

from collections.abc import Iterable

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from config.journal.services import record
from members.accounts.models import User
from members.fees.models import FeeBand, FeeSchedule, Invoice, Issuer, Term


def is_used(schedule: FeeSchedule) -> bool:
    """Whether a membership year was billed by a schedule, which stays as it was then."""
    return Term.objects.filter(schedule=schedule).exists()


def has_issued(issuer: Issuer) -> bool:
    return Invoice.objects.filter(office=issuer.office_id).exists()


def follow(schedule: FeeSchedule) -> FeeSchedule:
    """Return a schedule, not saved yet, that says the same as `schedule` and counts from the year after."""
    facts = {field.name: getattr(schedule, field.name) for field in FeeSchedule._meta.concrete_fields}
    return FeeSchedule(**facts | {"id": None, "year": schedule.year + 1})


@transaction.atomic
def save_schedule(*, schedule: FeeSchedule, bands: Iterable[FeeBand], by: User) -> FeeSchedule:
    """Keep a schedule with its bands, which have no schedule yet.

    Raises:
        PermissionDenied: `by` does not administer the network.
        ValidationError: see the model; or somebody was billed by it, so that a new one has to follow.
    """
    if not by.has_perm("fees.change_feeschedule"):
        raise PermissionDenied
    FeeSchedule.objects.select_for_update(of=("self",)).filter(pk=schedule.pk).first()
    if schedule.pk and is_used(schedule):
        raise ValidationError(
            _("Invoices were issued by this schedule, so it stays as it is. Let a new one follow it.")
        )
    schedule.full_clean()
    schedule.save()
    schedule.bands.all().delete()
    for band in bands:
        band.schedule = schedule
        band.full_clean()
        band.save()
    record(verb="fee_schedule_set", obj=schedule, by=by, office_id=schedule.office_id)
    return schedule


@transaction.atomic
def save_issuer(*, issuer: Issuer, by: User) -> Issuer:
    """Keep who issues the invoices of an office. What was issued before says what it said.

    Raises:
        PermissionDenied: `by` does not administer the network.
        ValidationError: see the model; or its office or letters change after it has issued invoices.
    """
    if not by.has_perm("fees.change_issuer"):
        raise PermissionDenied
    former = Issuer.objects.select_for_update(of=("self",)).filter(pk=issuer.pk).first()
    if former and has_issued(former) and (former.office_id, former.series) != (issuer.office_id, issuer.series):
        raise ValidationError(
            {"series": _("Invoices were issued with these letters, which nobody else may have after that.")}
        )
    issuer.full_clean()
    issuer.save()
    record(verb="issuer_set", obj=issuer, by=by, office_id=issuer.office_id)
    return issuer
