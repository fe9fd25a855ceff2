"""A process definition is read strictly: what is wrong is refused with its place."""

import copy

import pytest

from tilmfg.batches.definitions import GEN2_22_DAYS
from tilmfg.batches.rules import DefinitionIsInvalid, Process
from tilmfg.records.canonical import canonical_json


def changed(*path, to):
    """The definition with one value put elsewhere."""
    content = copy.deepcopy(GEN2_22_DAYS)
    *way, last = path
    place = content
    for key in way:
        place = place[key]
    place[last] = to
    return content


def test_it_reads_the_process_of_22_days():
    process = Process.parse(GEN2_22_DAYS)
    assert [(step.code, step.window.day) for step in process.steps] == [
        ("fragment_and_seed", 0),
        ("rep_start", 11),
        ("split", 16),
        ("harvest", 22),
        ("freeze", 22),
    ]
    assert process.last_day == 22


def test_it_can_be_digested_because_it_holds_no_float():
    assert canonical_json(GEN2_22_DAYS)


def test_it_draws_a_vial_for_every_release_test():
    harvest = Process.parse(GEN2_22_DAYS).step("harvest")
    assert {sample.purpose for sample in harvest.samples} == {
        "cell_count", "ifng", "identity", "endotoxin", "mycoplasma", "gram_stain", "sterility",
    }  # fmt: skip


def test_every_step_opens_what_the_step_before_it_filled():
    process = Process.parse(GEN2_22_DAYS)
    for step in process.steps[1:]:
        filled = {produced.prefix for produced in process.before(step).produces}
        assert {handled.prefix for handled in step.handles} <= filled


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ([], "process: an object is expected"),
        (changed("steps", to=[]), "process.steps: a process has at least one step"),
        (changed("late_entry_after_minutes", to="15"), "process.late_entry_after_minutes: a whole number"),
        (changed("steps", 0, "colour", to="blue"), "process.steps[0]: colour is not known here"),
        (changed("steps", 1, "code", to="fragment_and_seed"), "process.steps[1].code"),
        (changed("steps", 1, "window", "day", to=-1), "process.steps[1].window.day"),
        (changed("steps", 1, "window", "latest_hours", to=-24), "process.steps[1].window.latest_hours"),
        (changed("steps", 4, "window", "after_step", to="thaw"), "process.steps[4].window.after_step"),
        (changed("steps", 0, "parameters", 1, "high", to="0"), "process.steps[0].parameters[1].low"),
        (changed("steps", 0, "parameters", 1, "high", to=0.7), "process.steps[0].parameters[1].high"),
        (changed("steps", 0, "parameters", 1, "high", to="sixty"), "process.steps[0].parameters[1].high"),
        (changed("steps", 0, "parameters", 1, "high", to="NaN"), "process.steps[0].parameters[1].high"),
        (changed("steps", 0, "parameters", 1, "per", to="BG"), "process.steps[0].fragments.per"),
        (changed("steps", 0, "parameters", 1, "code", to="tumor_pieces"), "process.steps[0].parameters"),
        (changed("steps", 1, "computed", 0, "of", to=["nothing"]), "process.steps[1].total_viable_cells.of"),
        (changed("steps", 1, "computed", 0, "calculation", to="guess"), "process.steps[1].computed[0]"),
        (changed("steps", 3, "produces", 0, "cells", to="nothing"), "process.steps[3].produces"),
        (changed("steps", 3, "produces", 0, "prefix", to="XX"), "process.steps[3].produces[0].prefix"),
        (changed("steps", 3, "samples", 0, "stage", to="later"), "process.steps[3].samples[0].stage"),
        (changed("steps", 0, "instruction", to=" "), "process.steps[0].instruction: a text is expected"),
    ],
)
def test_it_refuses_a_wrong_definition_and_names_the_place(content, place):
    with pytest.raises(DefinitionIsInvalid) as refusal:
        Process.parse(content)
    assert str(refusal.value).startswith(place)
