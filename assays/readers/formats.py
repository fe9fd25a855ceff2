"""Which instrument wrote a file, told by its content and never by its name."""

import io
import zipfile
from collections.abc import Callable

from assays.readers.records import Format, UnableToRead
from assays.readers.table import HEAD as HEAD_OF_TABLE
from assays.readers.table import HEAD_WITH_WELLS
from assays.readers.text import decode, require_content

HEAD = 4000  # characters of a text file that are looked at
LARGEST_PART = 1_000_000  # bytes of a workbook's table of contents

MARKS: tuple[tuple[Format, Callable[[str], bool]], ...] = (
    (Format.VI_CELL_BLU, lambda head: "Viable (x10^6) cells/mL" in head.partition("\n")[0]),
    (Format.GEN5, lambda head: "\nSoftware Version\t" in f"\n{head}" and "\nProcedure Details" in head),
    (Format.SOFTMAX_PRO, lambda head: head.startswith("##BLOCKS=")),
    (Format.BMG_MARS, lambda head: head.startswith("User:") and "\\BMG\\" in head),
    (Format.MSD_WORKBENCH, lambda head: "\nSample,Assay,Well,Spot," in head),
    (Format.NUCLEOVIEW, lambda head: "\nInstrument type;NucleoView" in head),
    (Format.FLOWJO, lambda head: "<Workspace" in head and "flowJoVersion" in head),
    (Format.IMMUNOSPOT, lambda head: head.startswith("Software version: ImmunoSpot")),
    (Format.TABLE, lambda head: head.partition("\n")[0].strip() in (HEAD_OF_TABLE, HEAD_WITH_WELLS)),
    (Format.BIOPROFILE_FLEX2, lambda head: head.startswith('"Date & Time","Sample ID"')),
)


def recognise(filename: str, content: bytes) -> Format:
    """The format of an export. Raises UnableToRead when it is none of them, empty or too large."""
    require_content(filename, content)
    if content.startswith(b"PK\x03\x04"):
        return _recognise_workbook(filename, content)
    head = decode(filename, content)[:HEAD].lstrip()
    for known, matches in MARKS:
        if matches(head):
            return known
    first_line = head.partition("\n")[0].strip()[:80]
    raise UnableToRead(
        f"{filename} is no export of an instrument known here ({', '.join(Format)}). "
        f"Its first line is “{first_line}”."
    )


def _recognise_workbook(filename: str, content: bytes) -> Format:
    """Only the workbook's table of contents is unpacked, and only a small one."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            part = archive.getinfo("xl/workbook.xml")
            contents = archive.open(part).read(LARGEST_PART)
    except (
        zipfile.BadZipFile,
        KeyError,
        OSError,
        NotImplementedError,
        RuntimeError,
        EOFError,
        ValueError,
    ) as error:
        raise UnableToRead(f"{filename} looks like a workbook but cannot be opened as one.") from error
    if b'name="Magellan' in contents:
        return Format.MAGELLAN
    raise UnableToRead(f"{filename} is a workbook without a Magellan sheet; no other workbook is known here.")
