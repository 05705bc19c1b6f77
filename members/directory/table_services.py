"""Tables of members: upload, check again, apply exactly what was shown."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from config.files.tables import BadTableError, check_upload, read_lines
from config.journal.services import record
from members.accounts.models import User
from members.directory.facts import ARRAYS, MANY, SCALARS
from members.directory.keeping import write_facts
from members.directory.member_forms import Choices
from members.directory.models import Member, MemberTable
from members.directory.table_checking import CHANGED, NEW, TABLE_COLUMNS, Judge, check_header, from_json, to_json

MOST = 3_000  # members that are made or changed in one request, which takes a third of a minute


class StaleTableError(ValidationError):
    """Rows come to something else than was shown. `rows` are those as they are now."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        numbers = ", ".join(f"{one['row']} ({one['name']})" for one in rows[:10])
        text = _("Nothing was imported: members have changed meanwhile, and these rows come to something else now: %(rows)s. Please look again.")  # fmt: skip
        super().__init__(text % {"rows": numbers + " …" * (len(rows) > 10)})
        self.rows = rows


@transaction.atomic
def upload_members(*, upload: "UploadedFile[Any]", by: User) -> MemberTable:
    """Keep a table of members with what it would do. An earlier one of `by` that was not applied goes.

    Raises:
        PermissionDenied: `by` does not administer the network.
        ValidationError: it is no table, too large, or in another encoding; the texts say where.
    """
    _check_may_import(by)
    kind = check_upload(upload)
    try:
        lines = list(read_lines(upload.read(), kind, known=TABLE_COLUMNS, check_header=check_header))
    except BadTableError as error:
        raise ValidationError([": ".join(filter(None, (one.column, one.text))) for one in error.problems]) from None
    MemberTable.objects.filter(uploaded_by=by, applied_at=None).delete()
    table = MemberTable(uploaded_by=by, name=(upload.name or "")[:255], lines=to_json(lines))
    table.judged = Judge(Choices.read()).judge(lines)
    if sum(one["act"] in {NEW, CHANGED} for one in table.judged) > MOST:
        text = _("At most %(most)d members can be new or changed at once. Please make several files.")
        raise ValidationError(text % {"most": MOST})
    table.full_clean()
    table.save()
    return table


@transaction.atomic
def check_again(*, table: MemberTable, by: User) -> None:
    """Find out what a table would do now.

    Raises:
        PermissionDenied: `by` does not administer the network.
        ValidationError: it was applied already.
    """
    table = _lock(table, by)
    table.judged = Judge(Choices.read()).judge(from_json(table.lines))
    table.save(update_fields=["judged"])


@transaction.atomic
def apply_table(*, table: MemberTable, by: User) -> tuple[int, int]:
    """Do what the table was shown to do; refused rows are left out.

    Returns:
        How many members are new, and how many changed.

    Raises:
        PermissionDenied: `by` does not administer the network.
        StaleTableError: a row comes to something else than was shown; then nothing is written.
        ValidationError: it was applied already.
    """
    table = _lock(table, by)
    shown = table.judged
    slugs = [one["slug"] for one in shown if one["act"] == CHANGED]
    # Whoever edits one of them waits, so that it is as it is judged.
    list(Member.objects.select_for_update().filter(slug__in=slugs).order_by("pk").values_list("pk"))
    choices = Choices.read()
    judge = Judge(choices)
    now = judge.judge(from_json(table.lines))
    if now != shown:
        raise StaleTableError([one for one, before in zip(now, shown, strict=True) if one != before])
    changed = [one for one in now if one["act"] == CHANGED]
    try:
        with transaction.atomic():
            made = _make([judge.values[one["row"]] for one in now if one["act"] == NEW], choices)
            for one in changed:
                member = judge.targets[one["row"]]
                write_facts(member, judge.values[one["row"]], choices)
                member.save(update_fields=[*SCALARS, *ARRAYS, "office"])
    except IntegrityError:  # somebody has added a member, or renamed one, since it was judged
        raise StaleTableError([one for one in now if one["act"] in {NEW, CHANGED}]) from None
    for one in changed:
        fields = [name for name, _before, _after in one["changes"]]
        _record("member_changed", judge.targets[one["row"]], by, {"fields": fields})
    for member in made:
        _record("member_added", member, by, {})
    table.applied_at, table.applied_by, table.lines = timezone.now(), by, []
    table.save(update_fields=["applied_at", "applied_by", "lines"])
    return len(made), len(changed)


def _make(rows: list[dict[str, Any]], choices: Choices) -> list[Member]:
    """Make members from clean values; a few queries for any number."""
    members = []
    for values in rows:
        member = Member(slug=values["slug"])
        write_facts(member, values, choices)
        members.append(member)
    Member.objects.bulk_create(members, batch_size=500)
    for name in MANY:
        known: Any = getattr(choices, name)
        field: Any = Member._meta.get_field(name)
        source, target = field.m2m_column_name(), field.m2m_reverse_name()
        through = getattr(Member, name).through
        through.objects.bulk_create(
            [
                through(**{source: member.pk, target: known[code].pk})
                for member, values in zip(members, rows, strict=True)
                for code in values[name]
            ],
            batch_size=1_000,
        )
    return members


def _record(verb: str, member: Member, by: User, details: dict[str, object]) -> None:
    record(verb=verb, obj=member, by=by, member_id=member.pk, office_id=member.office_id, details=details)


def _lock(table: MemberTable, by: User) -> MemberTable:
    _check_may_import(by)
    locked: MemberTable = MemberTable.objects.select_for_update(of=("self",)).get(pk=table.pk)
    if locked.applied_at:
        raise ValidationError(_("This table was imported already."), code="state")
    return locked


def _check_may_import(by: User) -> None:
    if not by.has_perm("directory.add_membertable"):
        raise PermissionDenied
