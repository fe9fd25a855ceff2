"""The port that people will type."""

import errno
import os
import socket
from collections.abc import Mapping
from contextlib import suppress

import psutil

from .problems import UnableToRun

DEFAULT_PORT = 8000


def chosen_port(environment: Mapping[str, str]) -> int:
    value = environment.get("PORT") or str(DEFAULT_PORT)
    if not (value.isascii() and value.isdecimal() and 1 <= int(value) <= 65535):
        raise UnableToRun(f"PORT is {value!r}; it can be a number from 1 to 65535.")
    return int(value)


def require_free(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the web server will
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                problem = f"Port {port} is taken{_by_whom(port)}. Choose another one: PORT={port + 1}."
            else:
                problem = f"Port {port} cannot be used: {os.strerror(error.errno or 0)}."
            raise UnableToRun(problem) from None


def _by_whom(port: int) -> str:
    with suppress(psutil.Error):  # asking about other people's sockets may be forbidden
        for connection in psutil.net_connections("tcp"):
            if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port and connection.pid:
                return f" by {psutil.Process(connection.pid).name()} (PID {connection.pid})"
    return ""
