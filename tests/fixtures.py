"""The cast that most tests share.

Alice is liaison of Lahti and Bob its contributor, Rita reads there. Carlos is liaison of Pontevedra: another member,
another office. Kaisa coordinates the Finnish office, Eva the European one, Xavier is an expert of the European one,
Ada administers the network, and Nora has an account but no member.
"""

from types import SimpleNamespace

import pytest
from django.conf import settings as django_settings
from django.test import TransactionTestCase, override_settings

from config.outbox import kinds
from config.outbox.kinds import Kind, Rendered
from members.directory.models import MemberRole, OfficeRole
from tests import snapshots
from tests.factories import MemberFactory, MemberRoleFactory, OfficeFactory, OfficeRoleFactory, UserFactory
from tests.mailserver import MailServer

PASSWORD = "a long enough passphrase"


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Make the database, and let tests that commit put back what it held at first.

    Django's own way, to empty every table and fill in what migrating does, takes most of a second.
    """
    with django_db_blocker.unblock():
        at_first = snapshots.take() if snapshots.is_possible() else None
    own_way = TransactionTestCase._fixture_teardown
    if at_first:
        TransactionTestCase._fixture_teardown = lambda _test: snapshots.restore(at_first)
    yield
    TransactionTestCase._fixture_teardown = own_way


@pytest.fixture
def cast(db):
    """Return people and places by name: `cast.alice`, `cast.lahti`, `cast.finland` …"""
    bonn = OfficeFactory(name="World Secretariat", slug="bonn", kind="world", city="Bonn", country="DE")
    europe = OfficeFactory(
        name="European Office", slug="europe", kind="regional", city="Freiburg", country="DE", parent=bonn
    )
    finland = OfficeFactory(
        name="Finnish Office", slug="finland", kind="national", city="Helsinki", country="FI", parent=europe
    )
    lahti = MemberFactory(name="Lahden kaupunki", name_en="Lahti", slug="lahti", country="FI", office=finland)
    pontevedra = MemberFactory(
        name="Concello de Pontevedra", name_en="Pontevedra", slug="pontevedra", country="ES", office=europe
    )
    people = {
        "alice": (lahti, MemberRole.Role.LIAISON),
        "bob": (lahti, MemberRole.Role.CONTRIBUTOR),
        "rita": (lahti, MemberRole.Role.READER),
        "carlos": (pontevedra, MemberRole.Role.LIAISON),
    }
    staff = {
        "kaisa": (finland, OfficeRole.Role.COORDINATOR),
        "eva": (europe, OfficeRole.Role.COORDINATOR),
        "xavier": (europe, OfficeRole.Role.EXPERT),
    }
    found = {"bonn": bonn, "europe": europe, "finland": finland, "lahti": lahti, "pontevedra": pontevedra}
    for name, (member, role) in people.items():
        found[name] = UserFactory(email=f"{name}@city.example", name=name.title())
        MemberRoleFactory(user=found[name], member=member, role=role)
    for name, (office, role) in staff.items():
        found[name] = UserFactory(email=f"{name}@network.example", name=name.title())
        OfficeRoleFactory(user=found[name], office=office, role=role)
    found["ada"] = UserFactory(email="ada@network.example", name="Ada", is_administrator=True)
    found["nora"] = UserFactory(email="nora@nowhere.example", name="Nora")
    return SimpleNamespace(**found)


@pytest.fixture
def smtp(settings):
    """Return a running SMTP server that the settings point to."""
    server = MailServer()
    server.controller.start()
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.controller.port
    yield server
    server.controller.stop()


def render_note(message):
    if message.payload.get("broken"):
        raise ValueError("no such thing")
    if message.payload.get("empty"):
        return None
    return Rendered("Добар ден", "Text\n.a line with a dot\n", "<p>Добар ден</p>", {"List-Id": "<x.example>"})


@pytest.fixture
def kind():
    """Return a kind of message of the tests' own; its payload may say "broken", "empty" or "left"."""
    made = kinds.register(
        Kind(name="test.note", label="Test", render=render_note, still_wanted=lambda m: not m.payload.get("left"))
    )
    yield made
    del kinds._kinds["test.note"]


@pytest.fixture(scope="session", autouse=True)
def _plain_static_files():
    """Serve style sheets from where they are written: the manifest of hashed names is `collectstatic`'s work."""
    django_settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # whitenoise warns of one that is not there
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    with override_settings(STORAGES=django_settings.STORAGES | {"staticfiles": plain}):
        yield
