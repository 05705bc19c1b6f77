"""What the tests of people and members share."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache

from config.outbox.sender import Sender
from tests.fixtures import PASSWORD


@pytest.fixture(autouse=True)
def _quick_and_without_history(settings):
    """Hash passwords quickly, and forget the attempts that earlier tests made."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    cache.clear()


@pytest.fixture
def with_password():
    """Return a function that lets somebody sign in with PASSWORD, their address `verified` or not."""

    def give(user, *, verified=True):
        user.set_password(PASSWORD)
        user.save(update_fields=["password"])
        EmailAddress.objects.create(user=user, email=user.email, verified=verified, primary=True)
        return user

    return give


@pytest.fixture
def mail_to(smtp):
    """Return a function that sends what waits in the outbox and returns the one new message to `address`."""

    def get(address):
        seen = len(smtp.messages)
        Sender().run()
        (mail,) = [one for one in smtp.messages[seen:] if one["To"] == address]
        return mail

    return get


@pytest.fixture
def link_in():
    """Return a function that finds the path of the first link of a mail's text that matches `pattern`."""

    def find(mail, pattern):
        return re.search(rf"https?://[^/\s]+({pattern}\S*)", mail.get_body(("plain",)).get_content()).group(1)

    return find
