"""Files that leave the system: each is one event of chain `facility:exports` - who, what, asked how, which bytes.

A file that is written while it is read is told of twice: that it was begun, before its first byte, and how it ended.
"""

import csv
import getpass
import io
from collections.abc import Iterator, Mapping
from hashlib import sha256

from django.contrib.auth import get_user_model
from django.db import connection
from django.http import HttpResponse, StreamingHttpResponse

from .context import acting, request_id
from .events import publish
from .models import Event

CHAIN = "facility:exports"
CSV, PDF = "text/csv; charset=utf-8", "application/pdf"


def answer_file(
    request, content: bytes | str, *, name: str, kind: str, media_type: str, inline: bool = False
) -> HttpResponse:
    """The whole file, on record before it is handed out. `kind` says in words what it is."""
    content = content.encode() if isinstance(content, str) else content
    told: dict[str, object] = {"file": name, "kind": kind, "sha256": sha256(content).hexdigest()}
    if media_type == CSV:
        told["rows"] = rows_of(content)
    tell("exported", told, by=request.user)
    return HttpResponse(content, content_type=media_type, headers=disposition(name, inline=inline))


def answer_lines(
    request, lines: Iterator[str], *, name: str, kind: str, asked: Mapping[str, object]
) -> StreamingHttpResponse:
    """A CSV file of any length; the first line is its header."""
    told: dict[str, object] = {"file": name, "kind": kind, "asked": asked}
    tell("begun", told, by=request.user)
    stream = RecordedLines(lines, told, by=request.user)
    return StreamingHttpResponse(stream, content_type=CSV, headers=disposition(name))


def tell_answer(request, content: bytes, *, kind: str, asked: Mapping[str, object], rows: int) -> None:
    """What another program was answered; its address stands for a file's name."""
    told = {"file": request.path, "kind": kind, "asked": asked, "rows": rows}
    tell("exported", told | {"sha256": sha256(content).hexdigest()}, by=request.user)


def written_lines(
    lines: Iterator[str], *, name: str, kind: str, asked: Mapping[str, object], headers: int = 0
) -> Iterator[str]:
    """What a command writes."""
    told: dict[str, object] = {"file": name, "kind": kind, "asked": asked} | at_the_console()
    by = the_program()
    tell("begun", told, by=by)
    stream = RecordedLines(lines, told, by=by, headers=headers)
    try:
        for line in stream:
            yield line.decode()
    finally:
        stream.close()


def tell_written(files: Mapping[str, bytes], *, kind: str, asked: Mapping[str, object]) -> None:
    """Files that a command is about to write. A checkout that never was a facility has no trail to tell."""
    if Event._meta.db_table not in connection.introspection.table_names():
        return
    for name, content in files.items():
        told = {"file": name, "kind": kind, "asked": asked, "sha256": sha256(content).hexdigest()}
        tell("exported", told | at_the_console(), by=the_program())


def the_program():
    """Nobody is signed in at a console."""
    return get_user_model().objects.service_account()


def at_the_console() -> dict[str, object]:
    return {"account": getpass.getuser()}


class RecordedLines:
    """Lines as they leave, and how far they came: to the end, or not."""

    def __init__(self, lines: Iterator[str], told: dict[str, object], *, by, headers: int = 1) -> None:
        self.lines, self.told, self.by, self.headers = lines, told, by, headers
        self.written, self.digest, self.is_over = 0, sha256(), False
        self.request_id = request_id.get()  # the lines leave when the request's is forgotten

    def __iter__(self):
        return self

    def __next__(self) -> bytes:
        try:
            line = next(self.lines).encode()
        except StopIteration:
            self.end("exported")
            raise
        except BaseException:
            self.end("broken_off")
            raise
        self.written += 1
        self.digest.update(line)
        return line

    def close(self) -> None:
        """The server is done with it, perhaps because whoever read it went away."""
        self.end("broken_off")

    def end(self, how: str) -> None:
        if self.is_over:
            return
        self.is_over = True
        counted = {"rows": max(self.written - self.headers, 0), "sha256": self.digest.hexdigest()}
        token = request_id.set(self.request_id)
        try:
            tell(how, self.told | counted, by=self.by)
        finally:
            request_id.reset(token)


def tell(how: str, told: dict[str, object], *, by) -> None:
    with acting(actor=by.username, verb="records.file.export"):
        publish(f"records.file.{how}", subject=by, kind="accounts.user", chain=CHAIN, by=by, details=told)


def rows_of(content: bytes) -> int:
    """Below the header."""
    return max(sum(1 for _ in csv.reader(io.StringIO(content.decode()))) - 1, 0)


def disposition(name: str, *, inline: bool = False) -> dict[str, str]:
    return {"Content-Disposition": f'{"inline" if inline else "attachment"}; filename="{name}"'}
