"""What a method version says: its results and, for instruments, what it reads, computes and how it is judged."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from assays.readers import READABLE, CellCountFile, PlateFile, ValueRow, ValueTable

from .calculations import CALCULATIONS, Calculation, Shape, read_settings, setting
from .layouts import Layout, UnableToLayOut, has_layout, lay_over, read_layout
from .multiplex import facts_of_analytes, plate_of
from .plate_tables import as_table
from .plates import Reads, WellFacts, facts_of
from .refusals import UnableToReadMethod, require_among, require_keys, whole_of
from .reported import Reported, read_reported
from .rows import Row, rows_of

__all__ = ["MethodVersion", "Reported", "RetestPlan", "UnableToReadMethod", "read_method"]

INSTRUMENTS = {
    "plate": ("plate_reader",),
    "cell_count": ("cell_counter",),
    "multiplex": ("plate_reader", "flow_cytometer"),
    "table": ("flow_cytometer", "pcr_cycler", "plate_reader"),
}
NEEDED = {
    "form": {"results"},
    "cell_count": {"results", "formats", "instrument"},
    "plate": {"results", "formats", "instrument", "reads"},
    "table": {"results", "formats", "instrument"},
    "multiplex": {"results", "formats", "instrument"},
}
COMPUTED = {"calculation", "settings"}
PLAN = {"replicates", "retest", "reagents", "analyst_qualification"}
ALLOWED = {
    "form": NEEDED["form"] | PLAN,
    "cell_count": NEEDED["cell_count"] | COMPUTED | PLAN,
    "plate": NEEDED["plate"] | COMPUTED | PLAN | {"layout"},
    "table": NEEDED["table"] | COMPUTED | PLAN,
    "multiplex": NEEDED["multiplex"] | COMPUTED | PLAN | {"layout"},
}
MOST_REPLICATES = 96


@dataclass(frozen=True, slots=True, kw_only=True)
class RetestPlan:
    """Fixed before any data are seen: how often a valid result outside its limit is measured again, and by whom."""

    retests: int = setting("Retests", minimum=1, maximum=12)
    replicates: int = setting("Replicates of each", default=1, minimum=1, maximum=MOST_REPLICATES)
    another_analyst: bool = setting("By another qualified analyst", default=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodVersion:
    results: tuple[Reported, ...]
    formats: tuple[str, ...] = ()
    instrument: str = ""
    signal: str = ""
    reference: str = ""
    calculation: Calculation | None = None
    settings: Any = None  # what the calculation declares
    layout: Layout | None = None
    replicates: int | None = None
    retest: RetestPlan | None = None
    reagents: tuple[str, ...] = ()
    analyst_qualification: str = ""  # what people need besides training for the method itself

    def results_at(self, stage: str) -> tuple[Reported, ...]:
        return tuple(result for result in self.results if stage in result.stages)

    def result(self, attribute: str) -> Reported:
        return next(result for result in self.results if result.attribute == attribute)

    def rows_of(self, file: PlateFile | CellCountFile | ValueTable) -> tuple[Row, ...]:
        """What an analyst maps."""
        return tuple(row for row in rows_of(file) if row.name not in self.known_names)

    @property
    def known_names(self) -> frozenset[str]:
        """Of standards and controls in a table, as the method itself names them."""
        return frozenset(self.calculation.names_of(self.settings)) if self.calculation else frozenset()

    def takes(self, row: ValueRow, names: Collection[str]) -> bool:
        """Whether a row of a table is computed with, where these names in it are samples."""
        if self.calculation is None or row.quantity not in self.calculation.quantities_of(self.settings):
            return False
        return row.sample_name in names or row.sample_name in self.known_names

    @property
    def known_quantities(self) -> frozenset[str]:
        """What a table for this method holds."""
        if self.is_multiplex:
            return frozenset(self.settings.nominal_times)
        return frozenset(self.calculation.quantities_of(self.settings)) if self.calculation else frozenset()

    @property
    def is_multiplex(self) -> bool:
        return self.calculation is not None and self.calculation.shape is Shape.MULTIPLEX

    def wells_of(self, file: PlateFile, reads: Reads) -> Iterator[WellFacts]:
        """As a run keeps them: with the readings that were taken, or with each of the method's analytes."""
        for well in file.wells:
            if self.is_multiplex:
                times = self.settings.nominal_times
                yield from facts_of_analytes(well, times, times=times)
            else:
                yield facts_of(well, signal=reads.signal, reference=reads.reference)

    @property
    def is_paired(self) -> bool:
        """Whether every sample is measured in more than one condition, as stimulated and unstimulated."""
        return len(self.conditions) > 1

    @property
    def conditions(self) -> tuple[str, ...]:
        return self.calculation.conditions if self.calculation else ()

    def lays_out(self, file: CellCountFile | PlateFile | ValueTable) -> bool:
        """Whether the file is a plate that takes this method's layout, having none of its own."""
        if self.layout is None or not isinstance(file, PlateFile) or has_layout(file):
            return False
        return self._fits(file)

    def _fits(self, file: PlateFile) -> bool:
        return self.layout is not None and (file.row_count, file.column_count) == self.layout.size

    def laid_out(
        self, file: CellCountFile | PlateFile | ValueTable
    ) -> CellCountFile | PlateFile | ValueTable:
        """The file with the layout by which its wells are understood; for a multiplex method a table is a plate, and a
        plate is a table for one that computes from tables."""
        if self.is_multiplex and isinstance(file, ValueTable):
            file = plate_of(file)
        if isinstance(file, PlateFile) and self.layout and self._fits(file):
            return lay_over(file, self.layout)
        if isinstance(file, PlateFile) and self.calculation and self.calculation.shape is Shape.TABLE:
            return as_table(file)
        return file

    @property
    def asks(self) -> Reads:
        """The readings that the method is judged by."""
        return Reads(signal=self.signal, reference=self.reference)

    @property
    def reads(self) -> str:
        """450 − 620 nm"""
        return f"{self.asks} {self.asks.unit}".strip()


