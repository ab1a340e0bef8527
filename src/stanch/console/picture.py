"""The graph of a case laid out on the server: three columns, boxes and curves, as numbers for an SVG."""

from collections.abc import Sequence
from dataclasses import dataclass

from stanch.model.summary import Edge, Node

WIDTH, BOX, HEIGHT, GAP = 440, 130, 46, 18
COLUMNS = 3
LONGEST = 16
"""Characters of a name that fit into a box."""


@dataclass(frozen=True)
class Box:
    """A node and where it is."""

    node: Node
    name: str
    note: str
    x: float
    y: float


@dataclass(frozen=True)
class Curve:
    """An edge and its path."""

    edge: Edge
    path: str


@dataclass(frozen=True)
class Picture:
    """Everything an SVG of `width` x `height` shows; `words` says the same for those who do not see it."""

    boxes: tuple[Box, ...]
    curves: tuple[Curve, ...]
    width: int
    height: int
    words: str


def picture(nodes: Sequence[Node], edges: Sequence[Edge]) -> Picture:
    """Lay the nodes out in their columns, each column centred."""
    columns = [[one for one in nodes if one.column == number] for number in range(COLUMNS)]
    height = max(len(one) for one in columns) * (HEIGHT + GAP) + GAP
    boxes = tuple(_box(one, columns[one.column], height) for one in nodes)
    curves = tuple(Curve(one, _path(boxes[one.source], boxes[one.target])) for one in edges)
    return Picture(boxes, curves, WIDTH, height, _words(nodes, edges))


def _box(node: Node, beside: Sequence[Node], height: int) -> Box:
    top = (height - len(beside) * (HEIGHT + GAP) + GAP) / 2
    step = (WIDTH - BOX) / (COLUMNS - 1)
    return Box(
        node, _short(node.name), _short(node.note), node.column * step, top + beside.index(node) * (HEIGHT + GAP)
    )


def _path(one: Box, other: Box) -> str:
    x, y, to_x, to_y = one.x + BOX, one.y + HEIGHT / 2, other.x, other.y + HEIGHT / 2
    middle = (x + to_x) / 2
    return f"M{x:.0f} {y:.0f}C{middle:.0f} {y:.0f} {middle:.0f} {to_y:.0f} {to_x:.0f} {to_y:.0f}"


def _short(text: str) -> str:
    half = (LONGEST - 1) // 2
    return text if len(text) <= LONGEST else f"{text[:half]}…{text[-half:]}"


def _words(nodes: Sequence[Node], edges: Sequence[Edge]) -> str:
    return "; ".join(f"{nodes[one.source].name} to {nodes[one.target].name}" for one in edges)
