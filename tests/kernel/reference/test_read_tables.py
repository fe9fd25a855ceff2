import pytest
from hypothesis import given
from hypothesis import strategies as st

from assays.kernel.reference.names import name_of
from assays.kernel.reference.tables import Role, Shape, read_tables
from assays.kernel.status import UnableToAnswer

ROLES = {"response": Role(), "dose": Role(required=False), "ct": Role(Shape.NAMED, required=False)}


@pytest.fixture
def read(tmp_path):
    def read(content, **given):
        (tmp_path / "table.csv").write_text(content)
        given = {"csv": "table.csv", "columns": {"response": "y", "dose": "x"}} | given
        return list(read_tables(given, ROLES, tmp_path))

    return read


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ("100.0", "100"),
        ("12.50", "12_5"),
        ("100", "100"),
        ("-3.", "-3"),
        (" control 1 ", "control 1"),
        ("CD8+/IFN", "CD8+/IFN"),
        ("v1.20", "v1_20"),
        ("1.0.0", "1_0_0"),
        ("1e3", "1e3"),
        ("0.0", "0"),
    ],
)
def test_it_names_what_stands_in_the_data(cell, name):
    assert name_of(cell) == name


@given(st.text(max_size=10))
def test_a_name_has_no_point_and_no_blank_ends(cell):
    assert "." not in name_of(cell)
    assert name_of(cell) == name_of(cell).strip()


def test_it_trims_cells_and_leaves_out_rows_without_response(read):
    (table,) = read("x, y \n 1 ,  2.5\n2, \n3,4\n\n")

    assert table.numbers("response").tolist() == [2.5, 4]
    assert table.numbers("dose").tolist() == [1, 3]


def test_it_keeps_the_rows_that_are_asked_for(read):
    (table,) = read("x,y,kind\n1,2,a\n2,3,b\n3,4,a\n", where={"kind": ["a", "c"]})

    assert table.numbers("dose").tolist() == [1, 3]


def test_it_makes_one_table_of_each_group_in_order_of_appearance(read):
    tables = read("x,y,g\n1,2,b.1\n2,3,a\n3,4,b.1\n4,,lost\n", group_by="g")

    assert [(t.group, t.numbers("dose").tolist()) for t in tables] == [("b_1", [1, 3]), ("a", [2])]


def test_it_takes_columns_by_name(read):
    (table,) = read("y,p,q\n1,20,30\n", columns={"response": "y", "ct": {"gene 1.5": "p", "b": "q"}})

    assert table.cells("ct") == [{"gene 1_5": "20", "b": "30"}]


@pytest.mark.parametrize(
    ("content", "given", "words"),
    [
        ("x,y\n1\n", {}, "Line 2"),
        ("x,x,y\n1,1,1\n", {}, "twice"),
        ("", {}, "empty"),
        ("x,y\n1,2\n", {"columns": {"response": "z"}}, "column 'z'"),
        ("x,y\n1,2\n", {"columns": {"dose": "x"}}, "no response"),
        ("x,y\n1,2\n", {"where": {"z": ["1"]}}, "column 'z'"),
        ("x,y\n1,2\n", {"where": {"x": ["2"]}}, "no row"),
        ("x,y\n1,2\n", {"group_by": "z"}, "column 'z'"),
        ("x,y\n,2\n", {"group_by": "x"}, "no x"),
        ("x,y\n1,2\n", {"sheet": 1}, "sheet"),
        ('x,y\n"1,2\n', {}, "Error"),
    ],
)
def test_it_refuses_a_table_it_cannot_use(read, content, given, words):
    with pytest.raises(UnableToAnswer, match=words):
        read(content, **given)


@pytest.mark.parametrize("cell", ["", "nan", "inf", "1_000", "1,5", "0x1", "1e999", "٣", "1 2"])
def test_what_is_no_number_is_refused(read, cell):
    (table,) = read(f'x,y\n"{cell}",1\n')

    with pytest.raises(UnableToAnswer, match="dose of row 1"):
        table.numbers("dose")
