"""The provider of single sign-on (OpenID Connect, code flow with PKCE): what it is asked, and whom it names.

Three short requests and one token; what it says is taken only after signature, issuer, audience, nonce and time
are checked. See decisions/0008.
"""

import base64
import hashlib
import json
import secrets
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any
from urllib.parse import quote_plus, urlencode, urlsplit

from django.conf import settings
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

ALGORITHMS = [
    "RS256",
    "PS256",
    "ES256",
    "EdDSA",
]  # signed by the provider's own key; never `none`, never by our secret
SECONDS, LONGEST = 5, 1_000_000
LEEWAY_SECONDS = 30  # between its clock and ours


class UnableToSignOn(Exception):
    """In words for the person at the page. What exactly was wrong is the cause."""


@dataclass(frozen=True, slots=True)
class Named:
    """Whom the provider means, and whether it asked for more than a password, as far as it is trusted to say."""

    issuer: str
    subject: str
    with_factor: bool


def question(*, redirect_uri: str) -> tuple[str, dict[str, str]]:
    """Where to send the browser, and what to remember of it until it comes back."""
    asked = {name: secrets.token_urlsafe(32) for name in ("state", "nonce", "verifier")}
    digest = hashlib.sha256(asked["verifier"].encode()).digest()
    parameters = {
        "response_type": "code",
        "scope": "openid",
        "client_id": settings.TILMFG_OIDC["CLIENT_ID"],
        "redirect_uri": redirect_uri,
        "state": asked["state"],
        "nonce": asked["nonce"],
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    if settings.TILMFG_OIDC_ACR:
        parameters["acr_values"] = " ".join(settings.TILMFG_OIDC_ACR)
    address = _address(_described(), "authorization_endpoint")
    return f"{address}{'&' if urlsplit(address).query else '?'}{urlencode(parameters)}", asked


def named_by(*, code: str, asked: Mapping[str, str], redirect_uri: str) -> Named:
    """Whom the code stands for, asked of the provider itself and not of the browser that brought it."""
    described = _described()
    answer = _json(
        _address(described, "token_endpoint"),
        {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": asked["verifier"],
        },
    )
    try:
        keys = KeySet.import_key_set(_json(_address(described, "jwks_uri")))  # type: ignore[arg-type]
        claims = jwt.decode(str(answer["id_token"]), keys, algorithms=ALGORITHMS).claims
        _require(claims, nonce=asked["nonce"])
    except (JoseError, ValueError, KeyError, TypeError) as problem:
        raise UnableToSignOn("What single sign-on sent is not valid. Begin again.") from problem
    return Named(settings.TILMFG_OIDC["ISSUER"], claims["sub"], _has_factor(claims))


def _require(claims: dict[str, Any], *, nonce: str) -> None:
    us = settings.TILMFG_OIDC["CLIENT_ID"]
    jwt.JWTClaimsRegistry(
        leeway=LEEWAY_SECONDS,
        iss={"essential": True, "value": settings.TILMFG_OIDC["ISSUER"]},
        aud={"essential": True, "value": us},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True, "value": nonce},
    ).validate(claims)
    if claims.get("azp", us) != us:
        raise ValueError("azp")


def _has_factor(claims: Mapping[str, Any]) -> bool:
    methods = claims.get("amr")
    named = methods if isinstance(methods, list) else []
    return claims.get("acr") in settings.TILMFG_OIDC_ACR or any(
        name in named for name in settings.TILMFG_OIDC_AMR
    )


def _described() -> Mapping[str, Any]:
    """Asked anew each time, like the keys: a key that the provider withdrew opens nothing from then on."""
    issuer = settings.TILMFG_OIDC["ISSUER"]
    found = _json(issuer.rstrip("/") + "/.well-known/openid-configuration")
    if found.get("issuer") != issuer:
        raise UnableToSignOn("Single sign-on is not set up right: the provider calls itself otherwise.")
    return found


def _address(described: Mapping[str, Any], name: str) -> str:
    """As safe as the issuer's own."""
    address = str(described.get(name, ""))
    if urlsplit(address).scheme not in ("https", urlsplit(settings.TILMFG_OIDC["ISSUER"]).scheme):
        raise UnableToSignOn(f"Single sign-on is not set up right: the provider names no safe {name}.")
    return address


def _json(address: str, form: Mapping[str, str] | None = None) -> dict[str, Any]:
    call = urllib.request.Request(address, headers={"Accept": "application/json"})  # noqa: S310 (see _address)
    if form is not None:
        us = (settings.TILMFG_OIDC["CLIENT_ID"], settings.TILMFG_OIDC["CLIENT_SECRET"])
        credentials = ":".join(quote_plus(part) for part in us)
        call.add_header("Authorization", "Basic " + base64.b64encode(credentials.encode()).decode())
        call.data = urlencode(form).encode()
    try:
        with _STRAIGHT.open(call, timeout=SECONDS) as response:
            found = json.loads(response.read(LONGEST))
    except (OSError, HTTPException, ValueError) as problem:
        raise UnableToSignOn(
            "Single sign-on does not answer as it should. Log in with your password."
        ) from problem
    if not isinstance(found, dict):
        raise UnableToSignOn("Single sign-on does not answer as it should. Log in with your password.")
    return found


class _Straight(urllib.request.HTTPRedirectHandler):
    """Our secret is not carried on to another address."""

    def redirect_request(self, *args: Any) -> None:
        return None


_STRAIGHT = urllib.request.build_opener(_Straight)
