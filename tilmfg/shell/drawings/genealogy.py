"""A family tree of containers, from the tumor at the left to bags and vials at the right."""

from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from ..pictures import Node

NODE_WIDTH, NODE_HEIGHT = 148, 50
ACROSS, DOWN = 34, 14
MARGIN = 4
SWEEPS = 4


@dataclass(frozen=True)
class NodeShape:
    x: float
    y: float
    kind: str
    label: str
    detail: str
    tone: str
    url: str
    width: int = NODE_WIDTH
    height: int = NODE_HEIGHT


@dataclass(frozen=True)
class EdgeShape:
    path: str
    words: str


@dataclass(frozen=True)
class TreeShape:
    nodes: list[NodeShape]
    edges: list[EdgeShape]
    width: float
    height: float


class UnknownContainer(LookupError):
    pass


def tree_shape(nodes: Sequence[Node], edges: Sequence[tuple[Hashable, Hashable]]) -> TreeShape:
    """Places the nodes, joined by edges of (parent id, child id)."""
    by_id = {node.id: node for node in nodes}
    for end in (end for edge in edges for end in edge):
        if end not in by_id:
            raise UnknownContainer(f"An edge names container {end}, which is not among the nodes.")
    parents, children = defaultdict(list), defaultdict(list)
    for parent, child in edges:
        parents[child].append(parent)
        children[parent].append(child)
    layers = _ordered(_layers(by_id, parents), parents, children)
    tallest = max((len(layer) for layer in layers), default=0)
    height = tallest * (NODE_HEIGHT + DOWN) - DOWN + 2 * MARGIN
    corner = {}
    for depth, layer in enumerate(layers):
        room = (height - 2 * MARGIN) / len(layer)
        for row, node_id in enumerate(layer):
            x = MARGIN + depth * (NODE_WIDTH + ACROSS)
            corner[node_id] = (x, round(MARGIN + (row + 0.5) * room - NODE_HEIGHT / 2, 1))
    return TreeShape(
        nodes=[_node(by_id[node_id], *corner[node_id]) for layer in layers for node_id in layer],
        edges=[_edge(corner[p], corner[c], f"{by_id[p].label} to {by_id[c].label}") for p, c in edges],
        width=len(layers) * (NODE_WIDTH + ACROSS) - ACROSS + 2 * MARGIN,
        height=height,
    )


def _layers(by_id, parents) -> list[list]:
    """Each container one layer after its latest parent."""
    depth: dict = {}

    def depth_of(node_id, path=()) -> int:
        if node_id in path:
            raise ValueError(f"Container {node_id} is its own ancestor.")
        if node_id not in depth:
            above = [depth_of(parent, (*path, node_id)) for parent in parents[node_id]]
            depth[node_id] = max(above, default=-1) + 1
        return depth[node_id]

    layers: list[list] = []
    for node_id in by_id:
        while len(layers) <= depth_of(node_id):
            layers.append([])
        layers[depth[node_id]].append(node_id)
    return layers


def _ordered(layers, parents, children) -> list[list]:
    """Puts relatives beside each other by sweeping the layers to the mean place of their neighbours."""
    for sweep in range(SWEEPS):
        forward = sweep % 2 == 0
        place = {node_id: (row + 0.5) / len(layer) for layer in layers for row, node_id in enumerate(layer)}
        neighbours = parents if forward else children

        def pull(node_id, place=place, neighbours=neighbours) -> float:
            near = [place[other] for other in neighbours[node_id]]
            return sum(near) / len(near) if near else place[node_id]

        layers = [sorted(layer, key=pull) for layer in layers]
    return layers


def _node(node: Node, x: float, y: float) -> NodeShape:
    return NodeShape(
        x=x,
        y=y,
        kind=node.kind,
        label=node.label,
        detail=node.detail,
        tone=node.tone,
        url=node.url,
    )


def _edge(parent: tuple[float, float], child: tuple[float, float], words: str) -> EdgeShape:
    x1, y1 = parent[0] + NODE_WIDTH, parent[1] + NODE_HEIGHT / 2
    x2, y2 = child[0], child[1] + NODE_HEIGHT / 2
    bend = (x1 + x2) / 2
    return EdgeShape(f"M{x1} {y1}C{bend} {y1} {bend} {y2} {x2} {y2}", words)
