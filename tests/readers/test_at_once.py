"""Two people look into their files at the same moment; the server reads both in threads of one process."""

import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from assays.readers import read
from tests.readers.shared import OWN, TIMEZONE


@pytest.fixture
def impatient_threads():
    """They take turns so often that what is shared is met half done."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(usual)


def test_a_file_reads_the_same_while_others_are_read(impatient_threads):
    content = (OWN / "nucleoview.csv").read_bytes()
    alone = read("counts.csv", content, timezone=TIMEZONE)
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda _: read("counts.csv", content, timezone=TIMEZONE), range(16)))
    assert found == [alone] * 16
