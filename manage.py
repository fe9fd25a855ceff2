#!/usr/bin/env python
"""Django's commands. An embedded facility's servers run for as long as the command needs them."""

import os
import sys
from contextlib import nullcontext
from pathlib import Path

WITHOUT_DATABASE = {"check", "collectstatic", "help", "version", "--help", "--version"}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tilmfg.settings")
    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    if command == "migrate":
        os.environ.setdefault("TILMFG_ROLE", "owner")
    from tilmfg import embedded

    try:
        with _servers(embedded) if command not in WITHOUT_DATABASE else nullcontext():
            from django.core.management import execute_from_command_line

            from tilmfg.records.context import of_command

            with of_command(command):
                execute_from_command_line(sys.argv)
    except embedded.UnableToRun as problem:
        sys.exit(f"tilmfg: {problem}")


def _servers(embedded):
    if not embedded.is_chosen(os.environ):
        return nullcontext()
    var = os.environ.get("TILMFG_VAR") or Path(__file__).resolve().parent / "var"
    return embedded.Servers(embedded.place(Path(var))).running()


if __name__ == "__main__":
    main()
