"""A real OpenID provider on loopback, with TLS: discovery, authorization, tokens signed with RS256, keys."""

import base64
import hashlib
import json
import secrets
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
import trustme
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET = "talkoo", "a secret of the provider"


class Provider:
    """Signs in whoever `claims` says; tests change what it tells. `asked` holds the queries of authorizations."""

    def __init__(self, folder):
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.signing_key, self.kid, self.audience, self.issuer_said = self.key, "one", CLIENT, None
        self.lives, self.claims, self.asked, self.codes = 300, {}, [], {}
        self.authority = trustme.CA()
        self.bundle = folder / "authority.pem"
        self.authority.cert_pem.write_to_path(str(self.bundle))
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.authority.issue_cert("localhost").configure_cert(context)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.server.daemon_threads = True
        self.issuer = f"https://localhost:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=[0.02], daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def discovery(self):
        return {
            "issuer": self.issuer_said or self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "jwks_uri": f"{self.issuer}/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }

    def authorize(self, address):
        """Do what a browser and its owner do at `address`; return the path that they come back to."""
        back, query = self._consent(address)
        return f"{urlsplit(back).path}?{query}"

    def _consent(self, address):
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        self.asked.append(asked)
        code = secrets.token_urlsafe(8)
        self.codes[code] = asked
        return asked["redirect_uri"], urlencode({"code": code, "state": asked["state"]})

    def token(self, form):
        asked = self.codes.pop(form.get("code"), None)
        challenge = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        known = asked and asked["code_challenge"] == base64.urlsafe_b64encode(challenge).rstrip(b"=").decode()
        if not known or (form["client_id"], form["client_secret"]) != (CLIENT, SECRET):
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        facts = {"iss": self.issuer, "aud": self.audience, "iat": now, "exp": now + self.lives} | self.claims
        token = jwt.encode(facts, self.signing_key, algorithm="RS256", headers={"kid": self.kid})
        return 200, {"access_token": "x", "token_type": "Bearer", "id_token": token}

    def keys(self):
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [public | {"kid": "one", "use": "sig", "alg": "RS256"}]}

    def _handler(self):
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                if urlsplit(self.path).path == "/authorize":
                    self.send_response(302)
                    self.send_header("Location", "?".join(provider._consent(self.path)))
                    self.end_headers()
                    return
                pages = {"/.well-known/openid-configuration": provider.discovery, "/keys": provider.keys}
                page = pages.get(urlsplit(self.path).path)
                self._answer(200 if page else 404, page() if page else {})

            def do_POST(self):
                length = int(self.headers["Content-Length"])
                form = {name: values[0] for name, values in parse_qs(self.rfile.read(length).decode()).items()}
                self._answer(*provider.token(form))

            def _answer(self, status, body):
                sent = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(sent)))
                self.end_headers()
                self.wfile.write(sent)

            def log_message(self, *_args):
                """Say nothing."""

        return Handler
