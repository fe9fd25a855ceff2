"""Whatever happens to a file on its way, reading it ends in records or in UnableToRead."""

import contextlib

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assays.readers import UnableToRead, read
from tests.readers.shared import OWN, TIMEZONE

FILES = {name: (OWN / name).read_bytes() for name in ("gen5_ifng_elisa.txt", "vi_cell_blu_error.csv")}
lightly = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@lightly
@given(name=st.sampled_from(sorted(FILES)), share=st.floats(0, 1))
def test_a_cut_off_file_is_read_or_refused(name, share):
    content = FILES[name]
    with contextlib.suppress(UnableToRead):
        read(name, content[: int(share * len(content))], timezone=TIMEZONE)


@lightly
@given(
    name=st.sampled_from(sorted(FILES)),
    damage=st.lists(
        st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=8
    ),
)
def test_a_file_with_flipped_bytes_is_read_or_refused(name, damage):
    content = bytearray(FILES[name])
    for share, byte in damage:
        content[int(share * len(content))] = byte
    with contextlib.suppress(UnableToRead):
        read(name, bytes(content), timezone=TIMEZONE)


AWKWARD = (
    "",
    "-",
    "NaN",
    "inf",
    "1e9",
    "1e99",
    "١٢",
    '"',
    "*0.5*",
    "A",
    "13",
    "\x00",
    "9" * 40,
    "STD1",
    "12:61",
)


@lightly
@given(
    name=st.sampled_from(sorted(FILES)),
    edits=st.lists(
        st.tuples(
            st.floats(0, 1, exclude_max=True), st.floats(0, 1, exclude_max=True), st.sampled_from(AWKWARD)
        ),
        max_size=4,
    ),
    dropped=st.lists(st.floats(0, 1, exclude_max=True), max_size=2),
)
def test_a_file_with_edited_cells_and_dropped_lines_is_read_or_refused(name, edits, dropped):
    separator = "," if name.endswith(".csv") else "\t"
    lines = FILES[name].decode().split("\n")
    for line_share, cell_share, text in edits:
        at = int(line_share * len(lines))
        cells = lines[at].split(separator)
        cells[int(cell_share * len(cells))] = text
        lines[at] = separator.join(cells)
    for share in dropped:
        del lines[int(share * len(lines))]
    with contextlib.suppress(UnableToRead):
        read(name, "\n".join(lines).encode(), timezone=TIMEZONE)


@lightly
@given(content=st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(content):
    with contextlib.suppress(UnableToRead):
        read("upload", content, timezone=TIMEZONE)
