"""What is too much is refused by what it announces, and what is taken never lies in a folder. SEC-11."""

import re
import socket
import subprocess
import sys
from contextlib import closing, suppress

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.test import RequestFactory

from assays.readers.text import LARGEST_FILE
from tests.stack.facilities import BASE, environment, free_port
from tilmfg.embedded.processes import wait_until


@pytest.fixture(scope="module")
def web():
    """The server that production has, with no database behind it: what is refused is refused before one is asked."""
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "tilmfg.wsgi",
        "--bind",
        f"127.0.0.1:{port}",
        "--threads",
        "2",
    ]
    process = subprocess.Popen(
        [*command, "--no-control-socket", "--log-level", "error"],
        cwd=BASE,
        env=environment(DJANGO_SETTINGS_MODULE="tests.settings"),
    )
    try:
        wait_until(lambda: answers(port), seconds=60, problem="The web does not answer.")
        yield port
    finally:
        process.terminate()
        process.wait(timeout=30)


def answers(port):
    with suppress(OSError), closing(socket.create_connection(("127.0.0.1", port), timeout=1)):
        return True
    return False


def told(port, *headers, body=b""):
    """What the server says to a form that announces itself so and then sends no more than `body`."""
    lines = ["POST /accounts/login HTTP/1.1", "Host: localhost", "Connection: close", *headers]
    said = b""
    with closing(socket.create_connection(("127.0.0.1", port), timeout=20)) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode() + body)
        with suppress(ConnectionResetError):  # what it did not read is cut off behind its answer
            while part := connection.recv(100_000):
                said += part
    return said.decode()


def test_a_body_above_the_bound_is_refused_before_any_of_it_was_sent(web):
    said = told(web, "Content-Length: 12000001", "Content-Type: multipart/form-data; boundary=x")
    assert said.startswith("HTTP/1.1 413 ")
    assert "has 12,000,001 bytes; at most 12,000,000 are taken" in said
    assert "Cache-Control: no-store" in said


def test_a_body_of_unknown_length_is_refused_before_it_ends(web):
    said = told(web, "Transfer-Encoding: chunked", "Content-Type: text/plain", body=b"5\r\nhello\r\n")
    assert said.startswith("HTTP/1.1 411 ")
    assert "says with Content-Length how many bytes it brings" in said


def test_proxy_and_web_have_the_same_bound_and_it_leaves_room_for_the_largest_file(settings):
    caddyfile = (BASE / "Caddyfile").read_text()
    assert int(re.search(r"max_size (\d+)MB", caddyfile)[1]) * 1_000_000 == settings.TILMFG_LARGEST_BODY
    assert LARGEST_FILE + 500_000 < settings.TILMFG_LARGEST_BODY


def test_the_largest_file_that_is_taken_stays_in_memory():
    sent = SimpleUploadedFile("plate.txt", b"x" * LARGEST_FILE)
    file: UploadedFile = RequestFactory().post("/", {"file": sent}).FILES["file"]
    assert file.size == LARGEST_FILE
    assert not hasattr(file, "temporary_file_path")
