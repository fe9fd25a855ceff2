"""BD FACSDiva: the events of each population of each tube, by the path of its gates. PD-1."""

import re
from datetime import UTC, datetime

import pytest

from assays.kernel.missing import Missing
from assays.readers import UnableToRead, conversion, read
from tests.data.specimens.facsdiva import facsdiva
from tests.data.specimens.flowjo import EVENTS, flowjo
from tests.readers.shared import TIMEZONE


def experiment(*replaced, times=1):
    text = facsdiva()
    for old, new in replaced:
        assert text.count(old) == times
        text = text.replace(old, new)
    return read("experiment", text.encode(), timezone=TIMEZONE)


def refusal(*replaced, times=1):
    with pytest.raises(UnableToRead) as refused:
        experiment(*replaced, times=times)
    return str(refused.value)


def events(table):
    return {(row.sample_name, row.quantity): row.value for row in table.rows}


def test_its_populations_are_called_and_counted_as_flowjo_calls_and_counts_them():
    in_flowjo = events(read("workspace", flowjo().encode(), timezone=TIMEZONE))
    table = experiment()
    assert events(table) == in_flowjo | {
        ("Spare", "All events"): Missing("FACSDiva has counted no events of this tube")
    }
    assert len(in_flowjo) == sum(len(counts) for _, counts in EVENTS)
    assert {row.unit for row in table.rows} == {"events"}
    assert table.rows[0].place == "experiment/specimen[1]/tube[1]"
    assert (table.instrument, table.software) == ("LSRFortessa", "FACSDiva 8.0.2")
    assert [str(problem) for problem in table.problems] == [
        "Line 19, Spare, All events: FACSDiva has counted no events of this tube"
    ]


def test_it_was_measured_when_the_last_tube_was_recorded():
    assert experiment().measured_at == datetime(2026, 11, 20, 15, 3, 39, tzinfo=UTC)


@pytest.mark.parametrize(
    ("new", "message"),
    [
        ("", "there is no value"),
        ("n/a", "'n/a' is not a number"),
        ("20112.5", "two readers disagree: 20112.5 and None"),
        ("-20112", "-20112 is below zero"),
    ],
)
def test_a_count_that_is_none_is_named_and_costs_nothing_else(new, message):
    table = experiment(("<num_events>20112<", f"<num_events>{new}<"))
    gate = "Singlets/Live/CD45+CD3+/CD8+/CD107a+"
    assert events(table)["TIL-0001-D22 stimulated", gate] == Missing(message)
    assert (table.problems[0].row, table.problems[0].column) == ("TIL-0001-D22 stimulated", gate)
    assert len(table.problems) == 2


def test_a_population_that_hangs_on_nothing_is_not_found_by_the_second_reader():
    table = experiment(
        ('fullname="All Events\\Singlets\\Live" ', 'fullname="All Events\\Other\\Live" '), times=4
    )
    assert events(table)["Control cells", "Other/Live"] == Missing("two readers disagree: 84200 and None")


def test_tubes_of_one_name_are_told_apart_by_their_specimens():
    second = '</specimen><specimen name="Specimen_002"><tube name="Control cells">'
    table = experiment(('<tube name="TIL-0001-D22 stimulated">', second))
    assert list(dict.fromkeys(row.sample_name for row in table.rows)) == [
        "Specimen_001 Control cells",
        "Specimen_002 Control cells",
        "Specimen_002 TIL-0001-D22 unstimulated",
        "Specimen_002 Spare",
    ]
    assert "two tubes called “Specimen_001 Control cells”" in refusal(
        ('<tube name="TIL-0001-D22 stimulated">', '<tube name="Control cells">')
    )


def test_statistics_of_parameters_are_said_not_to_be_taken():
    statistics = '<statistics_calculations><calculation_schedule gate="All Events" parameter="PE-A" />'
    [remark] = experiment(
        ('<tube name="Spare">', f'<tube name="Spare">{statistics}</statistics_calculations>')
    ).remarks
    assert remark.startswith("Statistics of parameters (means, medians) are not taken")


@pytest.mark.parametrize(
    ("old", "new", "words", "times"),
    [
        ('<tube name="Spare">', "<tube>", "a tube without a name", 1),
        ("\\CD45+CD3+\\CD8+\\CD107a+", "\\CD45+CD3+\\CD8+", "is there twice", 4),
        (
            '<?xml version="1.0" encoding="UTF-8"?>',
            '<!DOCTYPE bdfacs SYSTEM "x">',
            "such XML is not opened",
            1,
        ),
        ("</experiment>", "", "is no whole XML file", 1),
        ("UTF-8", "A1", "is no whole XML file: unknown encoding: A1", 1),
        ("tube", "tub", "an experiment without tubes", None),
    ],
)
def test_what_is_not_whole_or_not_harmless_is_refused(old, new, words, times):
    assert words.replace("an experiment", "a FACSDiva experiment") in refusal(
        (old, new), times=times or facsdiva().count(old)
    )


@pytest.mark.parametrize(("make", "module"), [(flowjo, "flowjo"), (facsdiva, "facsdiva")])
def test_the_converter_is_given_the_populations_alone(monkeypatch, make, module):
    """It takes half a minute over how the gates of forty tubes are drawn, of which nothing is taken."""
    given = []

    def convert(filename, text, *arguments, **keywords):
        given.append(text)
        return conversion_of_the_file(filename, text, *arguments, **keywords)

    conversion_of_the_file = conversion.convert
    monkeypatch.setattr(f"assays.readers.{module}.convert", convert)
    assert read("file", make().encode(), timezone=TIMEZONE).rows[5].value == 900
    [text] = given
    assert "900" in text
    assert not re.search("FSC-A|Keyword|worksheet", text)
