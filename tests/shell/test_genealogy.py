"""The family tree of containers."""

from itertools import combinations

import pytest

from tilmfg.shell.drawings.genealogy import NODE_HEIGHT, UnknownContainer, tree_shape
from tilmfg.shell.pictures import Node


def _nodes(*names):
    return [Node(id=name, kind="Flask", label=name) for name in names]


def test_it_puts_every_child_right_of_all_its_parents():
    edges = [("TB1", "FL1"), ("TB1", "FL2"), ("FL1", "FL3"), ("FL2", "FL3"), ("TB1", "QC1"), ("FL3", "BG1")]
    shape = tree_shape(_nodes("BG1", "FL3", "FL1", "FL2", "QC1", "TB1"), edges)
    x = {node.label: node.x for node in shape.nodes}
    assert all(x[parent] < x[child] for parent, child in edges)


def test_it_lets_no_two_containers_overlap():
    shape = tree_shape(_nodes("A", *"BCDEFGH"), [("A", child) for child in "BCDEFGH"])
    for one, other in combinations(shape.nodes, 2):
        assert one.x != other.x or abs(one.y - other.y) >= NODE_HEIGHT


def test_it_keeps_siblings_beside_each_other():
    edges = [("A", "C"), ("B", "D"), ("A", "E"), ("B", "F")]
    shape = tree_shape(_nodes(*"ABCDEF"), edges)
    rows = sorted((node.y, node.label) for node in shape.nodes if node.label in "CDEF")
    assert [label for _, label in rows] in (["C", "E", "D", "F"], ["D", "F", "C", "E"])


def test_it_draws_a_lone_container():
    assert len(tree_shape(_nodes("TB1"), []).nodes) == 1


def test_it_refuses_an_edge_to_nowhere():
    with pytest.raises(UnknownContainer, match="BG9"):
        tree_shape(_nodes("TB1"), [("TB1", "BG9")])


def test_it_refuses_a_container_that_is_its_own_ancestor():
    with pytest.raises(ValueError, match="own ancestor"):
        tree_shape(_nodes("A", "B"), [("A", "B"), ("B", "A")])
