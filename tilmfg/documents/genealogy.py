"""The family tree of an order's containers, in the order in which it is printed."""

from collections.abc import Iterator
from dataclasses import dataclass

from tilmfg.documents.contents import ContainerLine, Transfer
from tilmfg.documents.text import UnableToPrint


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """One line of the tree. A container with several parents is `shown_above` under all but the first."""

    depth: int
    container: ContainerLine
    arrival: Transfer | None
    shown_above: bool


def branches(containers: tuple[ContainerLine, ...], transfers: tuple[Transfer, ...]) -> tuple[Branch, ...]:
    """Every container under its parents, roots first, in the order in which they are given."""
    by_code = {container.code: container for container in containers}
    if len(by_code) < len(containers):
        raise UnableToPrint("Two containers have the same code.")
    for transfer in transfers:
        for code in (transfer.parent_code, transfer.child_code):
            if code not in by_code:
                raise UnableToPrint(f"A transfer names {code}, which is not among the containers.")

    shown: set[str] = set()

    def grow(container: ContainerLine, depth: int, arrival: Transfer | None) -> Iterator[Branch]:
        yield Branch(
            depth=depth,
            container=container,
            arrival=arrival,
            shown_above=container.code in shown,
        )
        if container.code in shown:
            return
        shown.add(container.code)
        for transfer in transfers:
            if transfer.parent_code == container.code:
                yield from grow(by_code[transfer.child_code], depth + 1, transfer)

    born = {transfer.child_code for transfer in transfers}
    tree = tuple(
        branch
        for container in containers
        if container.code not in born
        for branch in grow(container, 0, None)
    )
    if lost := by_code.keys() - shown:
        raise UnableToPrint(f"Containers that descend from themselves: {', '.join(sorted(lost))}.")
    return tree
