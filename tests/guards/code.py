"""The guards that stand in code: found in its syntax, watched, or taken out."""

import ast
from dataclasses import dataclass
from pathlib import Path

BASE = Path(__file__).parents[2]

# What stands between a person and a signature, a release or an infusion.
MODULES = (
    "assays.retests",
    "assays.services.controls",
    "assays.services.files",
    "assays.services.imports",
    "assays.services.masking",
    "assays.services.methods",
    "assays.services.reagents",
    "assays.services.recording",
    "assays.services.results",
    "assays.services.reviews",
    "assays.services.second_readings",
    "tilmfg.accounts.proof",
    "tilmfg.accounts.services.standing",
    "tilmfg.accounts.signing",
    "tilmfg.accounts.standing",
    "tilmfg.accounts.training",
    "tilmfg.accounts.verbs",
    "tilmfg.batches.services.definitions",
    "tilmfg.batches.services.verification",
    "tilmfg.identity.services.resumption",
    "tilmfg.quality.services.deviations",
    "tilmfg.quality.services.investigations",
    "tilmfg.records.reasons",
    "tilmfg.records.signatures",
    "tilmfg.release.gates",
    "tilmfg.release.services.dispositions",
    "tilmfg.release.services.lots",
    "tilmfg.release.services.specifications",
    "tilmfg.release.services.trail",
    "tilmfg.treatment.services.bedside",
    "tilmfg.treatment.services.infusing",
    "tilmfg.treatment.services.standing",
)
# These answer with what is wrong instead of raising it.
ANSWERING = {
    "refusal_of",
    "lack_of",
    "lack_of_standing",
    "_why_not",
    "why_no_retest",
    "_judged",
    "_objections",
}
ROLES = "only its roles may"


@dataclass(frozen=True, slots=True, order=True)
class Guard:
    module: str
    function: str
    words: str  # the condition, as it is written

    @property
    def key(self) -> str:
        return f"{self.module.removeprefix('tilmfg.')} · {self.function} · {self.words}"


def path_of(module: str) -> Path:
    return BASE / (module.replace(".", "/") + ".py")


def guards_in(module: str) -> list[Guard]:
    found = Rewriter(module)
    found.visit(ast.parse(path_of(module).read_text()))
    return found.guards


def rewritten(module: str, *, without: str = "") -> ast.Module:
    """The module without one guard or, with none named, with each of them reporting when it refuses."""
    tree = Rewriter(module, without=without, watched=not without).visit(
        ast.parse(path_of(module).read_text())
    )
    after = 1 + any(isinstance(line, ast.ImportFrom) and line.module == "__future__" for line in tree.body)
    tree.body.insert(after, ast.parse("from tests.guards import watching as _watching").body[0])
    return ast.fix_missing_locations(tree)


class Rewriter(ast.NodeTransformer):
    def __init__(self, module: str, *, without: str = "", watched: bool = False) -> None:
        self.module, self.without, self.watched = module, without, watched
        self.functions: list[str] = []
        self.guards: list[Guard] = []

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        return self._within(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        for place, decorator in enumerate(node.decorator_list):
            named = [word for word in getattr(decorator, "keywords", ()) if word.arg == "roles"]
            if named and isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "verb":
                guard = self._found(ROLES, function=node.name)
                if self.watched:
                    node.decorator_list.insert(
                        place, ast.parse(f"_watching.roles({guard.key!r})").body[0].value
                    )
                elif guard.key == self.without:
                    named[0].value = ast.parse("tuple(Role)").body[0].value
                break
        return self._within(node)

    def _within(self, node: ast.AST) -> ast.AST:
        self.functions.append(node.name)
        self.generic_visit(node)
        self.functions.pop()
        return node

    def visit_If(self, node: ast.If) -> ast.AST:
        if self._refuses(node.body[-1]):
            guard = self._found(ast.unparse(node.test))
            if self.watched:
                node.body.insert(0, ast.parse(f"_watching.fired({guard.key!r})").body[0])
            elif guard.key == self.without:
                node.test = ast.Constant(False)
        self.generic_visit(node)
        return node

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        call = node.value
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name)):
            return node
        name = call.func.id
        if not name.lstrip("_").startswith("require"):
            return node
        guard = self._found(ast.unparse(call.args[0] if name == "require" else call))
        if self.watched:
            return ast.With(
                items=[ast.withitem(ast.parse(f"_watching.refusing({guard.key!r})").body[0].value)],
                body=[node],
            )
        return ast.Pass() if guard.key == self.without else node

    def _refuses(self, last: ast.stmt) -> bool:
        if isinstance(last, ast.For):
            return self._refuses(last.body[-1])
        if isinstance(last, ast.Return):
            return self.functions[-1] in ANSWERING and not is_nothing(last.value)
        if isinstance(last, ast.Expr):
            is_objection = (
                isinstance(last.value, ast.Call) and ast.unparse(last.value.func) == "objections.append"
            )
            return isinstance(last.value, ast.Yield) or is_objection
        return isinstance(last, ast.Raise)

    def _found(self, words: str, *, function: str = "") -> Guard:
        name = ".".join([*self.functions, function] if function else self.functions)
        words = " ".join(words.split())
        again = sum(
            guard.function == name and guard.words.split(" (again")[0] == words for guard in self.guards
        )
        guard = Guard(self.module, name, words + f" (again, {again + 1})" * bool(again))
        self.guards.append(guard)
        return guard


def is_nothing(value: ast.expr | None) -> bool:
    return value is None or (isinstance(value, ast.Constant) and not value.value)
