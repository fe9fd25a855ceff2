"""The measurements as Markdown."""

from .kept import measured_by
from .pages import LEAST_LOTS, SHORTER, Grown
from .timing import Timing


def in_words(*, lots: int, visited: list[Grown], timings: list[tuple[str, str, Timing]]) -> list[str]:
    command = "benchmarks/run" if lots == LEAST_LOTS else f"benchmarks/run --lots {lots}"
    return [measured_by(command), "", *_pages(visited, lots), "", *_others(timings)]


def _pages(visited: list[Grown], lots: int) -> list[str]:
    return [
        f"| page, {lots:,} lots | ms | × floor page | SQL queries | × itself with {lots // SHORTER:,} lots |",
        "|---|--:|--:|--:|--:|",
        *[
            f"| {grown.page.words} | {_ms(grown.long.timing.seconds)} | {grown.long.timing.ratio:.1f} "
            f"| {_queries(grown)} | {grown.growth:.2f} |"
            for grown in visited
        ],
    ]


def _queries(grown: Grown) -> str:
    before, now = grown.short.queries, grown.long.queries
    return f"{now}" if before == now else f"{before} → {now}"


def _others(timings: list[tuple[str, str, Timing]]) -> list[str]:
    return [
        "| | ms | floor | floor’s ms | × floor |",
        "|---|--:|---|--:|--:|",
        *[
            f"| {words} | {_ms(timing.seconds)} | {floor} | {_ms(timing.floor)} | {timing.ratio:.2f} |"
            for words, floor, timing in timings
        ],
    ]


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.3g}"
