"""Opening a file with suspicion: every refusal has a name, and leaves the file as it was found."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

import pytest

from sync.errors import (
    DatabaseCorrupt,
    DatabaseForeign,
    DatabaseLocked,
    DatabaseNewer,
    DatabaseUnwritable,
    StorageError,
)
from sync.local import Replica
from sync.local.database import Database
from sync.local.schema import APPLICATION_ID, MIGRATIONS
from tests.helpers.clocks import SeededEntropy
from tests.helpers.replicas import fingerprint, open_replica, shelf, stocked

ROOT = Path(__file__).resolve().parents[2]


def saved(path: Path, count: int = 40) -> Path:
    """A replica file, closed."""
    stocked(count, path=path).close()
    return path


def rewritten(path: Path, *statements: str) -> Path:
    """The file after somebody else ran SQL on it."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)
    return path


def foreign(path: Path) -> Path:
    return rewritten(path, "CREATE TABLE recipes(name)", "INSERT INTO recipes VALUES('soup')")


def foreign_in_wal_mode(path: Path) -> Path:
    return rewritten(foreign(path), "PRAGMA journal_mode = WAL")


def of_another_application(path: Path) -> Path:
    return rewritten(foreign(path), "PRAGMA application_id = 77", "PRAGMA user_version = 1")


def newer(path: Path) -> Path:
    return rewritten(saved(path), f"PRAGMA user_version = {len(MIGRATIONS) + 1}")


def noise(path: Path) -> Path:
    path.write_bytes(SeededEntropy(3).draw(50_000))
    return path


def a_letter(path: Path) -> Path:
    path.write_text("Dear diary, " * 1_000)
    return path


