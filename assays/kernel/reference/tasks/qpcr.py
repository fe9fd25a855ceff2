"""Quantitative PCR: standard curves and relative expression."""

from typing import Any

from assays.kernel.qpcr import delta_ct, fit_ct, fold_change
from assays.kernel.reference.names import name
from assays.kernel.reference.registry import Settings, task
from assays.kernel.reference.settings import exactly, list_of, number, one_of
from assays.kernel.reference.tables import Role, Shape, Table, number_of
from assays.kernel.status import Status, UnableToAnswer

Reactions = list[tuple[float, dict[str, float]]]


@task(
    "qpcr_standard_curve",
    roles={"input": Role(), "ct": Role(Shape.NAMED)},
    settings={"log_base": exactly(10)},
    optional={"difference": list_of(list_of(name, length=2))},
)
def qpcr_standard_curve(table: Table, settings: Settings) -> dict[str, Any]:
    """Lines of Ct on log₁₀ input, and of differences of Ct: `qpcr.fit_ct`."""
    reactions: Reactions = [
        (given, {target: number_of(cell, f"The ct of {target}") for target, cell in cells.items() if cell})
        for given, cells in zip(table.numbers("input").tolist(), table.cells("ct"), strict=True)
    ]
    targets = list(dict.fromkeys(target for cells in table.cells("ct") for target in cells))
    found: dict[str, Any] = {}
    for target in targets:
        pairs = [(given, cts[target]) for given, cts in reactions if target in cts]
        found |= _line(f"targets.{target}", pairs, with_efficiency=True)
    for i, (a, b) in enumerate(settings["difference"] or (), start=1):
        for target in (a, b):
            if target not in targets:
                raise UnableToAnswer(Status.BAD_INPUT, f"There is no target {target}.")
        pairs = [(given, cts[a] - cts[b]) for given, cts in reactions if a in cts and b in cts]
        found |= _line(f"differences.{i}", pairs, with_efficiency=False)
    return found


def _line(path: str, pairs: list[tuple[float, float]], *, with_efficiency: bool) -> dict[str, Any]:
    words = ["slope", "intercept", "r2", *(["efficiency_percent"] if with_efficiency else [])]
    try:
        line = fit_ct([given for given, _ in pairs], [ct for _, ct in pairs])
    except UnableToAnswer as refused:
        return {f"{path}.{word}": refused.answer for word in words}
    return {f"{path}.{word}": getattr(line, word) for word in words}


@task(
    "qpcr_ddct",
    roles={"group": Role(), "target_ct": Role(), "reference_ct": Role()},
    settings={
        "calibrator": name,
        "pairing": one_of("separate_tubes", "same_tube"),
        "efficiency": number(above=1),
        "fold_interval": one_of("plus_minus_sd_of_sample"),
    },
)
def qpcr_ddct(table: Table, settings: Settings) -> dict[str, Any]:
    """ΔCt of each group and the fold change against the calibrator: `qpcr`."""
    same_tube, calibrator = settings["pairing"] == "same_tube", settings["calibrator"]
    groups = {
        group: delta_ct(*_readings(table, group, same_tube), same_tube=same_tube)
        for group in dict.fromkeys(table.names("group"))
    }
    if calibrator not in groups:
        raise UnableToAnswer(Status.BAD_INPUT, f"The calibrator {calibrator} is not among the groups.")
    found: dict[str, Any] = {}
    for group, delta in groups.items():
        found |= {f"groups.{group}.dct": delta.value, f"groups.{group}.dct_sd": delta.sd}
        if group == calibrator:
            continue
        change = fold_change(delta, groups[calibrator], efficiency=settings["efficiency"])
        path = f"samples.{group}"
        found |= {
            f"{path}.ddct": change.ddct,
            f"{path}.fold": change.fold,
            f"{path}.fold_lower": change.lower,
            f"{path}.fold_upper": change.upper,
        }
    return found


def _readings(table: Table, group: str, same_tube: bool) -> tuple[list[float], list[float]]:
    """Ct of target and reference of one group; of the same tube, only where both were read."""
    rows = zip(table.names("group"), table.cells("target_ct"), table.cells("reference_ct"), strict=True)
    own = [(t, r) for name, t, r in rows if name == group and (not same_tube or (t and r))]
    targets = [number_of(t, f"A target_ct of {group}") for t, _ in own if t]
    references = [number_of(r, f"A reference_ct of {group}") for _, r in own if r]
    return targets, references


TASKS = (qpcr_standard_curve, qpcr_ddct)
