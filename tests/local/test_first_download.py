"""Indexes are put away while a first download runs, and come back whatever ends it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from sync.local import Replica, indexes
from sync.sim.storage import Crash, Fault, FaultyDatabase, kill
from sync.wire.messages import Docs, End
from tests.helpers.clocks import FixedClock, SeededEntropy
from tests.helpers.downloads import download, name
from tests.helpers.replicas import open_replica, stocked

ROOT = Path(__file__).resolve().parents[2]
COUNT, PAGE = 60, 20
LOOK = "SELECT _id FROM inventory WHERE stock_level = 42"
FOUND = [{"_id": name(42)}]

DOWNLOADER = """
import sys
from sync.local import indexes
from tests.helpers.downloads import download
from tests.helpers.replicas import open_replica

indexes.FIRST_DOCUMENTS_MIN = 50
replica = open_replica(sys.argv[1])
replica.ensure_indexes({"inventory": [[("stock_level",)]]})
for message in download(60, 20):
    replica.receive([message])
    print(type(message).__name__, flush=True)
"""


@pytest.fixture(autouse=True)
def few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexes, "FIRST_DOCUMENTS_MIN", 50)


@pytest.fixture
def replica() -> Iterator[Replica]:
    with closing(open_replica()) as replica:
        replica.ensure_indexes({"inventory": [[("stock_level",)]]})
        yield replica


def indexed(replica: Replica) -> bool:
    """Whether the index is in the file; where the plan says so it has to be."""
    sql = "SELECT 1 FROM sqlite_master WHERE type = 'index' AND name LIKE 'x_%'"
    there = bool(replica.parts.database.query(sql))
    assert there == ("indexScan" in replica.execute(f"EXPLAIN {LOOK}").items[0]["text"])
    return there


def test_a_first_download_does_without_indexes_until_its_end(replica: Replica) -> None:
    for message in download(COUNT, PAGE):
        replica.receive([message])
        if isinstance(message, Docs):
            assert not indexed(replica)
            has_come = replica.get("inventory", name(42)) is not None
            assert replica.execute(LOOK).items == (FOUND if has_come else [])
            assert len(replica.execute("SELECT * FROM system:indexes").items) == 1
    assert indexed(replica)
    assert replica.execute(LOOK).items == FOUND
    replica.check()


@pytest.mark.parametrize("held", [0, 20])
def test_where_little_is_coming_indexes_stay(held: int) -> None:
    with closing(stocked(held)) as replica:
        replica.ensure_indexes({"inventory": [[("stock_level",)]]})
        for message in download(COUNT if held else 40, PAGE):
            replica.receive([message])
            assert indexed(replica)


def test_indexes_made_and_dropped_meanwhile_are_and_are_not_there_afterwards(
    replica: Replica,
) -> None:
    for message in download(COUNT, PAGE):
        if isinstance(message, End):
            replica.execute("DROP INDEX stock_level ON inventory")
            replica.execute("CREATE INDEX levels ON inventory (stock_level)")
            replica.execute("CREATE INDEX by_notes ON inventory (notes)")
        replica.receive([message])
    names = [each["name"] for each in replica.execute("SELECT name FROM system:indexes").items]
    assert sorted(names) == ["by_notes", "levels"]
    assert indexed(replica)


@pytest.mark.parametrize("moment", ["before", "after"])
def test_dead_at_any_statement_of_a_download_it_has_its_indexes_again(
    tmp_path: Path, moment: str
) -> None:
    for statements in range(1, 200, 7):
        path = tmp_path / f"{moment}{statements}.db"
        database = FaultyDatabase(path)
        replica = Replica(database, FixedClock(), SeededEntropy(1), "device")
        replica.ensure_indexes({"inventory": [[("stock_level",)]]})
        database.arm(Fault(statements, moment))  # type: ignore[arg-type]
        done = True
        try:
            for message in download(COUNT, PAGE):
                replica.receive([message])
        except Crash:
            done = False
            kill(database, path)
        else:
            replica.close()
        with closing(open_replica(path)) as again:
            assert indexed(again)
            again.check()
            for message in download(COUNT, PAGE):
                again.receive([message])
            assert (again.count("inventory"), indexed(again)) == (COUNT, True)
            assert again.execute(LOOK).items == FOUND
        if done:
            return
    raise AssertionError("the download has more statements than were looked at")


@pytest.mark.skipif(sys.platform == "win32", reason="signals as on POSIX")
@pytest.mark.parametrize("said", ["Begin", "Docs"])
def test_killed_in_a_download_it_has_its_indexes_again(tmp_path: Path, said: str) -> None:
    path = tmp_path / "device.db"
    command = [sys.executable, "-c", DOWNLOADER, str(path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        while process.stdout.readline().strip() != said:
            pass
        process.kill()
    with closing(open_replica(path)) as replica:
        assert indexed(replica)
        replica.check()
        for message in download(COUNT, PAGE):
            replica.receive([message])
        assert indexed(replica)
        assert replica.execute(LOOK).items == FOUND
