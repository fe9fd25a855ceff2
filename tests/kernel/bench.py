"""A bench that pipettes plates of the release assay well by well, for the tests of its computation."""

from dataclasses import replace
from decimal import Decimal

from assays.kernel.ifng import AssayWell, Condition, Method, Role, compute_run
from assays.kernel.missing import Missing
from tests.kernel.shared import four_pl

STANDARDS = (1000, 500, 250, 125, 62.5, 31.25, 15.625)
BLANK = 0.06
STIMULATED, UNSTIMULATED = Condition.STIMULATED, Condition.UNSTIMULATED


def response_of(pg_per_ml):
    """Of wells without noise: an exact curve above the blank."""
    return Decimal(repr(float(BLANK + four_pl(pg_per_ml, 0.0, 1.2, 400.0, 3.2))))


class Bench:
    """Pipettes a plate well by well, every concentration in duplicate unless said otherwise."""

    def __init__(self):
        self.wells = []
        for nominal in STANDARDS:
            self.add(Role.STANDARD, [nominal] * 2, nominal_pg_per_ml=Decimal(repr(nominal)))
        self.add(Role.BLANK, [0, 0])

    def add(self, role, in_wells, **facts):
        for pg_per_ml in in_wells:
            response = pg_per_ml if isinstance(pg_per_ml, Missing) else response_of(pg_per_ml)
            position = f"W{len(self.wells) + 1}"
            self.wells.append(AssayWell(position=position, role=role, response=response, **facts))
        return self

    def sample(self, condition, in_wells, dilution=1, name="S1"):
        return self.add(
            Role.SAMPLE, in_wells, name=name, condition=condition, dilution_factor=Decimal(dilution)
        )

    def control(self, nominal, in_wells, name="CTL1"):
        return self.add(Role.CONTROL, in_wells, name=name, nominal_pg_per_ml=Decimal(nominal))

    def compute(self, **method):
        return compute_run(wells=self.wells, method=Method(**method))

    def net(self, **method):
        outcome = self.compute(**method)
        assert outcome.is_valid, [c for c in outcome.criteria if not c.passed]
        return outcome.samples[0].net

    def spoil(self, pick, pg_per_ml):
        """Another concentration in the wells that `pick` chooses."""
        self.wells = [
            replace(well, response=response_of(pg_per_ml)) if pick(well) else well for well in self.wells
        ]
        return self

    def scatter(self, nominal):
        """The two wells of a standard level at 0.5 and 1.5 times its concentration."""
        factors = iter((0.5, 1.5))
        pick = is_standard(nominal)
        self.wells = [
            replace(well, response=response_of(next(factors) * nominal)) if pick(well) else well
            for well in self.wells
        ]
        return self


def is_standard(nominal):
    return lambda well: well.role is Role.STANDARD and well.nominal_pg_per_ml == Decimal(repr(nominal))


def criterion(outcome, name):
    return next(found for found in outcome.criteria if found.name == name)


def net_of(stimulated, unstimulated, **method):
    """Of one sample: each part a list of (dilution, concentrations in its wells)."""
    bench = Bench()
    for dilution, in_wells in stimulated:
        bench.sample(STIMULATED, in_wells, dilution)
    for dilution, in_wells in unstimulated:
        bench.sample(UNSTIMULATED, in_wells, dilution)
    return bench.net(**method)


def sample_bench():
    return Bench().sample(STIMULATED, [250, 250], 10).sample(UNSTIMULATED, [60, 60])
