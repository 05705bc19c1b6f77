"""Messages between people in a browser."""

import pytest

from exchange.connections.services import accept_request, request_connection
from exchange.conversations.messaging import begin_thread
from members.accounts.models import User

LONG = "Lähikouluruokailunkehittämishanke" * 3 + "n"  # 100 characters without a break


@pytest.fixture
def people(network):
    """Return two who are connected: Aino, and Kaisa who coordinates her office."""
    aino, kaisa = (User.objects.get(email=f"{name}.example") for name in ("aino@joensuu", "kaisa@network"))
    request = request_connection(to=kaisa, message="Hello", by=aino)
    accept_request(connection=request, by=kaisa)
    return aino, kaisa


def test_words_without_a_break_do_not_make_a_page_wider_than_a_telephone(network, people, page):
    aino, kaisa = people
    thread = begin_thread(people=[aino], subject=LONG, text=LONG, by=kaisa)
    network.sign_in(page, aino.email)
    page.set_viewport_size({"width": 360, "height": 780})
    for path in ("/messages/", thread.get_absolute_url(), "/", "/connections/"):
        page.goto(network.url + path)
        assert page.evaluate("document.documentElement.scrollWidth") == 360, path
