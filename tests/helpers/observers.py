"""Observers of inventory in tests: what they tell, and work that they may see."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sync.local import Changes, Replica

LOW = "SELECT _id, stock_level AS n FROM inventory WHERE stock_level < :limit ORDER BY stock_level"


class Heard:
    """A callback that keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[Changes] = []
        self.rows: list[Any] = []

    def __call__(self, changes: Changes) -> None:
        self.told.append(changes)
        self.rows = changes.applied_to(self.rows)
        assert self.rows == changes.items


class Later:
    """Delivers when it is told to."""

    def __init__(self) -> None:
        self.tasks: list[Callable[[], object]] = []

    def __call__(self, task: Callable[[], object]) -> None:
        self.tasks.append(task)

    def run(self) -> None:
        tasks, self.tasks = self.tasks, []
        for task in tasks:
            task()


def at_once(task: Callable[[], object]) -> None:
    task()


def write(replica: Replica, doc_id: str, **fields: Any) -> None:
    with replica.transaction() as tx:
        tx.update("inventory", doc_id, fields)


def count(replica: Replica, doc_id: str, value: int) -> None:
    with replica.transaction() as tx:
        tx.restart("inventory", doc_id, ("stock_level",), value)


def ids(changes: Changes, kind: str) -> list[str]:
    return [each.row["_id"] for each in getattr(changes, kind)]


def watched(replica: Replica, text: str, args: Any = None, **options: Any) -> Heard:
    heard = Heard()
    replica.register_observer(text, args, heard, **{"deliver": at_once, **options})
    return heard
