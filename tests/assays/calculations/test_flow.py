"""Shares of gates with exact limits: Clopper & Pearson 1934, against published label figures and whole runs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assays import catalogue
from assays.rules.calculations import UnableToCompute
from assays.rules.calculations.flow import refusal_of
from assays.rules.methods import UnableToReadMethod, read_method
from assays.rules.values import Named
from assays.services import import_run, store_file
from tests.assays import bench
from tests.assays.calculations.sheets import computed, failed, of_table, table, value
from tests.cast import person

LIVE, T_CELLS, CD8 = catalogue.STAINED, catalogue.T_CELLS, catalogue.CD8_CELLS
DEGRANULATED = f"{CD8}/CD107a+"
CONTROL = [("Control cells", LIVE, 20000, "events"), ("Control cells", T_CELLS, 14000, "events")]
AS_IT_IS = {"T-1": Named(sample="S1", stage="pre_freeze")}
PAIR = {
    "T-1 stim": Named(sample="S1", stage="pre_freeze", condition="stimulated"),
    "T-1 unstim": Named(sample="S1", stage="pre_freeze", condition="unstimulated"),
}


def identity(events=84567, parent=91234, *, control=CONTROL, unit="events", **settings):
    rows = [("T-1", LIVE, parent, unit), ("T-1", T_CELLS, events, unit), *control]
    return of_table(catalogue.IDENTITY_FLOW, *rows, names=AS_IT_IS, **settings)


def cd107a(stimulated=(9876, 31245), unstimulated=(123, 30011)):
    rows = []
    for name, (events, parent) in {"T-1 stim": stimulated, "T-1 unstim": unstimulated}.items():
        rows += [(name, CD8, parent, "events"), (name, DEGRANULATED, events, "events")]
    return of_table(catalogue.CD107A, *rows, *CONTROL, names=PAIR)


def test_identity_is_the_share_of_its_gate():
    """84 567 of 91 234 is 92.6924 % by hand."""
    found = value(computed(identity(), catalogue.IDENTITY_FLOW), "identity_cd45_cd3")
    assert float(found.raw) == pytest.approx(100 * 84567 / 91234, rel=1e-15)
    assert found.notes == "84567 of 91234 events, 92.52 to 92.86 %"


def test_the_limits_are_the_exact_ones():
    """23 of 73 = 31.5 % (21.1 to 43.4), the exact limits in the US prescribing information of Amtagvi."""
    least = [dict(catalogue.IDENTITY_FLOW["content"]["settings"]["populations"][0], parent_events=1)]
    outcome = computed(identity(23, 73, populations=least), catalogue.IDENTITY_FLOW)
    assert value(outcome, "identity_cd45_cd3").notes == "23 of 73 events, 21.13 to 43.44 %"


def test_net_is_stimulated_less_unstimulated():
    """9 876/31 245 − 123/30 011 = 31.608 − 0.410 = 31.198 % by hand."""
    found = value(computed(cd107a(), catalogue.CD107A), "cd107a")
    assert float(found.raw) == pytest.approx(31.19845, abs=1e-4)
    assert "stimulated 9876 of 31245 events" in found.notes
    assert "unstimulated 123 of 30011 events, 0.34 to 0.49 %" in found.notes


@pytest.mark.parametrize(
    ("sample", "words"),
    [
        ({"parent": 312, "events": 300}, "312 events in Singlets/Live, at least 10000 are needed"),
        ({"events": 91235}, "91235 events in Singlets/Live/CD45+CD3+ of 91234"),
        ({"events": "84567.5"}, "is no count of events"),
        ({"events": "-1"}, "is no count of events"),
        ({"events": ">84567"}, "is no count of events"),
        ({"unit": "%", "events": "92", "parent": "95"}, "is no count of events"),
        ({"events": "n/a"}, "is no number"),
    ],
)
def test_what_is_no_count_gives_no_result(sample, words):
    outcome = computed(identity(**sample), catalogue.IDENTITY_FLOW)
    assert failed(outcome) == []
    assert words in value(outcome, "identity_cd45_cd3").missing


@pytest.mark.parametrize("counts", [(15000, 20000 - 1900), (10000, 20000), (20001, 20000)])
def test_control_cells_out_of_their_range_make_the_run_invalid(counts):
    events, parent = counts
    control = [("Control cells", LIVE, parent, "events"), ("Control cells", T_CELLS, events, "events")]
    outcome = computed(identity(control=control), catalogue.IDENTITY_FLOW)
    if events == 15000:
        assert failed(outcome) == []
    else:
        assert failed(outcome) == ["Control cells, Singlets/Live/CD45+CD3+ of Singlets/Live"]
        assert value(outcome, "identity_cd45_cd3").missing.startswith("run invalid: Control cells")


def test_a_table_without_the_control_or_a_gate_is_not_imported():
    assert refusal_of(identity()) == ""
    assert refusal_of(identity(control=[])).startswith("The table has no rows of Control cells")
    other = of_table(catalogue.CD107A, ("T-1", LIVE, 1, "events"), *CONTROL, names=PAIR)
    with pytest.raises(UnableToCompute, match="has no quantity “Singlets/Live/CD45"):
        computed(other, catalogue.CD107A)


def test_an_unstimulated_sample_that_was_counted_twice_is_ambiguous():
    twice = of_table(
        catalogue.CD107A,
        *[(name, gate, 6000, "events") for name in PAIR for gate in (CD8, DEGRANULATED)],
        ("T-1 unstim", CD8, 6000, "events"),
        *CONTROL,
        names=PAIR,
    )
    found = value(computed(twice, catalogue.CD107A), "cd107a")
    assert found.missing == f"unstimulated: T-1 unstim has 2 rows of {CD8}"


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"populations": []}, "at least one population"),
        ({"controls": []}, "at least one is needed"),
        (
            {"populations": [{"attribute": "cd107a", "gate": "a", "parent": "b"}]},
            "“cd107a” is no result of this method",
        ),
    ],
)
def test_a_method_says_one_population_for_each_result_and_its_controls(settings, words):
    content = catalogue.IDENTITY_FLOW["content"]
    with pytest.raises(UnableToReadMethod, match=words):
        read_method("table", content | {"settings": content["settings"] | settings})


@given(events=st.integers(0, 20000), more=st.integers(0, 20000))
def test_the_share_lies_between_its_limits(events, more):
    parent = max(events + more, 1)
    least = [dict(catalogue.IDENTITY_FLOW["content"]["settings"]["populations"][0], parent_events=1)]
    [row] = computed(identity(events, parent, populations=least), catalogue.IDENTITY_FLOW).kept["tables"][0][
        "rows"
    ]
    share, lower, upper = row[-3:]
    assert 0 <= lower <= share <= upper <= 100


@pytest.mark.django_db
def test_a_table_of_events_becomes_the_results_of_its_samples():
    sample = bench.received_sample()
    method = bench.method_of(catalogue.CD107A)
    cytometer = bench.instrument("flow_cytometer").code
    content = table(
        (str(sample), CD8, 31245, "events"),
        (str(sample), DEGRANULATED, 9876, "events"),
        ("background", CD8, 30011, "events"),
        ("background", DEGRANULATED, 123, "events"),
        *CONTROL,
        read_at=bench.an_hour_ago(),
    )
    file = store_file(filename="cd107a.csv", content=content, instrument_code=cytometer, by=person("ana"))
    run = import_run(
        file=file,
        method=method,
        instrument_code=cytometer,
        choices={
            "1": bench.Choice(sample_name=str(sample), condition="stimulated"),
            "2": bench.Choice(sample_name=str(sample), condition="unstimulated"),
        },
        lots=bench.lots_of(method),
        by=person("ana"),
    )
    bench.compute(run)
    result = run.results.get()
    assert (run.state, result.in_words) == ("computed", "31.2 %")
    assert run.wells.count() == 0
