"""The receiver that counts: what it takes is in its log before it says so, and its faults come when they are due."""

import smtplib
from collections import Counter

import pytest

from exchange.bench.limit import measure_limit
from exchange.bench.sink import Faults, run_sink


def message(number):
    return f"Message-ID: <{number}@network.example>\r\nSubject: x\r\n\r\n.a dot\r\n"


def send(sink, numbers, to="a@city.example"):
    """Send over one connection after the other; return what was said of each."""
    said = []
    for number in numbers:
        with smtplib.SMTP("127.0.0.1", sink.port) as client:
            try:
                client.sendmail("us@network.example", [to], message(number))
                said.append(250)
            except smtplib.SMTPRecipientsRefused as error:
                said.append(error.recipients[to][0])
            except smtplib.SMTPSenderRefused as error:
                said.append(error.smtp_code)
            except smtplib.SMTPServerDisconnected:
                said.append(None)
    return said


def test_messages_are_counted_by_their_id():
    with run_sink() as sink:
        assert send(sink, [1, 2, 2]) == [250, 250, 250]
        assert sink.deliveries() == Counter({"<2@network.example>": 2, "<1@network.example>": 1})
        assert sink.count("taken") == 3


def test_connections_are_cut_before_and_after_the_dot():
    with run_sink(Faults(cut_before_every=2)) as sink:
        assert send(sink, range(4)) == [250, None, 250, None]
        assert (sink.count("taken"), sink.count("cut-before")) == (2, 2)
    with run_sink(Faults(cut_after_every=2)) as sink:
        assert send(sink, range(4)) == [250, None, 250, None]
        assert (sink.count("taken"), sink.count("cut-after")) == (4, 2)


def test_every_so_many_are_told_that_it_closes():
    with run_sink(Faults(closing_every=3)) as sink:
        assert send(sink, range(6)) == [250, 250, 421, 250, 250, 421]
        assert (sink.count("taken"), sink.count("closing")) == (4, 2)


def test_a_share_of_addresses_is_refused_for_good_and_another_once():
    with run_sink(Faults(refused=0.3, later=0.3)) as sink:
        first = Counter(send(sink, [n], to=f"r{n}@city.example")[0] for n in range(60))
        again = Counter(send(sink, [n], to=f"r{n}@city.example")[0] for n in range(60))
    assert set(first) == {250, 450, 550}
    assert again == {550: first[550], 250: 60 - first[550]}


def test_faults_change_while_it_runs():
    with run_sink() as sink:
        assert send(sink, [1]) == [250]
        sink.change(Faults(refused=1.0))
        said = [send(sink, [2])[0] for _ in range(20)]
        assert said[-1] == 550


def test_answers_to_what_came_together_come_in_order():
    """The next envelope travels with the dot before it; where it is turned away the message before was taken."""
    with run_sink(Faults(closing_every=2)) as sink, smtplib.SMTP("127.0.0.1", sink.port) as client:
        client.ehlo()
        envelope = b"MAIL FROM:<us@network.example>\r\nRCPT TO:<a@city.example>\r\nDATA\r\n"
        client.send(envelope)
        assert [client.getreply()[0] for _ in range(3)] == [250, 250, 354]
        client.send(message(1).encode() + b".\r\n" + envelope)
        assert [client.getreply()[0] for _ in range(2)] == [250, 421]
        client.close()
        assert sink.count("taken") == 1


@pytest.mark.parametrize("number", [1, 20])
def test_limit_sends_as_many_as_it_says(number):
    with run_sink() as sink:
        limit = measure_limit(sink, message(7).encode(), number=number)
        assert limit.per_s > 0
        assert sink.deliveries() == {"<7@network.example>": number}
