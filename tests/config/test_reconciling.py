"""What is unknown is settled by the mail server's log, and by nothing less."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from config.outbox.ledger import LEASE
from config.outbox.models import Message
from config.outbox.reconciling import read_postfix_log
from config.outbox.sender import Sender

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
TRIED = datetime(2026, 11, 27, 10, tzinfo=UTC)
ID = UUID("0b0e4d3c-5a55-4a4e-8f4c-2d4d6a3b9f11")


def lines(start="2026-11-27T09:00:00+00:00", end="2026-11-27T11:30:00+00:00", *, named=ID, taken=True):
    at = "2026-11-27T10:00:01.100+00:00"
    return [
        f"{start} mx postfix/smtpd[1]: connect from talkoo[10.0.0.1]",
        f"{at} mx postfix/smtpd[1]: 4Xk2: client=talkoo[10.0.0.1]",
        f"{at} mx postfix/cleanup[2]: 4Xk2: message-id=<{named}@network.example>",
        *([f"{at} mx postfix/qmgr[3]: 4Xk2: from=<talkoo@network.example>, size=9, nrcpt=1 (queue active)"] * taken),
        "something else entirely",
        f"{end} mx postfix-out/smtpd[1]: disconnect from talkoo[10.0.0.1]",
    ]


@pytest.fixture
def unknown(queue, time_machine):
    """A message that was being submitted at ten o'clock when its sender died."""
    time_machine.move_to(NOW, tick=False)
    message = queue("a")
    Message.objects.update(uuid=ID, state="unknown", owner=5, lease_until=TRIED + LEASE)
    message.refresh_from_db()
    return message


@pytest.fixture
def settle(tmp_path, capsys):
    def settle(log, *arguments):
        path = tmp_path / "mail.log"
        path.write_text("\n".join(log) + "\n", encoding="utf-8")
        call_command("post", "reconcile", "--log", str(path), *arguments)
        return capsys.readouterr().out

    return settle


@pytest.mark.django_db
@pytest.mark.parametrize("arguments", [[], ["--complete"]])
def test_message_that_the_server_took_over_is_sent(unknown, settle, arguments):
    said = settle(lines(), *arguments)
    unknown.refresh_from_db()
    assert (unknown.state, unknown.reply) == ("sent", "the mail server's log has it as 4Xk2")
    assert [event.state for event in unknown.events.all()] == ["ready", "sent"]
    assert said == (
        "The log covers 2026-11-27 09:00 to 2026-11-27 11:30. Sent: 1. To be sent again: 0. Still unknown: 0.\n"
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("log", "arguments", "state"),
    [
        (lines(named=UUID(int=1)), ["--complete"], "ready"),
        (lines(taken=False), ["--complete"], "ready"),  # its connection was lost before the final dot
        (lines(named=UUID(int=1)), [], "unknown"),
        (lines("2026-11-27T09:59:30+00:00", named=UUID(int=1)), ["--complete"], "unknown"),  # begins too late
        (lines(end="2026-11-27T10:01:00+00:00", named=UUID(int=1)), ["--complete"], "unknown"),  # ends too early
    ],
)
def test_absent_message_is_sent_again_only_if_the_log_is_complete(unknown, settle, smtp, log, arguments, state):
    settle(log, *arguments)
    unknown.refresh_from_db()
    assert unknown.state == state
    assert Sender().run() == (state == "ready")
    assert len(smtp.raw) == (state == "ready")


@pytest.mark.django_db
def test_what_is_settled_stays_as_it_is(unknown, settle):
    Message.objects.update(state="failed")
    assert settle(lines(), "--complete").endswith("Sent: 0. To be sent again: 0. Still unknown: 0.\n")
    assert Message.objects.get().state == "failed"


@pytest.mark.django_db
def test_file_that_is_no_log_changes_nothing(unknown, settle, tmp_path):
    with pytest.raises(CommandError, match="is no log of Postfix"):
        settle(["hello"], "--complete")
    with pytest.raises(CommandError, match="No such file"):
        call_command("post", "reconcile", "--log", str(tmp_path / "none"))
    assert Message.objects.get().state == "unknown"


def test_traditional_stamps_belong_to_the_last_twelve_months():
    log = ["Dec 31 23:59:59 mx postfix/smtpd[1]: connect", "Jan  2 00:00:01 mx postfix/smtpd[1]: connect"]
    found = read_postfix_log(log, now=datetime(2026, 1, 2, 1, tzinfo=UTC))
    assert (found.first.year, found.last.year) == (2025, 2026)
    assert found.covers(timezone.now().replace(2026, 1, 1), datetime(2026, 1, 1, 12, tzinfo=UTC) + timedelta(hours=1))
