"""What turns text into code, or trusts what came from outside, stands nowhere in the house. SEC-09."""

import ast
from pathlib import Path

import pytest

BASE = Path(__file__).resolve().parents[2]
SOURCES = [path for room in ("tilmfg", "assays") for path in sorted((BASE / room).rglob("*.py"))]
CODE_OUT_OF_TEXT = {"eval", "exec", "compile", "__import__"}
UNSAFE_MODULES = {
    "pickle", "cPickle", "marshal", "shelve", "dill", "yaml",
    "xml.sax", "xml.dom", "xml.etree", "xml.parsers", "lxml",  # defusedxml reads XML
}  # fmt: skip
HARMLESS_NAMES = {
    "Element",
    "ParseError",
}  # of xml.etree, which defusedxml's answers and refusals are made of
QUERIES_OUT_OF_TEXT = {"raw", "extra", "RawSQL"}
# Forms that write whatever column they are made of; ours are verbs' arguments, named one by one (SEC-04).
MADE_OF_COLUMNS = {
    "ModelForm", "modelform_factory", "modelformset_factory", "inlineformset_factory",
    "ModelSerializer", "HyperlinkedModelSerializer",
}  # fmt: skip


def complaints(tree: ast.AST) -> list[str]:
    """What a file does that it should not, each with its line."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = called(node.func)
            if isinstance(node.func, ast.Name) and name in CODE_OUT_OF_TEXT:
                found.append(f"line {node.lineno}: {name}()")
            if name in QUERIES_OUT_OF_TEXT:
                found.append(f"line {node.lineno}: {name}() asks the database in text")
            if any(is_true(word.value) for word in node.keywords if word.arg == "shell"):
                found.append(f"line {node.lineno}: a shell is asked")
        if getattr(node, "id", getattr(node, "attr", "")) in MADE_OF_COLUMNS:
            found.append(f"line {node.lineno}: a form made of a table's columns")  # type: ignore[attr-defined]
        for module in imported(node):
            if any(module == unsafe or module.startswith(f"{unsafe}.") for unsafe in UNSAFE_MODULES):
                found.append(f"line {node.lineno}: imports {module}")
    return found


def called(function: ast.expr) -> str:
    return getattr(function, "id", getattr(function, "attr", ""))


def is_true(value: ast.expr) -> bool:
    return not (isinstance(value, ast.Constant) and not value.value)


def imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module and not node.level:
        names = {alias.name for alias in node.names}
        if node.module == "xml.etree.ElementTree" and names <= HARMLESS_NAMES:
            return []
        return [f"{node.module}.{name}" for name in names]
    return []


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(BASE)))
def test_no_file_makes_code_or_queries_of_text_or_reads_what_it_should_not_trust(path):
    assert complaints(ast.parse(path.read_text())) == []


@pytest.mark.parametrize(
    "text",
    [
        "eval(x)",
        "exec(x)",
        "import pickle",
        "from pickle import loads",
        "import yaml",
        "from xml.etree import ElementTree",
        "from xml import sax",
        "import xml.etree.ElementTree as ET",
        "from lxml import etree",
        "Lot.objects.raw(x)",
        "Lot.objects.extra(where=[x])",
        "RawSQL(x, ())",
        "subprocess.run(x, shell=True)",
        "subprocess.run(x, shell=yes)",
        "class F(forms.ModelForm): pass",
        "class S(ModelSerializer): pass",
    ],
)
def test_it_would_be_found(text):
    assert len(complaints(ast.parse(text))) >= 1


@pytest.mark.parametrize(
    "text",
    [
        "re.compile(x)",
        "from xml.etree.ElementTree import ParseError",
        "from defusedxml import ElementTree",
        "subprocess.run(x, shell=False)",
        "import json",
    ],
)
def test_what_is_harmless_is_left_alone(text):
    assert complaints(ast.parse(text)) == []
