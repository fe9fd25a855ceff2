"""Expression of a gene by ΔΔCt: target less reference genes, in a sample and in a calibrator.

fold = efficiency^(−ΔΔCt), its limits at ΔΔCt ± SD of the sample's ΔCt. A reaction that did not amplify has no Ct: a
gene that did not amplify in every reaction of a sample gives no value. Source: Livak & Schmittgen 2001; several
reference genes after Vandesompele et al. 2002.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from assays.attributes import RELATIVE_EXPRESSION
from assays.kernel.ifng import Criterion
from assays.kernel.missing import Missing
from assays.kernel.qpcr import DeltaCt, FoldChange, delta_ct_of_genes, fold_change
from assays.kernel.rounding import as_decimal
from assays.kernel.status import UnableToAnswer
from assays.rules.reported import Reported
from assays.rules.rows import AS_IS
from assays.rules.values import Value

from .calculation import Calculation, Material, Shape
from .criteria import figure
from .outcome import (
    Cell,
    Column,
    ControlFound,
    Outcome,
    Table,
    UnableToCompute,
    decimal_or_missing,
    found,
)
from .pcr import CYCLES, Reactions, reactions, stays_negative
from .settings import setting
from .tables import instrument_names, lacking, samples_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    target: str = setting("Quantity: target gene", help="As the export names it.")
    references: tuple[str, ...] = setting("Quantities: reference genes")
    calibrator: str = setting("Name of the calibrator", help="Cells whose expression is 1.")
    no_template: str = setting("Name of the control without template")
    cycles: Decimal = setting("Cycles", unit="cycles", default=Decimal(40), minimum=1, maximum=60)
    efficiency: Decimal = setting(
        "A cycle multiplies by", unit="×", default=Decimal(2), minimum="1.5", maximum="2.2"
    )
    reactions: int = setting("Reactions of each gene at least", default=3, minimum=2, maximum=12)
    cq_sd: Decimal = setting("SD of replicate Cq at most", unit="cycles", default=Decimal("0.3"), minimum=0)
    same_tube: bool = setting("All genes are read in the same reaction", default=False)

    def __post_init__(self) -> None:
        if not self.references:
            raise ValueError("at least one reference gene is needed.")
        if len({self.target, *self.references}) <= len(self.references):
            raise ValueError("target and reference genes are different ones.")
        if self.calibrator == self.no_template:
            raise ValueError("calibrator and control without template have the same name.")

    @property
    def genes(self) -> tuple[str, ...]:
        return (self.target, *self.references)


Genes = Mapping[str, Reactions]


def check(results: Sequence[Reported], _settings: Settings) -> str:
    if [result.attribute for result in results] != [RELATIVE_EXPRESSION.code]:
        return f"this calculation reports {RELATIVE_EXPRESSION.code} alone."
    return ""


def names_of(settings: Settings) -> Collection[str]:
    return {settings.calibrator, settings.no_template}


def quantities_of(settings: Settings) -> Collection[str]:
    return settings.genes


def refusal_of(material: Material) -> str:
    settings: Settings = material.settings
    return lacking(material, sorted(names_of(settings)), quantities_of(settings))


def compute(material: Material) -> Outcome:
    if why := refusal_of(material):
        raise UnableToCompute(why)
    settings: Settings = material.settings
    calibrator = _genes(material, [settings.calibrator])
    of_calibrator = _delta(settings, calibrator)
    samples = {
        sample: _genes(material, instrument_names(material, sample, AS_IS)) for sample in samples_of(material)
    }
    deltas = {sample: _delta(settings, genes) for sample, genes in samples.items()}
    folds = {sample: _fold(settings, delta, of_calibrator) for sample, delta in deltas.items()}
    named = {settings.calibrator: calibrator} | samples
    return found(
        code="expression",
        criteria=[*material.before, *_criteria(material, calibrator)],
        values={sample: (_value(deltas[sample], fold),) for sample, fold in folds.items()},
        tables=[
            _reactions_table(named),
            _folds_table({settings.calibrator: of_calibrator} | deltas, folds),
        ],
        controls=[
            ControlFound(
                name=f"{settings.calibrator}, ΔCt",
                value=decimal_or_missing(
                    of_calibrator if isinstance(of_calibrator, Missing) else of_calibrator.value
                ),
                unit="cycles",
            )
        ],
    )


def _genes(material: Material, names: Sequence[str]) -> Genes:
    settings: Settings = material.settings
    return {gene: reactions(material, names, gene, cycles=settings.cycles) for gene in settings.genes}


def _criteria(material: Material, calibrator: Genes) -> list[Criterion]:
    settings: Settings = material.settings
    blank = _genes(material, [settings.no_template])
    return [
        *(stays_negative(settings.no_template, own) for own in blank.values()),
        *(_agrees(settings, own) for own in calibrator.values()),
    ]


def _agrees(settings: Settings, own: Reactions) -> Criterion:
    why = _why_not(settings, own)
    sd = own.summary.sd
    return Criterion(
        name=f"{settings.calibrator}, {own.name}, SD of Cq",
        value=Missing(why) if why and (isinstance(sd, Missing) or sd <= settings.cq_sd) else sd,
        unit="cycles",
        limit=f"≤ {settings.cq_sd} cycles, all of at least {settings.reactions} reactions amplified",
        passed=not why,
    )


def _why_not(settings: Settings, own: Reactions) -> str:
    """Why the reactions of a gene give no Ct, or nothing."""
    if own.unreadable:
        return f"{own.name}: {own.unreadable[0]}"
    if own.count < settings.reactions:
        return f"{own.name}: {own.count} reactions, at least {settings.reactions} are needed"
    if own.without:
        return f"{own.name}: undetermined in {own.without} of {own.count} reactions"
    sd = own.summary.sd
    if not isinstance(sd, Missing) and sd > settings.cq_sd:
        return f"{own.name}: SD of Cq {figure(sd, 2, settings.cq_sd)}, above {settings.cq_sd}"
    return ""


def _delta(settings: Settings, genes: Genes) -> DeltaCt | Missing:
    if why := next((why for own in genes.values() if (why := _why_not(settings, own))), ""):
        return Missing(why)
    references = [genes[name].cq for name in settings.references]
    target = genes[settings.target].cq
    counted = {(len(own.cq), own.masked) for own in genes.values()}
    if settings.same_tube and len(counted) > 1:
        return Missing("the genes were not all read in the same reactions, or not masked in the same ones")
    try:
        return delta_ct_of_genes(target, references, same_tube=settings.same_tube)
    except UnableToAnswer as refusal:
        return refusal.answer


def _fold(
    settings: Settings, delta: DeltaCt | Missing, calibrator: DeltaCt | Missing
) -> FoldChange | Missing:
    if isinstance(delta, Missing):
        return delta
    if isinstance(calibrator, Missing):
        return Missing(f"{settings.calibrator}: {calibrator.reason}")
    return fold_change(delta, calibrator, efficiency=float(settings.efficiency))


def _value(delta: DeltaCt | Missing, fold: FoldChange | Missing) -> Value:
    code = RELATIVE_EXPRESSION.code
    if isinstance(fold, Missing) or isinstance(delta, Missing):
        return Value(attribute=code, missing=fold.reason if isinstance(fold, Missing) else "no ΔCt")
    note = f"ΔΔCt {fold.ddct:.3f}"
    if not (
        isinstance(delta.sd, Missing) or isinstance(fold.lower, Missing) or isinstance(fold.upper, Missing)
    ):
        note += f" ± {delta.sd:.3f} cycles (SD), {fold.lower:.3g} to {fold.upper:.3g} fold"
    return Value(attribute=code, raw=as_decimal(fold.fold), notes=note)


def _reactions_table(named: Mapping[str, Genes]) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (name, gene, own.in_words, ", ".join(f"{cq:.2f}" for cq in own.cq), own.summary.sd)
        for name, genes in named.items()
        for gene, own in genes.items()
    ]
    columns = ("Sample or calibrator", "Gene", "Reactions", "Cq", "SD")
    return Table(title="Reactions", columns=tuple(Column(name=name) for name in columns), rows=tuple(rows))


def _folds_table(deltas: Mapping[str, DeltaCt | Missing], folds: Mapping[str, FoldChange | Missing]) -> Table:
    rows = []
    for name, delta in deltas.items():
        fold = folds.get(name)
        parts = ("ddct", "fold", "lower", "upper")
        rows.append(
            (
                name,
                *((delta, delta) if isinstance(delta, Missing) else (delta.value, delta.sd)),
                *(
                    (0.0, 1.0, "", "")
                    if fold is None
                    else (fold,) * 4
                    if isinstance(fold, Missing)
                    else tuple(getattr(fold, part) for part in parts)
                ),
            )
        )
    columns = ("Sample or calibrator", "ΔCt", "SD", "ΔΔCt", "Fold", "at ΔΔCt + SD", "at ΔΔCt − SD")
    return Table(title="Expression", columns=tuple(Column(name=name) for name in columns), rows=tuple(rows))


EXPRESSION = Calculation(
    code="expression",
    name="Expression of a gene, ΔΔCt",
    shape=Shape.TABLE,
    settings=Settings,
    check=check,
    compute=compute,
    refusal_of=refusal_of,
    names_of=names_of,
    quantities_of=quantities_of,
    unit=CYCLES,
)
