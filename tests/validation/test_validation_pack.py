"""The pack says what was asked, what was run and what came of it, and never looks better than that."""

import hashlib
import io
import json
from datetime import UTC, datetime, timedelta

import pypdf
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from tests.documents.samples import squeezed
from tilmfg.documents.contents import Verdict
from tilmfg.validation import requirements, results, versions

pytestmark = pytest.mark.django_db  # that it was written is on the trail

LISTED = requirements.read(settings.BASE_DIR / "docs/requirements.md")
SHOWN = [requirement for requirement in LISTED if not requirement.is_open]
EVERY_TEST = sorted({test for requirement in SHOWN for test in requirement.tests})


def case(test, outcome=""):
    """One case of a test, or of some test in a class or file."""
    path, _, name = test.partition("::")
    owner, _, name = name.rpartition("::") if name else ("", "", "test_something")
    if name.startswith("Test"):
        owner, name = name, "test_something"
    classname = ".".join(filter(None, [path.removesuffix(".py").replace("/", "."), owner]))
    return f'<testcase classname="{classname}" name="{name}[one]">{outcome}</testcase>'


@pytest.fixture
def write(tmp_path, monkeypatch):
    """A JUnit file as pytest writes it, begun after the commit."""
    monkeypatch.setattr(versions, "commit", lambda: "5ea809ff5b79d0c1")
    monkeypatch.setattr(versions, "committed_at", lambda: datetime.now(UTC) - timedelta(hours=1))

    def write(outcomes=None, *, tests=EVERY_TEST, more="", begun_at=None, commit="5ea809ff5b79d0c1"):
        begun_at = begun_at or datetime.now(UTC)
        cases = "".join(case(test, (outcomes or {}).get(test, "")) for test in tests)
        file = tmp_path / "results.xml"
        cases = f'<properties><property name="commit" value="{commit}"/></properties>{cases}{more}'
        suite = f'<testsuite name="pytest" timestamp="{begun_at.isoformat()}">{cases}</testsuite>'
        file.write_text(f"<testsuites>{suite}</testsuites>")
        return file

    return write


@pytest.fixture
def make(tmp_path):
    def make(file, **options):
        out = tmp_path / "pack"
        call_command("validation_pack", results=file, out=out, stdout=io.StringIO(), **options)
        [written] = out.glob("*.json")
        reader = pypdf.PdfReader(written.with_suffix(".pdf"))
        return json.loads(written.read_text()), [squeezed(page.extract_text()) for page in reader.pages]

    return make


def test_results_are_read_by_the_name_of_the_test(write):
    more = case("tests/a.py::TestB::test_c") + case("tests/a.py::TestB::test_c", "<failure/>")
    read = results.read(write(tests=["tests/a.py::test_d"], more=more))
    assert read.of("tests/a.py::test_d") == {Verdict.PASS: 1}
    assert read.of("tests/a.py::TestB") == {Verdict.PASS: 1, Verdict.FAIL: 1}
    assert read.of("tests/a.py").total() == 3
    assert read.of("tests/a.py::test_").total() == 0


def test_a_complete_pack_is_written_on_paper_and_for_machines_and_both_say_the_same(write, make):
    file = write()
    pack, pages = make(file)
    assert pack["problems"] == []
    assert "Everytestthatshowsarequirementwasrunandpassed" in pages[0]
    assert "NOTCOMPLETE" not in pages[0]
    text = "".join(pages)
    assert [line["id"] for line in pack["requirements"]] == [requirement.id for requirement in LISTED]
    for line in pack["requirements"]:
        assert line["id"] in text
        assert squeezed(line["title"]) in text
        assert line["outcome"] == ("pending" if line["room"] else "pass")
        assert squeezed(line["rest"]) in text
        for test in line["tests"]:
            assert squeezed(test["name"]) in text
    digests = {named["name"]: named["value"] for named in pack["digests"]}
    assert digests["results.xml"] == hashlib.sha256(file.read_bytes()).hexdigest()
    for group in ("versions", "digests", "packages", "totals"):
        for named in pack[group]:
            assert squeezed(named["value"]) in text, named


def test_it_names_commit_migrations_packages_and_the_rules_that_decide(write, make):
    pack, _ = make(write())
    stated = {named["name"]: named["value"] for named in (*pack["versions"], *pack["digests"])}
    assert stated["Commit"].startswith("5ea809ff5b79")
    assert stated["Migration of release"] == versions.migration_heads()["release"]
    assert stated["The rules that decide"] == versions.rules_digest()
    assert "Django" in {named["name"] for named in pack["packages"]}


@pytest.mark.parametrize(
    ("outcome", "words"),
    [("<failure/>", "failed"), ("<error/>", "failed"), ("<skipped/>", "was not run to its end")],
)
def test_it_refuses_what_failed_or_was_skipped_and_names_the_requirement(
    write, make, tmp_path, outcome, words
):
    file = write({EVERY_TEST[0]: outcome})
    wanted = next(requirement.id for requirement in SHOWN if EVERY_TEST[0] in requirement.tests)
    with pytest.raises(CommandError, match=f"{wanted}: {EVERY_TEST[0]} {words}"):
        make(file)
    assert not (tmp_path / "pack").exists()


def test_it_refuses_what_was_never_run(write, make):
    with pytest.raises(CommandError, match="was not run to its end"):
        make(write(tests=EVERY_TEST[1:]))


def test_it_refuses_a_failure_anywhere_else_too(write, make):
    with pytest.raises(CommandError, match=r"tests/x\.py::test_y failed"):
        make(write(more=case("tests/x.py::test_y", "<failure/>")))


def test_it_refuses_results_from_before_the_commit(write, make):
    with pytest.raises(CommandError, match="before the commit"):
        make(write(begun_at=datetime.now(UTC) - timedelta(days=1)))


def test_it_refuses_results_of_another_commit(write, make):
    with pytest.raises(CommandError, match="of commit 0ff1ce, and this is 5ea809ff5b79d0c1"):
        make(write(commit="0ff1ce"))


def test_it_refuses_a_tree_that_was_changed_after_the_commit(write, make, monkeypatch):
    monkeypatch.setattr(versions, "commit", lambda: "5ea809ff5b79, with changes that are not committed")
    with pytest.raises(CommandError, match="no version"):
        make(write())


def test_an_incomplete_pack_says_so_on_its_first_page(write, make):
    pack, pages = make(write({EVERY_TEST[0]: "<failure/>"}), incomplete=True)
    assert "NOTCOMPLETE" in pages[0]
    assert squeezed(EVERY_TEST[0]) in pages[0]
    assert any(problem.endswith("failed.") for problem in pack["problems"])
    assert "fail" in {line["outcome"] for line in pack["requirements"]}


@pytest.mark.parametrize(
    "content", ["", "<testsuites/>", "no xml", '<!DOCTYPE x [<!ENTITY a "b">]><testsuites>&a;</testsuites>']
)
def test_a_file_that_holds_no_results_is_named(tmp_path, make, content):
    file = tmp_path / "none.xml"
    file.write_text(content)
    with pytest.raises(CommandError, match=r"none\.xml is no JUnit file"):
        make(file)


def test_a_rule_that_changes_changes_the_digest(monkeypatch):
    before = versions.rules_digest()
    monkeypatch.setattr(versions, "DECIDES", versions.DECIDES[:-1])
    assert versions.rules_digest() != before
