"""python -m tilmfg.probe URL PART…: whether these parts work, for the health checks of containers."""

import os
import sys
import urllib.parse
import urllib.request


def main(url: str, *parts: str) -> None:
    query = urllib.parse.urlencode({"part": parts}, doseq=True)
    host = os.environ["ALLOWED_HOSTS"].split(",")[0].strip()
    request = urllib.request.Request(f"{url}/healthz?{query}", headers={"Host": host})  # noqa: S310 (http)
    with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310 (raises unless all of them work)
        sys.stdout.write(answer.read().decode())


if __name__ == "__main__":
    main(*sys.argv[1:])
