"""A small provider of OpenID Connect on a port of its own: real addresses, real keys, real tokens."""

import base64
import hashlib
import hmac
import json
import secrets
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

CLIENT, SECRET = "tilmfg", "a secret of the two: and %"


class Provider:
    """Signs on `subject`, whoever comes. What is set in `lies` is said instead of the truth."""

    def __init__(self, issuer):
        self.issuer = issuer
        self.key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
        self.subject = "00u1quinn"
        self.lies = {}
        self.headers = {"alg": "RS256", "kid": "one"}
        self.signs_with = self.key
        self.described = {}
        self.codes = {}
        self.asked = []

    def sign_on(self, address):
        """What happens at the provider's page, up to the query with which the browser is sent back."""
        [asked] = [{name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}]
        assert (asked["client_id"], asked["response_type"], asked["scope"]) == (CLIENT, "code", "openid")
        code = secrets.token_urlsafe(8)
        self.codes[code] = asked
        return {"code": code, "state": asked["state"], "iss": self.issuer}

    def description(self):
        return {
            "issuer": self.issuer,
            "authorization_endpoint": self.issuer + "/authorize",
            "token_endpoint": self.issuer + "/token",
            "jwks_uri": self.issuer + "/keys",
        } | self.described

    def keys(self):
        return KeySet([self.key]).as_dict(private=False)

    def exchange(self, form, authorization):
        """A code is exchanged once, by the client it was for, with the verifier of its challenge."""
        basic = base64.b64decode(authorization.removeprefix("Basic ")).decode()
        asked = self.codes.pop(form["code"], None)
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = unpadded(digest)
        known = basic == f"{CLIENT}:a+secret+of+the+two%3A+and+%25"
        if not (known and asked and asked["code_challenge_method"] == "S256"):
            return None
        if challenge != asked["code_challenge"] or form["redirect_uri"] != asked["redirect_uri"]:
            return None
        return {"access_token": "none", "token_type": "Bearer", "id_token": self.token(asked["nonce"])}

    def token(self, nonce):
        now = int(time.time())
        said = {"iss": self.issuer, "aud": CLIENT, "sub": self.subject, "nonce": nonce}
        said |= {"iat": now, "exp": now + 300}
        claims = {name: value for name, value in (said | self.lies).items() if value is not None}
        if self.headers["alg"] in ("none", "HS256"):  # no library makes these of such a key
            return by_hand(self.headers, claims, secret=self.key.as_pem(private=False))
        return jwt.encode(self.headers, claims, self.signs_with, algorithms=[self.headers["alg"]])


def by_hand(headers, claims, *, secret):
    """Without a signature, or (the old trick) signed by HMAC with the public key, which everybody may read."""
    signed = ".".join(unpadded(json.dumps(part).encode()) for part in (headers, claims))
    mark = b"" if headers["alg"] == "none" else hmac.digest(secret, signed.encode(), "sha256")
    return f"{signed}.{unpadded(mark)}"


def unpadded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@contextmanager
def running():
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            pages = {"/.well-known/openid-configuration": provider.description, "/keys": provider.keys}
            self.tell(pages.get(self.path, dict)())

        def do_POST(self):
            form = self.rfile.read(int(self.headers["Content-Length"])).decode()
            if self.path == "/moved":
                self.send_response(302)
                self.send_header("Location", provider.issuer + "/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            values = {name: found[0] for name, found in parse_qs(form).items()}
            self.tell(provider.exchange(values, self.headers["Authorization"]))

        def tell(self, found):
            provider.asked.append(self.path)
            body = json.dumps(found or {"error": "invalid_grant"}).encode()
            self.send_response(200 if found else 400)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *said):
            pass

    server = ThreadingHTTPServer(("localhost", 0), Handler)
    provider = Provider(f"http://localhost:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
