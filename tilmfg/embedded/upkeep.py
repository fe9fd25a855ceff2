"""Run by the supervisor as the owner, before the web starts: schema and static files of this version.

Its last line of output says whether anybody has an account yet.
"""

import os
from io import StringIO

EMPTY, INHABITED = "empty", "inhabited"


def main() -> None:
    import django
    from django.core.management import call_command

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tilmfg.settings")
    django.setup()
    from django.contrib.auth import get_user_model

    from tilmfg import heartbeat

    call_command("migrate", verbosity=0, interactive=False)
    call_command("check_catalogue", stdout=StringIO())
    call_command("collectstatic", verbosity=0, interactive=False)
    heartbeat.forget()
    people = get_user_model().objects.filter(is_service=False)
    print(INHABITED if people.exists() else EMPTY)


if __name__ == "__main__":
    main()
