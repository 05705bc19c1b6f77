"""How far a message got, whatever the mail server says or does; against a server that plays a script."""

import pytest

from config.outbox.transport import MESSAGES_PER_CONNECTION, CannotConnectError, Envelope, Fate
from tests.smtpscript import CLOSE, Script

ONE, TWO = Envelope("us@network.example", "one@city.example"), Envelope("us@network.example", "two@city.example")
DATA = b"Subject: x\r\n\r\n.a dot\r\n"


@pytest.fixture
def script(settings):
    made = []

    def script(extensions=("PIPELINING", "SIZE 1000000"), **say):
        server = Script({"." if key == "dot" else key: value for key, value in say.items()}, extensions)
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.EMAIL_TIMEOUT = 5
        made.append(server)
        return server

    yield script
    for server in made:
        server.socket.close()


def deliver(transport, envelope=ONE, following=None):
    transport.open()
    outcome = transport.begin(envelope)
    return outcome or transport.finish(DATA, following)


def test_envelope_is_one_write_and_travels_with_the_dot_before_it(script, transport):
    server = script()
    assert deliver(transport, ONE, TWO).fate is Fate.ACCEPTED
    assert deliver(transport, TWO).fate is Fate.ACCEPTED
    transport.close()
    server.thread.join(0.2)
    assert server.commands == ["ehlo", "MAIL", "RCPT", "DATA", "MAIL", "RCPT", "DATA", "quit"]
    assert [line for line in server.heard if b"Subject" in line] == [b"Subject: x\r\n\r\n..a dot"] * 2
    assert b"MAIL FROM:<us@network.example>\r\nRCPT TO:<one@city.example>\r\nDATA\r\n" in server.writes
    following = b".\r\nMAIL FROM:<us@network.example>\r\nRCPT TO:<two@city.example>\r\nDATA\r\n"
    assert any(write.endswith(following) for write in server.writes)


def test_without_pipelining_every_command_waits_for_its_reply(script, transport):
    server = script(extensions=())
    assert deliver(transport, ONE, TWO).fate is Fate.ACCEPTED
    assert deliver(transport, TWO).fate is Fate.ACCEPTED
    assert not any(write.count(b"\r\n") > 1 and b"MAIL" in write for write in server.writes)
    assert server.commands == ["ehlo", "MAIL", "RCPT", "DATA", "MAIL", "RCPT", "DATA"]


def test_size_is_announced_where_the_server_asks_for_it(script, transport):
    server = script()
    deliver(transport, Envelope("us@network.example", "one@city.example", 1234))
    assert b"MAIL FROM:<us@network.example> SIZE=1234" in server.heard


@pytest.mark.parametrize("pipelining", [True, False])
@pytest.mark.parametrize(
    ("word", "reply", "fate", "code"),
    [
        ("MAIL", b"451 4.3.0 Later\r\n", Fate.DEFERRED, "4.3.0"),
        ("MAIL", b"550 5.7.1 Not you\r\n", Fate.REFUSED, "5.7.1"),
        ("RCPT", b"450-4.2.1 A long\r\n450 4.2.1 story\r\n", Fate.DEFERRED, "4.2.1"),
        ("RCPT", b"550 5.1.1 Nobody\r\n", Fate.REFUSED, "5.1.1"),
        ("DATA", b"554 5.5.1 No\r\n", Fate.REFUSED, "5.5.1"),
        ("dot", b"452 4.3.1 Full\r\n", Fate.DEFERRED, "4.3.1"),
        ("dot", b"554 5.7.1 Spam\r\n", Fate.REFUSED, "5.7.1"),
    ],
)
def test_refusal_belongs_to_its_message_and_the_next_one_arrives(
    script, pipelining, word, reply, fate, code, transport
):
    later = {"DATA": [b"503 5.5.1 No recipient\r\n"]} if pipelining and word in {"MAIL", "RCPT"} else {}
    server = script(extensions=("PIPELINING",) if pipelining else (), **{**later, word: [reply]})
    outcome = deliver(transport, ONE, TWO)
    assert (outcome.fate, outcome.enhanced_code) == (fate, code)
    assert deliver(transport, TWO).fate is Fate.ACCEPTED
    assert server.connections == 1
    assert sum(line.startswith(b"Subject") for line in server.heard) == 1 + (word == "dot")


def test_server_that_waits_for_a_message_to_nobody_gets_none(script, transport):
    server = script(RCPT=[b"550 5.1.1 Nobody\r\n"])
    assert deliver(transport).fate is Fate.REFUSED
    assert deliver(transport, TWO).fate is Fate.ACCEPTED
    assert server.connections == 2
    assert [line for line in server.heard if b"Subject" in line] == [b"Subject: x\r\n\r\n..a dot"]


def test_refusal_of_the_message_before_leaves_the_announced_one_in_place(script, transport):
    server = script(dot=[b"554 5.7.1 Spam\r\n"])
    assert deliver(transport, ONE, TWO).fate is Fate.REFUSED
    assert deliver(transport, TWO).fate is Fate.ACCEPTED
    assert "RSET" not in server.commands
    assert server.connections == 1


def test_announced_one_that_is_refused_is_told_at_its_own_beginning(script, transport):
    server = script(RCPT=[b"250 fine\r\n", b"550 5.1.1 Nobody\r\n"])
    server.say["DATA"] = [b"354 go\r\n", b"503 5.5.1 No recipient\r\n"]
    assert deliver(transport, ONE, TWO).fate is Fate.ACCEPTED
    outcome = deliver(transport, TWO)
    assert (outcome.fate, outcome.is_bad_address) == (Fate.REFUSED, True)


