"""A security key in software: it makes and proves keys as a browser sends them (WebAuthn, ES256, no attestation)."""

import hashlib
import json
import secrets

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData

FLAGS = AuthenticatorData.FLAG


class SoftKey:
    """One key for one account at `host`."""

    def __init__(self, host="testserver", origin="http://testserver"):
        self.host, self.origin = host, origin
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.pk, self.count, self.user = secrets.token_bytes(16), 0, None

    def make(self, options):
        """Answer the options of a registration."""
        options = options["publicKey"]
        self.user = options["user"]["id"]
        public = ES256.from_cryptography_key(self.private.public_key())
        credential = AttestedCredentialData.create(Aaguid.NONE, self.pk, public)
        flags = FLAGS.UP | FLAGS.UV | FLAGS.AT
        made = AttestationObject.create("none", AuthenticatorData.create(self._site(), flags, 0, credential), {})
        client = self._client("webauthn.create", options)
        return self._sent({"clientDataJSON": websafe_encode(client), "attestationObject": websafe_encode(made)})

    def prove(self, options):
        """Answer the options of an authentication."""
        self.count += 1
        data = AuthenticatorData.create(self._site(), FLAGS.UP | FLAGS.UV, self.count)
        client = self._client("webauthn.get", options["publicKey"])
        signature = self.private.sign(bytes(data) + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._sent(
            {
                "clientDataJSON": websafe_encode(client),
                "authenticatorData": websafe_encode(data),
                "signature": websafe_encode(signature),
                "userHandle": self.user,
            }
        )

    def _site(self):
        return hashlib.sha256(self.host.encode()).digest()

    def _client(self, what, options):
        facts = {"type": what, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": False}
        return json.dumps(facts).encode()

    def _sent(self, response):
        pk = websafe_encode(self.pk)
        return {"id": pk, "rawId": pk, "type": "public-key", "response": response, "clientExtensionResults": {}}


def give_key(user, name="Blue key", key=None):
    """Give `user` a key, as they would have registered it."""
    from allauth.mfa.models import Authenticator

    options = {"publicKey": {"user": {"id": websafe_encode(str(user.pk).encode())}, "challenge": "AAAA"}}
    made = (key or SoftKey()).make(options)
    facts = {"name": name, "passwordless": True, "credential": made}
    return Authenticator.objects.create(user=user, type="webauthn", data=facts)
