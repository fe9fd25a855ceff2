"""Whoever computes with the kernel reads in its docstring what comes in and what goes out."""

import ast
from pathlib import Path

import pytest

KERNEL = Path(__file__).resolve().parents[2] / "assays" / "kernel"
MODULES = sorted(path for path in KERNEL.rglob("*.py") if "reference" not in path.parts)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(KERNEL).as_posix())
def test_every_module_and_public_function_of_the_kernel_has_a_docstring(path):
    module = ast.parse(path.read_text(encoding="utf-8"))
    functions = [node for node in module.body if isinstance(node, ast.FunctionDef)]
    bare = [f.name for f in functions if not f.name.startswith("_") and not ast.get_docstring(f)]

    assert ast.get_docstring(module)
    assert not bare
