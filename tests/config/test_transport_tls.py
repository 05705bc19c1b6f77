"""TLS to the mail server: asked for, checked, and never done without where the settings want it."""

import ssl

import pytest
import trustme
from aiosmtpd.smtp import AuthResult

from config.outbox.transport import CannotConnectError, Envelope, Fate
from tests.mailserver import MailServer
from tests.smtpscript import Script

HELLO = Envelope("us@network.example", "one@city.example")


@pytest.fixture
def authority(monkeypatch, tmp_path):
    """A certificate authority that this process trusts."""
    made = trustme.CA()
    made.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)
    return made


def context_of(authority):
    made = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost", "127.0.0.1").configure_cert(made)
    return made


@pytest.fixture
def serve(settings):
    """Return a function that runs a mail server which starts TLS when it is asked to."""
    running = []

    def serve(authority, **options):
        server = MailServer(tls_context=context_of(authority), require_starttls=True, **options)
        server.controller.start()
        running.append(server)
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", server.controller.port, True
        return server

    yield serve
    for server in running:
        server.controller.stop()


@pytest.fixture
def serve_at_once(settings):
    """Return a function that runs a mail server which speaks TLS from the first byte."""
    running = []

    def serve_at_once(authority):
        server = Script(tls=context_of(authority))
        running.append(server)
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_SSL = "127.0.0.1", server.port, True
        return server

    yield serve_at_once
    for server in running:
        server.socket.close()


def deliver(transport):
    transport.open()
    return transport.begin(HELLO) or transport.finish(b"Subject: x\r\n\r\nHello\r\n")


def test_message_goes_over_tls_that_was_started(serve, authority, transport):
    server = serve(authority)
    assert deliver(transport).fate is Fate.ACCEPTED
    assert isinstance(transport.smtp.sock, ssl.SSLSocket)
    assert server.raw == [b"Subject: x\r\n\r\nHello\r\n"]


def test_message_goes_over_tls_from_the_first_byte(serve_at_once, authority, transport):
    server = serve_at_once(authority)
    assert deliver(transport).fate is Fate.ACCEPTED
    assert b"Subject: x\r\n\r\nHello" in server.heard


@pytest.mark.parametrize("kind", ["serve", "serve_at_once"])
def test_certificate_of_an_unknown_authority_is_not_believed(request, authority, transport, kind):
    request.getfixturevalue(kind)(trustme.CA())
    with pytest.raises(CannotConnectError, match="certificate"):
        transport.open()


def test_server_without_tls_gets_nothing_where_it_is_asked_for(smtp, settings, transport):
    settings.EMAIL_USE_TLS = True
    with pytest.raises(CannotConnectError, match="STARTTLS"):
        transport.open()


@pytest.mark.parametrize("password", ["right", "wrong"])
def test_password_is_sent_over_tls_alone(serve, authority, settings, transport, password):
    def check(_server, _session, _envelope, _mechanism, data):
        return AuthResult(success=(data.login, data.password) == (b"talkoo", b"right"), handled=False)

    server = serve(authority, authenticator=check, auth_required=True)
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "talkoo", password
    if password == "right":
        assert deliver(transport).fate is Fate.ACCEPTED
    else:
        with pytest.raises(CannotConnectError, match="535"):
            transport.open()
    assert len(server.raw) == (password == "right")