def cut_short(path: Path) -> Path:
    data = saved(path).read_bytes()
    path.write_bytes(data[: len(data) // 2])
    return path


def overwritten_in_the_middle(path: Path) -> Path:
    data = bytearray(saved(path).read_bytes())
    data[100:8_192] = SeededEntropy(4).draw(8_192 - 100)
    path.write_bytes(data)
    return path


REFUSED: dict[str, tuple[Callable[[Path], Path], type[StorageError]]] = {
    "another program's database": (foreign, DatabaseForeign),
    "another program's database in WAL mode": (foreign_in_wal_mode, DatabaseForeign),
    "another application id": (of_another_application, DatabaseForeign),
    "random bytes": (noise, DatabaseForeign),
    "text": (a_letter, DatabaseForeign),
    "a newer version": (newer, DatabaseNewer),
    "half of a file": (cut_short, DatabaseCorrupt),
    "a schema overwritten": (overwritten_in_the_middle, DatabaseCorrupt),
}


@pytest.mark.parametrize(("make", "error"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_opened_is_named_and_left_alone(
    tmp_path: Path, make: Callable[[Path], Path], error: type[StorageError]
) -> None:
    path = make(tmp_path / "some.db")
    before = {each.name: each.read_bytes() for each in tmp_path.iterdir()}
    for _ in range(2):
        with pytest.raises(error) as caught:
            open_replica(path)
        assert type(caught.value) is error
        assert "some.db" in str(caught.value)
    assert {each.name: each.read_bytes() for each in tmp_path.iterdir()} == before


def test_a_newer_file_with_unfinished_business_is_left_alone_too(tmp_path: Path) -> None:
    """Its writer was killed: the last commits are in the WAL, and belong to the newer program."""
    path = newer(tmp_path / "some.db")
    code = (
        "import os, sqlite3, sys\n"
        "db = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "db.execute('PRAGMA journal_mode = WAL')\n"
        "db.execute('CREATE TABLE more(x)')\n"
        "os._exit(0)\n"
    )
    subprocess.run([sys.executable, "-c", code, str(path)], check=True)
    before = {each.name: each.read_bytes() for each in (path, wal_of(path))}
    assert before["some.db-wal"]
    with pytest.raises(DatabaseNewer):
        open_replica(path)
    assert {each.name: each.read_bytes() for each in (path, wal_of(path))} == before


def wal_of(path: Path) -> Path:
    return path.with_name(path.name + "-wal")


def test_damage_further_in_is_named_when_it_is_met(tmp_path: Path) -> None:
    path = saved(tmp_path / "some.db", count=400)
    data = bytearray(path.read_bytes())
    for page in range(8 * 8_192, len(data) - 8_192, 8_192):
        data[page : page + 4_000] = bytes(4_000)
    path.write_bytes(data)
    with pytest.raises(DatabaseCorrupt), closing(open_replica(path)) as replica:
        replica.find("inventory")


def test_a_second_opening_is_told_that_the_file_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "some.db"
    with closing(open_replica(path)) as first:
        with pytest.raises(DatabaseLocked):
            open_replica(path)
        with first.transaction() as tx:
            tx.insert("inventory", shelf())
    with closing(open_replica(path)) as later:
        assert later.count("inventory") == 1


def test_another_process_is_told_that_the_file_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "some.db"
    code = (
        "import sys\n"
        "from tests.helpers.replicas import open_replica\n"
        "from sync.errors import ZavaError\n"
        "try:\n"
        "    open_replica(sys.argv[1])\n"
        "except ZavaError as error:\n"
        "    print(error.code)\n"
    )
    with closing(stocked(path=path)) as replica:
        done = subprocess.run(
            [sys.executable, "-c", code, str(path)],
            **{"cwd": ROOT, "capture_output": True, "text": True, "check": True},
        )
        assert replica.count("inventory") == 1
    assert done.stdout.strip() == "database_locked"


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnwritable):
        open_replica(tmp_path / "missing" / "some.db")


READ_ONLY = """
import os, sys
from tests.helpers.replicas import open_replica
from sync.errors import ZavaError
if os.geteuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
for name in sys.argv[1:]:
    try:
        open_replica(name)
        print("opened")
    except ZavaError as error:
        print(error.code)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="permissions as on POSIX")
def test_a_read_only_folder_is_named(tmp_path: Path) -> None:
    """Run as nobody where the tests run as root, whom no permission stops."""
    folder = tmp_path / "locked"
    folder.mkdir()
    path = saved(folder / "there.db")
    before = path.read_bytes()
    modes = {each: each.stat().st_mode for each in (tmp_path, *tmp_path.parents)}
    for each, mode in modes.items():
        if not mode & 0o001:
            each.chmod(mode | 0o001)
    path.chmod(0o444)
    folder.chmod(0o555)
    try:
        done = subprocess.run(
            [sys.executable, "-c", READ_ONLY, str(path), str(folder / "new.db")],
            **{"cwd": ROOT, "capture_output": True, "text": True, "check": True},
        )
    finally:
        folder.chmod(0o755)
        for each, mode in modes.items():
            if not mode & 0o001:
                each.chmod(mode)
    assert done.stdout.split() == ["database_unwritable", "database_unwritable"]
    assert path.read_bytes() == before
    assert sorted(each.name for each in folder.iterdir()) == ["there.db"]


def test_a_full_disk_undoes_the_transaction_and_nothing_else(tmp_path: Path) -> None:
    with closing(stocked(path=tmp_path / "some.db")) as replica:
        before = fingerprint(replica)
        pages = replica.parts.database.query("PRAGMA page_count")[0][0]
        replica.parts.database.query(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(DatabaseUnwritable), replica.transaction() as tx:
            for number in range(500):
                tx.insert("orders", {"_id": f"order_{number}", "text": "x" * 200})
        assert fingerprint(replica) == before
        replica.parts.database.query("PRAGMA max_page_count = 1000000")
        with replica.transaction() as tx:
            tx.insert("orders", {"_id": "order_1"})
        assert replica.outbox().pending == 2


FULL = """
import resource, sys
from sync.errors import DatabaseUnwritable
from tests.helpers.replicas import open_replica
replica = open_replica(sys.argv[1])
limit = 3_000_000
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
saved = 0
try:
    while True:
        with replica.transaction() as tx:
            tx.insert("orders", {"_id": f"order_{saved:04}", "text": "x" * 2_000})
        saved += 1
except DatabaseUnwritable as error:
    print(saved, replica.count("orders"), replica.outbox().pending, replica.identity.n, error.code)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits as on POSIX")
def test_what_was_saved_before_the_disk_was_full_is_there(tmp_path: Path) -> None:
    path = tmp_path / "some.db"
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(path)],
        **{"cwd": ROOT, "capture_output": True, "text": True, "check": True},
    )
    *counts, code = done.stdout.split()
    assert code == "database_unwritable"
    assert len(set(counts)) == 1
    with closing(open_replica(path)) as replica:
        assert replica.count("orders") == int(counts[0]) > 20
        with replica.transaction() as tx:
            tx.insert("orders", {"_id": "one_more"})


def test_an_empty_file_becomes_a_replica_by_running_every_migration(tmp_path: Path) -> None:
    path = tmp_path / "some.db"
    path.touch()
    with closing(Database(path)) as database:
        assert database.query("PRAGMA user_version") == [(len(MIGRATIONS),)]
        assert database.query("PRAGMA application_id") == [(APPLICATION_ID,)]
        assert database.query("PRAGMA journal_mode") == [("wal",)]
        tables = database.query("SELECT name FROM sqlite_master WHERE type = 'table'")
        assert {("identity",), ("log",), ("pending",), ("losses",)} <= set(tables)
        assert database.query("PRAGMA integrity_check") == [("ok",)]


@pytest.mark.parametrize("version", range(len(MIGRATIONS)))
def test_an_older_file_is_brought_up_to_date(tmp_path: Path, version: int) -> None:
    path = tmp_path / "some.db"
    older = [statement for step in MIGRATIONS[:version] for statement in step]
    stamped = (f"PRAGMA user_version = {version}", f"PRAGMA application_id = {APPLICATION_ID}")
    rewritten(path, *older, *stamped)
    with closing(open_replica(path)) as replica:
        assert replica.parts.database.query("PRAGMA user_version") == [(len(MIGRATIONS),)]


def test_conflicts_recorded_a_row_each_are_told_as_before(tmp_path: Path) -> None:
    path, version = tmp_path / "some.db", 7
    sides = [
        {"value": value, "removed": False, "user": "u", "replica": "a" * 32, "at_ms": at_ms}
        for value, at_ms in ((["x"], 1_000), (2.5, 2_000))
    ]
    known = ("1f", 3, "inventory", "i1", '["a", "b"]', "overwritten", *map(json.dumps, sides))
    older = [statement for step in MIGRATIONS[:version] for statement in step]
    stamped = (f"PRAGMA user_version = {version}", f"PRAGMA application_id = {APPLICATION_ID}")
    rewritten(path, *older, *stamped)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("INSERT INTO conflicts VALUES(?,?,?,?,?,?,?,?)", known)
    with closing(open_replica(path)) as replica:
        (record,) = replica.conflicts("inventory", "i1", path=("a",), until_ms=1_001)
        assert (record.id, record.rule, record.path) == ("1f", "overwritten", ("a", "b"))
        assert [asdict(record.loser), asdict(record.winner)] == sides
        assert replica.history.count() == 1


def test_a_migration_that_fails_leaves_the_file_at_the_version_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = saved(tmp_path / "some.db")
    broken = (*MIGRATIONS, ("CREATE TABLE added(x)", "INSERT INTO nowhere VALUES(1)"))
    monkeypatch.setattr("sync.local.database.MIGRATIONS", broken)
    with pytest.raises((sqlite3.Error, StorageError)):
        open_replica(path)
    monkeypatch.undo()
    with closing(open_replica(path)) as replica:
        tables = replica.parts.database.query("SELECT name FROM sqlite_master")
        assert ("added",) not in tables
        assert replica.count("inventory") == 40


def test_reopening_finds_everything_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "some.db"
    with closing(stocked(5, path=path)) as replica:
        identity, before = replica.id, fingerprint(replica)
    with closing(open_replica(path, seed=99)) as again:
        assert again.id == identity
        assert fingerprint(again) == before


def test_a_file_of_the_hub_is_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "some.db"
    open_replica(path, kind="hub").close()
    with closing(open_replica(path, kind="hub")) as replica:
        assert replica.identity.is_hub


def test_in_memory_nothing_touches_the_disk(tmp_path: Path) -> None:
    before = os.listdir()
    with closing(stocked()) as replica:
        assert isinstance(replica, Replica)
        assert replica.count("inventory") == 1
    assert os.listdir() == before
