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


@lightly
@given(content=st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(content):
    with contextlib.suppress(UnableToRead):
        read("upload", content, timezone=TIMEZONE)
