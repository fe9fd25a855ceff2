"""Settings come from environment variables only; one that is missing or malformed stops the start."""

import os
import re
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

YES_OR_NO = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}


def text(name: str) -> str:
    value = os.environ.get(name, "").strip()
    if not value:
        raise ImproperlyConfigured(f"The environment variable {name} is not set.")
    return value


def names(name: str) -> list[str]:
    return [part.strip() for part in text(name).split(",") if part.strip()]


def flag(name: str, *, default: bool) -> bool:
    value = os.environ.get(name, "").strip().lower()
    if value and value not in YES_OR_NO:
        raise ImproperlyConfigured(f"{name} is {value!r}; it can be {', '.join(YES_OR_NO)}.")
    return YES_OR_NO.get(value, default)


def choice(name: str, *, among: tuple[str, ...]) -> str:
    """The first one is meant when the variable is not set."""
    value = os.environ.get(name, "").strip() or among[0]
    if value not in among:
        raise ImproperlyConfigured(f"{name} is {value!r}; it can be {', '.join(among)}.")
    return value


def origin(name: str, *, default: str = "") -> str:
    """https://host, as browsers name where a page comes from; passkeys are bound to it, so a bare address is none."""
    value = os.environ.get(name, "").strip() or default or text(name)
    try:
        url = urlsplit(value)
        host, port = url.hostname or "", url.port
    except ValueError:
        host, port = "", None
    is_named = bool(re.fullmatch(r"[a-z0-9.-]*[a-z][a-z0-9-]*", host))
    is_safe = url.scheme == "https" or (url.scheme == "http" and host == "localhost")
    if not (is_named and is_safe) or url.username or url.path.strip("/") or url.query or url.fragment:
        raise ImproperlyConfigured(f"{name} is {value!r}; it must look like https://til.example.org.")
    usual = {"https": 443, "http": 80}[url.scheme]
    return f"{url.scheme}://{host}" + (f":{port}" if port and port != usual else "")


def openid_provider(prefix: str) -> dict[str, str]:
    """Its address, and who we are to it: all three, or none for no single sign-on."""
    names = {part: f"{prefix}_{part}" for part in ("ISSUER", "CLIENT_ID", "CLIENT_SECRET")}
    if not any(os.environ.get(name, "").strip() for name in names.values()):
        return {}
    found = {part: text(name) for part, name in names.items()}
    url = urlsplit(found["ISSUER"])
    is_safe = url.scheme == "https" or (url.scheme == "http" and url.hostname == "localhost")
    if not (is_safe and url.hostname) or url.query or url.fragment:
        raise ImproperlyConfigured(
            f"{names['ISSUER']} is {found['ISSUER']!r}; it must look like https://login.example.org."
        )
    return found


def postgresql(name: str, *, user: str) -> dict[str, object]:
    """postgresql://user:password@host:port/database?sslmode=verify-full, for this one role."""
    url = urlsplit(text(name))
    if url.scheme not in {"postgresql", "postgres"} or not url.hostname or not url.path.strip("/"):
        raise ImproperlyConfigured(f"{name} must look like postgresql://{user}:password@host:5432/database.")
    if url.username != user:
        raise ImproperlyConfigured(f"{name} names the role {url.username!r}; it must be {user!r}.")
    return {
        "HOST": url.hostname,
        "PORT": str(url.port or 5432),
        "NAME": unquote(url.path.strip("/")),
        "USER": user,
        "PASSWORD": unquote(url.password or ""),
        "OPTIONS": dict(parse_qsl(url.query)),
    }


def mail_server(name: str) -> tuple[str, int, str, str, bool, bool]:
    """smtp://user:password@host:587 or smtps://host:465: host, port, user, password, TLS from the first byte, STARTTLS.

    Without TLS only to a server on this host.
    """
    value = os.environ.get(name, "").strip()
    try:
        url = urlsplit(value)
        host, port = url.hostname, url.port
    except ValueError:
        host, port = None, None
    if not host or url.scheme not in {"smtp", "smtps"}:
        raise ImproperlyConfigured(f"{name} must look like smtp://user:password@mail.example.org:587.")
    is_implicit = url.scheme == "smtps"
    port = port or (465 if is_implicit else 587)
    user, password = unquote(url.username or ""), unquote(url.password or "")
    return host, port, user, password, is_implicit, not is_implicit and host != "localhost"


def broker_url(redis_url: str) -> str:
    """Celery's way of writing the same address."""
    return redis_url.replace("unix://", "redis+socket://").replace("?db=", "?virtual_host=")
