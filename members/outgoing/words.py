"""What the states of a message are called, and what they mean for whoever waits for it."""

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.kit.templatetags.kit import when
from config.outbox.kinds import get_kind
from config.outbox.models import Message

State = Message.State
STATES: dict[str, str | Promise] = {
    State.READY: gettext_lazy("Waiting"),
    State.CLAIMED: gettext_lazy("Going out"),
    State.SUBMITTING: gettext_lazy("Going out"),
    State.RETRY: gettext_lazy("Refused for now"),
    State.SENT: gettext_lazy("Sent"),
    State.FAILED: gettext_lazy("Failed"),
    State.SUPPRESSED: gettext_lazy("Held back"),
    State.EMPTY: gettext_lazy("Nothing to say"),
    State.EXPIRED: gettext_lazy("Too late"),
    State.UNKNOWN: gettext_lazy("Unclear"),
}
BADGES = {State.SENT: "good", State.FAILED: "bad", State.UNKNOWN: "attention", State.RETRY: "attention"}


# Why a message was held back, as the outbox and its kinds write it down.
HELD_BACK: dict[str, str | Promise] = {
    "the address is suppressed": gettext_lazy("Its address gets no such mail."),
    "not wanted any more": gettext_lazy("When its turn came it was not needed any more."),
    "the reader has left the network": gettext_lazy("When its turn came its reader had left the network."),
    "the reader wants no announcements": gettext_lazy("Its reader wants no announcements."),
    "stopped by a coordinator": gettext_lazy("A coordinator has stopped the announcement."),
}


def kind_label(name: str) -> str:
    """Return what people call a kind of message."""
    try:
        return str(get_kind(name).label)
    except KeyError:  # no room registers it any more
        return name


def explain(message: Message) -> str:
    """Say in a sentence or two why `message` was or was not sent."""
    reply = message.reply
    if message.state == State.READY and message.not_before > timezone.now():
        return _("It leaves at %(time)s.") % {"time": when(message.not_before)}
    if message.state == State.RETRY:
        text = _("The mail server refused it for now: %(reply)s. The next attempt is at %(time)s.")
        return text % {"reply": reply, "time": when(message.not_before)}
    if message.state == State.FAILED and message.attempts:
        return _("The mail server refused it: %(reply)s") % {"reply": reply}
    if message.state == State.FAILED:
        return _("It could not be written: %(reply)s") % {"reply": reply}
    if message.state == State.SENT:
        return _("The mail server has taken it: %(reply)s") % {"reply": reply}
    plain = {
        State.READY: _("It leaves as soon as a sender is free."),
        State.CLAIMED: _("A sender has it in hand."),
        State.SUBMITTING: _("A sender has it in hand."),
        State.SUPPRESSED: str(HELD_BACK.get(reply) or _("It was held back: %(reply)s") % {"reply": reply}),
        State.EMPTY: _("When its turn came there was nothing left to tell."),
        State.EXPIRED: _("It could not leave in time, and would have come too late to be of use."),
        State.UNKNOWN: _(
            "The connection was lost after it had left, before the mail server confirmed it. The reader may have it, so it is not sent again by itself. The mail server's log can tell."
        ),
    }
    return plain[State(message.state)]