@pytest.mark.parametrize("word", ["MAIL", "RCPT", "DATA", "dot"])
def test_closing_server_defers_and_gets_a_new_connection(script, word, transport):
    server = script(**{word: [b"421 4.3.2 Closing\r\n"]})
    assert deliver(transport).fate is Fate.DEFERRED
    assert transport.smtp is None
    assert deliver(transport, TWO).fate is Fate.ACCEPTED
    assert server.connections == 2


@pytest.mark.parametrize(
    ("word", "fate"),
    [("MAIL", Fate.NOT_SENT), ("RCPT", Fate.NOT_SENT), ("DATA", Fate.NOT_SENT), ("dot", Fate.UNKNOWN)],
)
def test_lost_connection_is_unknown_only_after_the_dot(script, word, fate, transport):
    script(**{word: [CLOSE]})
    assert deliver(transport, ONE, TWO).fate is fate
    assert deliver(transport, TWO).fate is Fate.ACCEPTED  # over a new connection, announced anew


def test_refusal_before_the_server_leaves_is_still_the_answer(script, transport):
    script(MAIL=[b"550 5.7.1 Not you\r\n"], RCPT=[CLOSE])
    outcome = deliver(transport)
    assert (outcome.fate, outcome.enhanced_code) == (Fate.REFUSED, "5.7.1")


@pytest.mark.parametrize(("word", "fate"), [("RCPT", Fate.NOT_SENT), ("dot", Fate.UNKNOWN)])
def test_nonsense_is_no_answer(script, word, fate, transport):
    script(**{word: [b"what?\r\n"]})
    assert deliver(transport).fate is fate
    assert transport.smtp is None


def test_silent_server_runs_into_the_time_limit(script, settings, transport):
    script(dot=[b""])
    settings.EMAIL_TIMEOUT = 0.3
    assert deliver(transport).fate is Fate.UNKNOWN


def test_abandoned_message_is_not_sent(script, transport):
    server = script()
    transport.open()
    assert transport.begin(ONE) is None
    transport.abandon()
    assert deliver(transport, TWO).fate is Fate.ACCEPTED
    assert [line for line in server.heard if b"Subject" in line] == [b"Subject: x\r\n\r\n..a dot"]


def test_connection_is_left_after_so_many_messages(script, transport):
    server = script()
    fates = {deliver(transport, ONE, ONE).fate for _ in range(MESSAGES_PER_CONNECTION + 1)}
    assert (fates, server.connections) == ({Fate.ACCEPTED}, 2)


@pytest.mark.parametrize("takes", [True, False])
def test_letters_before_the_at_need_a_server_that_takes_them(script, takes, transport):
    server = script(extensions=("SMTPUTF8", "8BITMIME") if takes else ())
    outcome = deliver(transport, Envelope("us@network.example", "ева@xn--80abvmox.example"))
    if takes:
        assert outcome.fate is Fate.ACCEPTED
        assert b"MAIL FROM:<us@network.example> BODY=8BITMIME SMTPUTF8" in server.heard
        assert "RCPT TO:<ева@xn--80abvmox.example>".encode() in server.heard
    else:
        assert (outcome.fate, outcome.text) == (
            Fate.REFUSED, "the mail server takes no address with such letters (SMTPUTF8)",
        )  # fmt: skip
        assert "MAIL" not in server.commands


@pytest.mark.parametrize("address", ["a@b.example>\r\nRCPT TO:<x@y.example", "a b@c.example", "<a@b.example>"])
def test_address_that_would_be_a_command_is_refused(script, address, transport):
    server = script()
    assert deliver(transport, Envelope("us@network.example", address)).fate is Fate.REFUSED
    assert "MAIL" not in server.commands


@pytest.mark.parametrize(
    "say",
    [{"hello": [b"554 5.3.2 No service\r\n"]}, {"EHLO": [b"550 no\r\n"], "HELO": [b"550 no\r\n"]}, {"hello": [CLOSE]}],
    ids=["turned away", "no EHLO", "closed"],
)
def test_server_that_wants_no_dialogue_cannot_be_connected(script, say, transport):
    script(**say)
    with pytest.raises(CannotConnectError):
        transport.open()


def test_password_is_sent_and_a_wrong_one_cannot_connect(script, settings, transport):
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "talkoo", "secret"
    server = script(extensions=("AUTH PLAIN",), AUTH=[b"235 2.7.0 in\r\n", b"535 5.7.8 out\r\n"])
    assert deliver(transport).fate is Fate.ACCEPTED
    assert b"AUTH PLAIN AHRhbGtvbwBzZWNyZXQ=" in server.heard
    transport.close()
    with pytest.raises(CannotConnectError, match=r"535"):
        transport.open()


@pytest.mark.parametrize("announced", [False, True])
def test_goodbye_is_no_message(script, transport, announced):
    """A server that waits for a message would take the goodbye for its first line, and keep us waiting for a reply."""
    server = script()
    if announced:
        assert deliver(transport, ONE, TWO).fate is Fate.ACCEPTED
    else:
        transport.open()
        assert transport.begin(ONE) is None
    transport.close()
    server.thread.join(0.2)
    assert "quit" not in server.commands
    assert deliver(transport, TWO).fate is Fate.ACCEPTED
    assert server.connections == 2
