"""The steps of filling in an application, and of what becomes of it."""

from django.urls import reverse
from django.utils.translation import gettext as _

from members.joining.models import Application

State = Application.State
# How far an application has come, by state; what ended otherwise stands where it was decided.
_REACHED = {
    State.DRAFT: 0, State.SUBMITTED: 1, State.DOCUMENTS_REQUESTED: 1, State.APPROVED: 2, State.ACTIVE: 3,
    State.DECLINED: 1, State.WITHDRAWN: 0,
}  # fmt: skip


def steps_of(token: str) -> list[tuple[str, str, str]]:
    """Return (code, label, address) of each step of filling in."""
    return [
        ("municipality", _("Municipality"), reverse("joining:step", args=[token, "municipality"])),
        ("contacts", _("Contacts and invoice"), reverse("joining:step", args=[token, "contacts"])),
        ("documents", _("Signature and decision"), reverse("joining:documents", args=[token])),
        ("overview", _("Check and submit"), reverse("joining:overview", args=[token])),
    ]


def progress(application: Application) -> list[tuple[str, str]]:
    """Return what becomes of an application as steps: (label, "done", "now" or "")."""
    was_called_off = application.state == State.WITHDRAWN and application.member_id
    at = _REACHED[State.APPROVED if was_called_off else State(application.state)]
    steps = enumerate([_("Filled in"), _("Checked by the office"), _("Paid"), _("Member")])
    is_over = application.state == State.ACTIVE
    return [(label, "done" if number < at or is_over else "now" if number == at else "") for number, label in steps]
