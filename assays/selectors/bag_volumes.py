"""The volume of an order's product bags: what they hold now, and what a computation took it to be."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from assays.kernel.missing import Missing
from assays.kernel.plain import to_plain
from assays.models import Computation, Method, Run
from tilmfg.identity.models import Container
from tilmfg.identity.states import ContainerState
from tilmfg.shell.numbers import readable

NOT_FILLED = (ContainerState.LABELLED, ContainerState.DESTROYED)
NO_BAG = Missing("no product bag of this order is filled yet")

Volume = Decimal | Missing
Volumes = Mapping[str, Volume]  # by sample


def bag_volumes(orders: Iterable[int]) -> dict[int, Volume]:
    """The volume of each order's filled product bags together; Missing if one of them has none."""
    bags = Container.objects.filter(order__in=orders, kind=Container.Kind.BAG).exclude(state__in=NOT_FILLED)
    volumes: dict[int, Volume] = {}
    for order, code, volume in bags.order_by("pk").values_list("order_id", "code", "volume_ml"):
        so_far = volumes.get(order, Decimal(0))
        if isinstance(so_far, Missing) or volume is None:
            volumes[order] = so_far if isinstance(so_far, Missing) else Missing(f"bag {code} has no volume")
        else:
            volumes[order] = so_far + volume
    return volumes


def volumes_now(run: Run) -> Volumes | None:
    """By sample of a count; nothing else is computed with them."""
    if run.method.kind != Method.Kind.CELL_COUNT:
        return None
    names = run.mapped_samples.filter(sample__isnull=False).values_list("sample__name", "sample__order_id")
    volumes = bag_volumes({order for _, order in names})
    return {sample: volumes.get(order, NO_BAG) for sample, order in names}


def stored(volumes: Volumes | None) -> dict[str, Any] | None:
    """As a computation keeps them."""
    return None if volumes is None else to_plain(volumes)


def volumes_then(computation: Computation) -> Volumes | None:
    """Those that it was made from; None also of a count from before they were kept."""
    if computation.bag_volumes is None:
        return None
    return {
        sample: Missing(volume["missing"]) if isinstance(volume, dict) else Decimal(volume)
        for sample, volume in computation.bag_volumes.items()
    }


def volumes_changed_since(computation: Computation) -> Iterator[str]:
    """A sentence for each sample whose product bags are recorded otherwise today."""
    then = volumes_then(computation) or {}
    now = volumes_now(computation.run) or {} if then else {}
    for sample, volume in then.items():
        if volume != now[sample]:
            yield (
                f"Product bags of {sample}: {_in_words(volume)} when this was computed, {_in_words(now[sample])} now."
            )


def _in_words(volume: Volume) -> str:
    return str(volume) if isinstance(volume, Missing) else f"{readable(volume)} mL"
