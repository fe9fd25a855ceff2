"""What a task is: a name, the roles of its columns, its settings, and the function that computes it.

A module of `tasks` declares its tasks and lists them:

    @task("outlier_rosner", roles={"value": Role()}, settings={"alpha": share, "max_outliers": whole(least=1)})
    def outlier_rosner(table: Table, settings: Settings) -> Mapping[str, Any]: ...
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from assays.kernel.reference import settings as reading
from assays.kernel.reference.tables import Role, Table

Settings = dict[str, Any]
Found = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Task:
    """`settings` reads params strictly; `compute` gives keys without prefix and their values."""

    name: str
    roles: Mapping[str, Role]
    settings: reading.Reader
    compute: Callable[[Table, Settings], Found]


def task(
    name: str,
    *,
    roles: Mapping[str, Role],
    settings: Mapping[str, reading.Reader],
    optional: Mapping[str, reading.Reader] | None = None,
) -> Callable[[Callable[[Table, Settings], Found]], Task]:
    """Declare the function below as a task. A setting of `optional` that is not given is None."""

    def declare(compute: Callable[[Table, Settings], Found]) -> Task:
        return Task(name, roles, reading.fields(settings, optional), compute)

    return declare
