"""A day of the facility is asked of one module: elsewhere midnight in UTC would fall into the evening shift."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ELSEWHERE = re.compile(r"localdate\(|now\(\)\.date\(\)|date\.today\(|datetime\.today\(|utcnow\(")
ALLOWED = {
    "tilmfg/records/days.py",
    "tilmfg/treatment/services/standing.py",  # a bag expires where it is given
    "tilmfg/shell/templatetags/tilmfg.py",  # "today" to who reads the page
    "tilmfg/shell/gallery.py",
}


def test_only_the_calendar_says_what_day_it_is():
    found = {
        str(path.relative_to(ROOT))
        for folder in ("tilmfg", "assays")
        for path in (ROOT / folder).rglob("*.py")
        if ELSEWHERE.search(path.read_text())
    }
    assert found == ALLOWED
