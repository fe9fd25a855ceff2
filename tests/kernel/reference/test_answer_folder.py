import json
import subprocess
import sys

import pytest

from tests.kernel.reference.examples import ROUNDING


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "rounding.json").write_text(json.dumps(ROUNDING | {"id": "rounding"}))
    return tmp_path


def compute(*arguments):
    command = [sys.executable, "-m", "assays.kernel.reference", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_it_writes_the_answers_of_every_case(folder):
    done = compute(folder, folder / "answers.json")

    assert done.returncode == 0, done.stderr
    answers = json.loads((folder / "answers.json").read_text())
    assert answers["rounding"]["items.2.half_up.rounded"] == "0.13"


def test_its_own_answers_are_no_case_the_second_time(folder):
    compute(folder, folder / "answers.json")

    done = compute(folder, folder / "answers.json")

    assert (done.returncode, done.stderr) == (0, "")


def test_it_reads_tables_from_the_folder_of_data(folder, tmp_path_factory):
    data = tmp_path_factory.mktemp("data")
    (data / "values.csv").write_text("raw, spec\n0.015,0.02\n", encoding="utf-8-sig")
    table = {"csv": "values.csv", "columns": {"value": "raw", "limit": "spec"}}
    (folder / "table.json").write_text(json.dumps(ROUNDING | {"id": "table", "input": table}))

    done = compute(folder, folder / "answers.json", "--data", data)

    assert done.returncode == 0
    answers = json.loads((folder / "answers.json").read_text())
    assert answers["table"]["items.1.half_up.rounded"] == "0.02"


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"id": 7}',
        '{"id": "x", "params": NaN}',
        "[" * 100_000,
        "\xff",
        '{"id": "rounding"}',
    ],
)
def test_a_file_that_is_no_case_is_told_and_stops_no_other(folder, content):
    (folder / "spoilt.json").write_bytes(content.encode("latin-1"))

    done = compute(folder, folder / "answers.json")

    assert done.returncode == 1
    assert "spoilt.json" in done.stderr
    assert "Traceback" not in done.stderr
    assert json.loads((folder / "answers.json").read_text())["rounding"]["items.1.half_up.rounded"] == "7.5"


def test_a_refused_case_is_told(folder):
    (folder / "other.json").write_text(json.dumps(ROUNDING | {"id": "other", "task": "cast_horoscope"}))

    done = compute(folder, folder / "answers.json")

    assert done.returncode == 0
    assert "other: unsupported: The task 'cast_horoscope' is not known." in done.stderr


def test_a_folder_that_is_none_is_told(tmp_path):
    done = compute(tmp_path / "absent", tmp_path / "answers.json")

    assert done.returncode == 2
    assert "is no folder" in done.stderr
