"""What is dropped on the import page to do harm is refused in words, and nothing of it is kept. SEC-11, SEC-16."""

import io
import re
import zipfile

import pytest
from django.urls import reverse
from openpyxl import Workbook

from assays import catalogue
from assays.models import InstrumentFile
from assays.readers.text import LARGEST_FILE
from tests.assays import bench
from tests.assays.test_pages import upload, words_of
from tests.cast import sign_in

pytestmark = pytest.mark.django_db

ENTITIES = (
    '<?xml version="1.0"?><!DOCTYPE workbook [<!ENTITY a "aaaaaaaaaa">'
    + "".join(
        f'<!ENTITY {name} "{10 * f"&{before};"}">'
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + '<!ENTITY file SYSTEM "file:///etc/passwd">]><workbook><sheet name="&i;&file;"/></workbook>'
)
HEADER = "Sample ID,Viable (x10^6) cells/mL"


def far_away(cell: str) -> bytes:
    """A small workbook that says something a long way from its corner."""
    book = Workbook()
    book.active["A1"], book.active[cell] = "Sample", 1
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def wide(rows: int) -> bytes:
    """Each row says something in the last column that is read."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for _ in range(rows):
        sheet.append([None] * 1_999 + [1])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def workbook(contents: str | bytes, **parts: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", contents)
        for name, part in parts.items():
            archive.writestr(f"xl/{name}", part)
    return file.getvalue()


SHEET = '<workbook><sheet name="Sheet1"/></workbook>'
UPLOADS = {
    "a workbook whose contents unpack to 300 MB": (workbook(b" " * 300_000_000), "unpacks to more than"),
    "a workbook whose sheet unpacks to 100 MB": (
        workbook(SHEET, sheet1=b"0" * 100_000_000),
        "unpacks to more than",
    ),
    "a workbook of a thousand parts": (
        workbook(SHEET, **{f"sheet{at}": b"0" for at in range(1_000)}),
        "a workbook has at most",
    ),
    "a sheet of a million rows": (far_away("A1048576"), "has more than 20,000 rows or 2,000 columns"),
    "a sheet of sixteen thousand columns": (far_away("XFD1"), "has more than 20,000 rows or 2,000 columns"),
    "rows that are all wide": (wide(1_100), "has more than 2,000,000 cells"),
    "a workbook of entities": (workbook(ENTITIES), "cannot be opened"),
    "entities as they are": (ENTITIES.encode(), "no export of an instrument"),
    "an instrument's file of entities": (
        ENTITIES.replace("workbook", "BioPlexManager").encode(),
        "is no whole XML file|declares entities",
    ),
    "a workbook with macros": (
        workbook(SHEET, **{"vbaProject.bin": b"\xd0\xcf\x11\xe0"}),
        "holds macros",
    ),
    "a workbook with links": (
        workbook(SHEET, **{"externalLinks/externalLink1.xml": b""}),
        "links to other files",
    ),
    "a workbook without contents": (b"PK\x03\x04" + b"\x00" * 100, "cannot be opened"),
    "an old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "save it as XLSX"),
    "a workbook with a password": (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
        "protected by a password",
    ),
    "a program": (b"\x7fELF\x02\x01\x01" + b"\x00" * 600, "no text file"),
    "a PDF": (b"%PDF-1.7\n" + b"1 0 obj\n" * 80, "is a PDF and no text file"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + b"\x00" * 600, "no text file"),
    "a page": (b"<html><script>alert(1)</script></html>", "no export of an instrument"),
    "a formula": (b"=cmd|'/c calc'!A0,1,2", "no export of an instrument"),
    "one line of five million characters": (b"x" * 5_000_000, "no export of an instrument"),
    "a million columns": ((HEADER + "," * 1_000_000 + "\n").encode(), "comes from a cell counter"),
    "more than may be read": (b"x" * (LARGEST_FILE + 1), "at most 10,485,760 are read"),
}


@pytest.mark.parametrize("what", UPLOADS)
def test_it_is_refused_in_words_and_nothing_is_kept(client, what):
    content, words = UPLOADS[what]
    bench.method_of(catalogue.IFNG_ELISA)
    sign_in(client, "ana")
    answer = upload(client, content, name="upload.xlsx")
    assert answer.status_code == 422
    page = words_of(answer)
    assert re.search(words, page)
    assert not InstrumentFile.objects.exists()


def test_a_form_of_too_many_fields_is_refused_unread(client):
    sign_in(client, "ana")
    fields = {f"field_{number}": "x" for number in range(1_001)}
    assert client.post(reverse("import"), fields).status_code == 400
    assert client.post(reverse("import"), {"instrument": "x" * 3_000_000}).status_code == 400
