"""Of a file of several plates each is read as if it had been exported alone, and keeps its lines. PD-1."""

import pytest

from assays.kernel.missing import Missing
from assays.readers import UnableToRead, plates_in, read
from tests.readers.shared import OWN, TIMEZONE

BROKEN = "OVRFLW"


def own(name):
    return (OWN / name).read_text(encoding="utf-8").replace("\r\n", "\n").split("\n")


def gen5():
    lines = own("gen5_ifng_elisa.txt")
    return [*lines, *("Plate Number\tPL-2" if line.startswith("Plate Number") else line for line in lines)]


def msd_workbench():
    title, *rows = own("msd_workbench.csv")
    return [title, *rows[:-1], title.replace("PL0042", "PL0043"), *rows]


def softmax_pro():
    """Two plates, and groups that say of each well on which of them it is."""
    lines = own("softmax_pro.txt")
    end = lines.index("~End") + 1
    plate, rest = lines[1:end], lines[end:]
    groups = []
    is_row = False
    for line in rest:
        if line.startswith("Sample\tWells\t"):
            is_row = True
            groups.append(line.replace("Wells\t", "Wells\tWellPlateName\t"))
        elif is_row and line:
            sample, well, values = line.split("\t", 2)
            groups.append(f"{sample}\t{well}\tPL-0042\t{values}")
            groups.append(f"\t{well}\tPL-0043\t{values}")
        else:
            is_row = False
            groups.append(line)
    return ["##BLOCKS= 5", *plate, *(line.replace("PL-0042", "PL-0043") for line in plate), *groups]


def xponent():
    """After the wells of one plate in each block those of the other."""
    lines = own("xponent.csv")
    several, second = [], []
    for line in lines:
        if "(1," in line:
            second.append(line.replace("(1,", "(2,"))
        elif second:
            several, second = [*several, *second], []
        several.append(line)
    return several


def intelliflex():
    head, *rows = own("intelliflex.csv")
    return [head, *(row for row in rows if row), *(row.replace("PL-0042", "PL-0043") for row in rows)]


def envision():
    """Two plates with two labels each, and a map of each."""
    plates, rest = "\n".join(own("envision.csv")).split("\nBasic assay information", 1)
    other = plates.replace("PL-0042", "PL-0043")
    for head in ("1,1,", "1,ELISA"):
        other = other.replace(f"\n{head}", f"\n2{head[1:]}")
    second = rest.split("Platemap:\n")[1].split("Calculations:")[0].replace("Plate,,,,1", "Plate,,,,2")
    rest = rest.replace("Calculations:", f"{second}Calculations:")
    return f"{plates}{other}\nBasic assay information{rest}".split("\n")


def methodical_mind():
    """The name of the file stands above the first of them alone."""
    first = own("methodical_mind.txt")
    second = [line.replace("PL0042", "PL0043") for line in first]
    return [*first, *second[next(at for at, line in enumerate(second) if line.startswith("Stack ID")) :]]


SEVERAL = {
    "gen5_ifng_elisa.txt": (gen5, ("Plate 1", "PL-2")),
    "msd_workbench.csv": (msd_workbench, ("PL0042", "PL0043")),
    "softmax_pro.txt": (softmax_pro, ("PL-0042", "PL-0043")),
    "xponent.csv": (xponent, ("Plate 1", "Plate 2")),
    "intelliflex.csv": (intelliflex, ("PL-0042", "PL-0043")),
    "envision.csv": (envision, ("PL-0042", "PL-0043")),
    "methodical_mind.txt": (methodical_mind, ("PL0042", "PL0043")),
}


A1_OF_THE_SECOND = {  # what stands in the line of well A1, which of these lines, and which of its cells
    "gen5_ifng_elisa.txt": ("A\t", -1, 1),
    "msd_workbench.csv": ("A01,", -1, 6),
    "softmax_pro.txt": ("\t22.5", -1, 2),
    "xponent.csv": ("(2,A1)", 0, 3),
    "intelliflex.csv": (",A1,", -1, 19),
    "envision.csv": ("A,2.586", -1, 1),
    "methodical_mind.txt": ("A  \t", -1, 1),
}


def facts(plate):
    return [
        (
            well.readings,
            well.group,
            well.kind,
            well.nominal_concentration,
            well.dilution_factor,
            well.bead_counts,
        )
        for well in plate.wells
    ]


@pytest.mark.parametrize("name", SEVERAL)
def test_each_plate_is_read_as_if_it_were_alone(name):
    make, names = SEVERAL[name]
    content = "\n".join(make()).encode()
    alone = read(name, (OWN / name).read_bytes(), timezone=TIMEZONE)
    assert plates_in(name, content) == names
    assert plates_in(name, (OWN / name).read_bytes()) == ()
    for each in names:
        plate = read(name, content, timezone=TIMEZONE, plate=each)
        assert (plate.plate_name, plate.plate_code) == (each, "" if each.startswith("Plate ") else each)
        assert facts(plate) == facts(alone)
        assert (plate.measured_at, plate.problems) == (alone.measured_at, ())


@pytest.mark.parametrize("name", SEVERAL)
def test_a_cell_of_the_second_plate_is_named_by_its_line_in_the_file(name):
    make, names = SEVERAL[name]
    lines = make()
    mark, which, place = A1_OF_THE_SECOND[name]
    at = [at for at, line in enumerate(lines) if mark in line][which]
    separator = "," if name.endswith("csv") else "\t"
    cells = lines[at].split(separator)
    cells[place] = BROKEN
    lines[at] = separator.join(cells)
    plate = read(name, "\n".join(lines).encode(), timezone=TIMEZONE, plate=names[1])
    assert [(problem.line, problem.row, problem.raw) for problem in plate.problems] == [
        (at + 1, "A1", BROKEN)
    ]
    first = read(name, "\n".join(lines).encode(), timezone=TIMEZONE, plate=names[0])
    assert not isinstance(next(iter(first.well("A1").readings.values())), Missing)


def test_a_line_that_is_none_of_such_a_file_is_refused():
    content = "\n".join(intelliflex()).encode()
    with pytest.raises(UnableToRead, match="none of such a file"):
        plates_in("x.csv", content + b"\n" + b"x" * 200_000)


def test_of_several_plates_one_has_to_be_named():
    content = "\n".join(gen5()).encode()
    with pytest.raises(UnableToRead, match=r"holds 2 plates: Plate 1, PL-2; none of them is called “”"):
        read("g.txt", content, timezone=TIMEZONE)
    with pytest.raises(UnableToRead, match="holds one plate; none of them is called “PL-9”"):
        read("g.txt", (OWN / "gen5_ifng_elisa.txt").read_bytes(), timezone=TIMEZONE, plate="PL-9")


def test_groups_that_do_not_say_on_which_plate_are_refused():
    lines = "\n".join(softmax_pro()).replace("WellPlateName", "Elsewhere")
    with pytest.raises(UnableToRead, match="line 26: “Group: Standards” does not say on which of 2 plates"):
        plates_in("s.txt", lines.encode())


def test_more_plates_than_anybody_waits_for_are_refused():
    """Neither do they cost the time or the memory of parting them all."""
    head = "\n".join(own("gen5_ifng_elisa.txt"))
    content = (head + "\nSoftware Version\t3\nPlate Number\tPL" * 200_000).encode()
    with pytest.raises(UnableToRead, match="holds more than 20 plates"):
        plates_in("g.txt", content)
