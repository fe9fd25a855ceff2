"""Model expressions that a person types, parsed and differentiated here: no `eval`, no names but the declared.

    sum     := product (("+" | "-") product)*
    product := signed (("*" | "/") signed)*
    signed  := ("+" | "-") signed | power
    power   := atom ("^" signed)?              right associative, binds tighter than a sign
    atom    := number | name | function "(" sum ")" | "(" sum ")"

Functions are exp, ln, log10 and sqrt. Derivatives are exact, by forward differentiation of every step. Limits are
taken where logistic curves need them: ln 0 = −∞, exp(−∞) = 0, and 0·∞ = 0 in a derivative.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from assays.kernel.logistic import Array
from assays.kernel.status import Status, UnableToAnswer

MOST_CHARACTERS = 2000
DEEPEST = 60

_TOKEN = re.compile(
    r"\s*(?:([0-9]+\.?[0-9]*(?:[eE][+-]?[0-9]+)?|\.[0-9]+(?:[eE][+-]?[0-9]+)?)|([A-Za-z_]\w*)|(.))"
)
_LN10 = np.log(10.0)


@dataclass(frozen=True, slots=True)
class Dual:
    """Values (n,) with their derivatives (n, seeds)."""

    value: Array
    slope: Array


Node = Callable[[dict[str, Dual]], Dual]


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed expression in `x` and its parameters, in the order declared."""

    text: str
    parameters: tuple[str, ...]
    _node: Node

    def evaluate(self, x: Array, theta: Array) -> tuple[Array, Array, Array]:
        """f (n,), ∂f/∂θ (n, p) and ∂f/∂x (n,) at x (n,) and θ (p,); not finite where f does not exist."""
        n, p = len(x), len(self.parameters)
        seeds = np.eye(p + 1)
        names = {
            name: Dual(np.full(n, float(value)), np.tile(seed, (n, 1)))
            for name, value, seed in zip(self.parameters, theta, seeds, strict=False)
        }
        names["x"] = Dual(np.asarray(x, dtype=float), np.tile(seeds[p], (n, 1)))
        with np.errstate(all="ignore"):
            found = self._node(names)
        return found.value, found.slope[:, :p], found.slope[:, p]


def parse(text: str, parameters: Sequence[str]) -> Expression:
    """Parse `text`; raises bad_input naming the place where it is no expression of x and `parameters`.

    Source: recursive descent by the grammar above; the derivatives are forward mode (Griewank & Walther 2008).
    """
    if len(text) > MOST_CHARACTERS:
        raise UnableToAnswer(Status.BAD_INPUT, f"the expression is longer than {MOST_CHARACTERS} characters")
    names = tuple(parameters)
    if len(set(names)) < len(names) or {"x", *_FUNCTIONS} & set(names):
        raise UnableToAnswer(
            Status.BAD_INPUT, "parameters need names of their own, other than x and the functions"
        )
    for name in names:
        if not re.fullmatch(r"[A-Za-z_]\w*", name):
            raise UnableToAnswer(Status.BAD_INPUT, f"{name!r} is no name of a parameter")
    parser = _Parser(text, {"x", *names})
    node = parser.sum()
    parser.end()
    return Expression(text, names, node)


