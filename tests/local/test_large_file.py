"""A file of a hundred thousand documents opens and gives one of them without reading the rest (L6).

How much is read is counted in SQLite's own steps, not in time, which says more of the machine.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from sync.local import Replica
from sync.query import Equals
from tests.helpers.replicas import open_replica, shelf, stocked

DOCUMENTS = 100_000
STEPS_MAX = 20_000
"""Of SQLite's machine; a scan of the collection takes more than half a million."""


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rows written straight into the table: what a first download leaves behind."""
    path = tmp_path_factory.mktemp("large") / "some.db"
    with closing(stocked(path=path)) as replica:
        documents = replica.parts.documents
        row = documents.rows("inventory", ["inv_1"])["inv_1"]
        with replica.parts.database.transaction():
            many = ((f"large_{number:06}", row) for number in range(DOCUMENTS))
            documents.save("inventory", 1, many)
    return path


class Steps:
    """Counts the steps of SQLite's machine, in hundreds."""

    def __init__(self) -> None:
        self.taken = 0

    def __call__(self) -> int:
        self.taken += 100
        return 0


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Steps:
    """Counts what every database connection opened from now on does."""

    steps, real = Steps(), sqlite3.connect

    def connect(*arguments: Any, **options: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = real(*arguments, **options)
        connection.set_progress_handler(steps, 100)
        return connection

    monkeypatch.setattr("sync.local.database.sqlite3.connect", connect)
    return steps


def one_by_id(replica: Replica) -> None:
    assert replica.get("inventory", "large_054321") is not None
    assert replica.get("inventory", "nowhere") is None


def one_write(replica: Replica) -> None:
    with replica.transaction() as tx:
        tx.update("inventory", "large_054321", {"notes": "one of many"})
        tx.insert("inventory", shelf("inv_new"))


def the_state_of_one(replica: Replica) -> None:
    assert replica.state_of("inventory", "large_054321") in ("saved", "synced")
    assert replica.outbox().quarantined == 0


CHEAP: dict[str, Callable[[Replica], None]] = {
    "one document by id": one_by_id,
    "one write": one_write,
    "the mark beside a record": the_state_of_one,
}


@pytest.mark.parametrize("work", CHEAP.values(), ids=CHEAP)
def test_it_reads_only_what_it_needs(
    large: Path, counted: Steps, work: Callable[[Replica], None]
) -> None:
    with closing(open_replica(large)) as replica:
        opened = counted.taken
        work(replica)
        worked = counted.taken - opened
        counted.taken = 0
        assert replica.count("inventory", Equals(("notes",), "nothing")) == 0
        assert counted.taken > 5 * STEPS_MAX  # so the count means something
    assert opened < STEPS_MAX
    assert worked < STEPS_MAX


def test_an_index_saves_the_scan(large: Path, counted: Steps) -> None:
    with closing(open_replica(large)) as replica:
        replica.ensure_indexes({"inventory": [[("notes",)]]})
        counted.taken = 0
        assert replica.count("inventory", Equals(("notes",), "nothing")) == 0
        assert counted.taken < STEPS_MAX