def read_method(kind: str, content: Mapping[str, Any]) -> MethodVersion:
    """Raises UnableToReadMethod."""
    content = in_words_of_today(kind, content)
    require_keys("content", content, needed=NEEDED[kind], allowed=ALLOWED[kind])
    results = tuple(read_reported(result) for result in content["results"])
    if not results:
        raise UnableToReadMethod("results: at least one is needed.")
    if kind == "form":
        return MethodVersion(results=results, **_plan(content))
    for name in content["formats"]:
        require_among("formats", name, READABLE)
    require_among("instrument", content["instrument"], INSTRUMENTS[kind])
    reads = content.get("reads", {})
    if kind == "plate":
        require_keys("reads", reads, needed={"signal", "reference"}, allowed={"signal", "reference"})
    calculation = _calculation(kind, content)
    settings: Any = read_settings(calculation.settings, content.get("settings", {}))
    if why := calculation.check(results, settings):
        raise UnableToReadMethod(f"results: {why}")
    return MethodVersion(
        results=results,
        formats=tuple(content["formats"]),
        instrument=content["instrument"],
        signal=reads.get("signal", ""),
        reference=reads.get("reference", ""),
        calculation=calculation,
        settings=settings,
        layout=_layout(content["layout"]) if "layout" in content else None,
        **_plan(content),
    )


def in_words_of_today(kind: str, content: Mapping[str, Any]) -> Mapping[str, Any]:
    """Approved versions are frozen for ever, also those written before calculations had names."""
    if not isinstance(content, Mapping) or "calculation" in content:
        return content
    if kind == "cell_count":
        return {**content, "calculation": "cell_count"}
    if kind == "plate" and "plate" in content:
        rest = {name: part for name, part in content.items() if name != "plate"}
        return {**rest, "calculation": "net_cytokine", "settings": content["plate"]}
    return content


def _calculation(kind: str, content: Mapping[str, Any]) -> Calculation:
    of_kind = {code: one for code, one in CALCULATIONS.items() if one.shape == kind}
    require_among("calculation", content.get("calculation", ""), of_kind)
    return of_kind[content["calculation"]]


def _layout(content: Any) -> Layout:
    try:
        return read_layout(content)
    except UnableToLayOut as refusal:
        raise UnableToReadMethod(f"layout: {refusal}") from refusal


def _plan(content: Mapping[str, Any]) -> dict[str, Any]:
    """What holds for every kind of method; a part that is not said is left out."""
    plan: dict[str, Any] = {}
    if "replicates" in content:
        plan["replicates"] = whole_of("replicates", content["replicates"], minimum=1, maximum=MOST_REPLICATES)
    if "retest" in content:
        plan["retest"] = read_settings(RetestPlan, content["retest"], name="retest")
    if "reagents" in content:
        plan["reagents"] = _reagents(content["reagents"])
    if "analyst_qualification" in content:
        plan["analyst_qualification"] = _text("analyst_qualification", content["analyst_qualification"])
    return plan


def _reagents(names: Any) -> tuple[str, ...]:
    if not isinstance(names, list):
        raise UnableToReadMethod(f"reagents: “{names}” is no list.")
    read = tuple(_text("reagents", name) for name in names)
    if twice := next((name for name in read if read.count(name) > 1), ""):
        raise UnableToReadMethod(f"reagents: “{twice}” is named twice.")
    return read


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise UnableToReadMethod(f"{name}: “{value}”; a text is needed.")
    return value.strip()
