"""python -m tilmfg.probe URL PART…: whether these parts work, for the health checks of containers."""

import os
import sys
import urllib.parse
import urllib.request


def ask(url: str, *parts: str, host: str) -> str:
    """What /healthz answers to this host name; an OSError unless all parts (or these) work."""
    query = urllib.parse.urlencode({"part": parts}, doseq=True)
    request = urllib.request.Request(f"{url}/healthz?{query}", headers={"Host": host})  # noqa: S310 (http)
    with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310 (http)
        return answer.read().decode()


def public_host() -> str:
    return os.environ["ALLOWED_HOSTS"].split(",")[0].strip()


if __name__ == "__main__":
    sys.stdout.write(ask(*sys.argv[1:], host=public_host()))