class _Parser:
    def __init__(self, text: str, names: set[str]) -> None:
        self.tokens = list(_TOKEN.finditer(text.rstrip()))
        self.names, self.position, self.depth = names, 0, 0

    def peek(self) -> str:
        return self.tokens[self.position].group().strip() if self.position < len(self.tokens) else ""

    def take(self) -> str:
        token = self.peek()
        self.position += 1
        return token

    def end(self) -> None:
        if self.peek():
            raise self.refusal("an operator")

    def refusal(self, allowed: str) -> UnableToAnswer:
        found = f"{self.peek()!r}" if self.peek() else "the end"
        return UnableToAnswer(
            Status.BAD_INPUT, f"the expression has {found} at token {self.position + 1}; {allowed} is needed"
        )

    def expect(self, token: str) -> None:
        if self.peek() != token:
            raise self.refusal(repr(token))
        self.take()

    def sum(self) -> Node:
        self.depth += 1
        if self.depth > DEEPEST:
            raise UnableToAnswer(Status.BAD_INPUT, f"the expression is nested deeper than {DEEPEST}")
        node = self.product()
        while self.peek() in ("+", "-"):
            node = _combine(_add if self.take() == "+" else _subtract, node, self.product())
        self.depth -= 1
        return node

    def product(self) -> Node:
        node = self.signed()
        while self.peek() in ("*", "/"):
            node = _combine(_multiply if self.take() == "*" else _divide, node, self.signed())
        return node

    def signed(self) -> Node:
        signs = 1
        while self.peek() in ("+", "-"):
            signs *= -1 if self.take() == "-" else 1
        node = self.power()
        return node if signs > 0 else _apply(_negate, node)

    def power(self) -> Node:
        base = self.atom()
        if self.peek() != "^":
            return base
        self.take()
        self.depth += 1
        if self.depth > DEEPEST:
            raise UnableToAnswer(Status.BAD_INPUT, f"the expression is nested deeper than {DEEPEST}")
        node = _combine(_power, base, self.signed())
        self.depth -= 1
        return node

    def atom(self) -> Node:
        if self.position >= len(self.tokens):
            raise self.refusal("a number, a name or a bracket")
        number, name, _ = self.tokens[self.position].groups()
        if number is not None:
            self.take()
            return _constant(float(number))
        if name is not None:
            return self.named(name)
        self.expect("(")
        node = self.sum()
        self.expect(")")
        return node

    def named(self, name: str) -> Node:
        if name in self.names:
            self.take()
            return lambda values: values[name]
        if name not in _FUNCTIONS:
            raise self.refusal(f"one of {', '.join(sorted({*self.names, *_FUNCTIONS}))}")
        self.take()
        self.expect("(")
        inner = self.sum()
        self.expect(")")
        return _apply(_FUNCTIONS[name], inner)


def _constant(value: float) -> Node:
    def node(values: dict[str, Dual]) -> Dual:
        x = values["x"]
        return Dual(np.full_like(x.value, value), np.zeros_like(x.slope))

    return node


def _apply(function: Callable[[Dual], Dual], inner: Node) -> Node:
    return lambda values: function(inner(values))


def _combine(function: Callable[[Dual, Dual], Dual], left: Node, right: Node) -> Node:
    return lambda values: function(left(values), right(values))


def _times(factor: Array, slope: Array) -> Array:
    """factor·slope with 0·∞ = 0."""
    factor = factor[:, None]
    return np.where((factor == 0) | (slope == 0), 0.0, factor * slope)


def _add(u: Dual, v: Dual) -> Dual:
    return Dual(u.value + v.value, u.slope + v.slope)


def _subtract(u: Dual, v: Dual) -> Dual:
    return Dual(u.value - v.value, u.slope - v.slope)


def _multiply(u: Dual, v: Dual) -> Dual:
    return Dual(u.value * v.value, _times(v.value, u.slope) + _times(u.value, v.slope))


def _divide(u: Dual, v: Dual) -> Dual:
    quotient = u.value / v.value
    by_v = np.where(np.isinf(v.value), 0.0, -quotient / v.value)
    return Dual(quotient, _times(1 / v.value, u.slope) + _times(by_v, v.slope))


def _negate(u: Dual) -> Dual:
    return Dual(-u.value, -u.slope)


def _power(u: Dual, v: Dual) -> Dual:
    value = u.value**v.value
    by_base = np.where(v.value == 0, 0.0, v.value * u.value ** (v.value - 1))
    constant = (v.slope == 0).all()
    by_exponent = np.zeros_like(value) if constant else np.where(value == 0, 0.0, value * np.log(u.value))
    return Dual(value, _times(by_base, u.slope) + _times(by_exponent, v.slope))


def _exp(u: Dual) -> Dual:
    value = np.exp(u.value)
    return Dual(value, _times(value, u.slope))


def _ln(u: Dual) -> Dual:
    return Dual(np.log(u.value), _times(1 / u.value, u.slope))


def _log10(u: Dual) -> Dual:
    return Dual(np.log10(u.value), _times(1 / (u.value * _LN10), u.slope))


def _sqrt(u: Dual) -> Dual:
    value = np.sqrt(u.value)
    return Dual(value, _times(0.5 / value, u.slope))


_FUNCTIONS: dict[str, Callable[[Dual], Dual]] = {"exp": _exp, "ln": _ln, "log10": _log10, "sqrt": _sqrt}
