"""The second reader. Every file is also converted by allotropy, and both must agree on every cell.

Imported late: allotropy and pandas take seconds to load, and most requests never read a file.
"""

import io
from typing import Any
from zoneinfo import ZoneInfo

from assays.readers.records import Format, UnableToRead

EXTENSIONS = {Format.VI_CELL_BLU: "csv", Format.GEN5: "txt"}


def convert(filename: str, text: str, file_format: Format, *, timezone: str) -> dict[str, Any]:
    """The file as an Allotrope document. Raises UnableToRead with the converter's own words."""
    from allotropy.parser_factory import Vendor
    from allotropy.to_allotrope import allotrope_from_io

    vendor = {Format.VI_CELL_BLU: Vendor.BECKMAN_VI_CELL_BLU, Format.GEN5: Vendor.AGILENT_GEN5}[file_format]
    try:
        return allotrope_from_io(
            io.BytesIO(text.encode()),
            f"export.{EXTENSIONS[file_format]}",
            vendor,
            default_timezone=ZoneInfo(timezone),
            encoding="utf-8",
        )
    except Exception as error:  # a converter of foreign text fails in any way there is
        raise UnableToRead(
            f"{filename} was recognised as {file_format} but cannot be converted: {error}"
        ) from error
