"""Workbooks of the same bytes each time."""

import io
from datetime import datetime
from zipfile import ZIP_DEFLATED, ZipFile


def workbook(sheet: str, rows: list[list[object]]) -> bytes:
    return workbook_of({sheet: rows})


def workbook_of(sheets: dict[str, list[list[object]]]) -> bytes:
    """The same bytes each time: the parts of a workbook carry the time at which they were packed."""
    from openpyxl import Workbook

    book = Workbook()
    book.properties.created = book.properties.modified = datetime(2026, 11, 20)  # noqa: DTZ001 — of the file
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    packed = io.BytesIO()
    book.save(packed)
    same = io.BytesIO()
    with ZipFile(packed) as own, ZipFile(same, "w", ZIP_DEFLATED) as fixed:
        for part in own.infolist():
            content = own.read(part)
            if part.filename == "docProps/core.xml":
                content = content.split(b"<dcterms:modified")[0] + b"</cp:coreProperties>"
            part.date_time = (2026, 11, 20, 0, 0, 0)
            fixed.writestr(part, content)
    return same.getvalue()
