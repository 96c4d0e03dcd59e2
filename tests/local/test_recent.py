"""Small commits wait in a journal until somebody looks, and nobody notices."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from sync.core.stamps import Stamp
from sync.errors import DatabaseUnwritable
from sync.local import Replica
from sync.local.journal import SUFFIX
from sync.local.schema import MIGRATIONS
from sync.sim.storage import Crash, Fault, FaultyDatabase, Moment, copy_file, kill
from tests.helpers.clocks import FixedClock, SeededEntropy
from tests.helpers.heard import Heard
from tests.helpers.hub_process import ROOT
from tests.helpers.replicas import PaperHub, fingerprint, open_replica, stocked, waiting_payloads


@pytest.fixture
def heard(tmp_path: Path) -> Iterator[Heard]:
    made = Heard(tmp_path)
    with closing(made.author), closing(made.replica):
        yield made


def test_the_first_of_a_run_is_written_at_once_and_the_others_wait(heard: Heard) -> None:
    heard.hears(1)
    assert heard.waiting == 0
    heard.hears(4)
    assert heard.waiting == 4


LOOKS: dict[str, Callable[[Replica], object]] = {
    "a document": lambda replica: replica.get("inventory", "inv_1"),
    "a condition": lambda replica: replica.find("inventory"),
    "a statement": lambda replica: replica.execute("SELECT * FROM inventory"),
    "a count": lambda replica: replica.count("inventory"),
    "a digest": lambda replica: replica.digest("inventory"),
    "a check": lambda replica: replica.check(),
    "a note": lambda replica: replica.set_note("x", 1),
    "a batch": lambda replica: replica.parts.log.is_logged(replica.id, 1),
}


@pytest.mark.parametrize("what", LOOKS)
def test_whoever_looks_finds_everything_in_its_place(heard: Heard, what: str) -> None:
    parts = heard.hears(4)
    LOOKS[what](heard.replica)
    assert heard.waiting == 0
    levels = {each["_id"]: each["stock_level"] for each in heard.replica.find("inventory")}
    assert levels == {"inv_1": 103, "inv_2": 101, "inv_3": 102}
    log, source = heard.replica.parts.log, parts[-1].source
    assert log.is_logged(source.replica, source.n)
    assert log.newest_sound(heard.hub.time_ms) == source.hlc


def test_what_a_session_asks_after_each_part_lets_them_wait(heard: Heard) -> None:
    heard.hears(3)
    replica = heard.replica
    assert replica.outbox().waiting == len(replica.subscriptions.asked()) == 0
    assert replica.held.oldest() == ()
    assert heard.waiting == 2


def test_where_somebody_looks_after_each_none_waits(heard: Heard) -> None:
    for number in range(4):
        heard.replica.receive([heard.part(stock_level=number)])
        assert heard.waiting == 0
        assert heard.replica.get("inventory", "inv_1")["stock_level"] == number  # type: ignore[index]


def test_a_snapshot_is_told_what_documents_were(heard: Heard) -> None:
    heard.hears(3)
    with heard.replica.transaction(read_only=True) as before:
        heard.replica.receive([heard.part(stock_level=7)])
        assert before.get("inventory", "inv_1")["stock_level"] == 100  # type: ignore[index]
    assert heard.replica.get("inventory", "inv_1")["stock_level"] == 7  # type: ignore[index]


def test_a_live_query_is_woken_and_finds_what_waits(heard: Heard) -> None:
    live = heard.replica.live("inventory", order_by=[(("stock_level",), "asc")])
    heard.hears(5)
    live.refresh()
    assert [each["stock_level"] for each in live.documents] == [102, 103, 104]


def test_after_a_kill_it_goes_on_where_it_was(heard: Heard) -> None:
    last = heard.hears(5)[-1]
    one = heard.replica.identity
    assert heard.waiting
    with closing(heard.killed()) as again:
        other = again.identity
        assert (other.cursor, other.cursor_chain) == (last.seq, last.chain)
        assert (one.seq, one.known, one.clock.last) == (other.seq, other.known, other.clock.last)
        assert again.parts.log.reach == last.seq
        source = again.parts.log.provenance(Stamp(last.source.hlc, last.source.replica))
        assert source == last.source
        again.check()
        assert fingerprint(again) == fingerprint(heard.replica)


KILLED = """
import os, signal, sys
from pathlib import Path
from tests.helpers.heard import Heard
heard = Heard(Path(sys.argv[1]))
heard.hears(50)
assert heard.waiting == 49
print(heard.replica.identity.cursor, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals as on POSIX")
def test_a_process_that_is_killed_loses_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-c", KILLED, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    with closing(open_replica(tmp_path / "device.db")) as replica:
        assert replica.identity.cursor == int(done.stdout)
        levels = sorted(each["stock_level"] for each in replica.find("inventory"))
        assert levels == [147, 148, 149]
        replica.check()


@pytest.mark.parametrize("moment", ["before", "after", "full"])
@pytest.mark.parametrize("statement", range(1, 16))
def test_a_fault_at_any_statement_costs_nothing(
    heard: Heard, statement: int, moment: Moment
) -> None:
    """The process dies, or its disk is full for a moment, while parts come and somebody looks."""
    copy_file(heard.folder / "device.db", heard.folder / "faulty.db")
    parts = [heard.part(f"inv_{number % 2 + 1}", stock_level=number) for number in range(12)]
    heard.replica.receive(parts)
    database = FaultyDatabase(heard.folder / "faulty.db")
    replica = Replica(database, FixedClock(), SeededEntropy(1), "device")
    database.arm(Fault(statement + 10, moment))  # what begins a run has been written
    try:
        while replica.identity.cursor < parts[-1].seq:
            with suppress(DatabaseUnwritable):
                for part in [each for each in parts if each.seq > replica.identity.cursor]:
                    replica.receive([part])
                    if part.seq % 5 == 0:
                        replica.get("inventory", "inv_1")
    except Crash:
        kill(database, heard.folder / "faulty.db")
        replica = open_replica(heard.folder / "faulty.db")
        for part in [each for each in parts if each.seq > replica.identity.cursor]:
            replica.receive([part])
    with closing(replica):
        assert replica.find("inventory") == heard.replica.find("inventory")
        assert replica.identity.cursor == heard.replica.identity.cursor
        replica.check()


def test_closing_leaves_one_file(heard: Heard) -> None:
    heard.hears(4)
    assert heard.journal.is_file()
    heard.replica.close()
    assert sorted(each.name for each in heard.folder.iterdir()) == ["device.db"]
    with closing(open_replica(heard.folder / "device.db")) as again:
        assert again.identity.cursor == heard.replica.identity.cursor


def test_a_journal_that_is_full_is_put_in_place_and_begun_anew(
    heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.local.journal.JOURNAL_BYTES", 3_000)
    waited = set()
    for number in range(20):
        heard.replica.receive([heard.part(stock_level=number)])
        waited.add(heard.waiting)
        with closing(heard.killed()) as again:
            assert again.identity.cursor == heard.replica.identity.cursor
            assert fingerprint(again)["c_inventory"] == fingerprint(again)["c_inventory"]
    assert {0, 1, 2, 3} <= waited
    assert max(waited) < 8
    assert heard.journal.stat().st_size == 3_000


def test_a_commit_too_large_for_the_journal_is_written_at_once(
    heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.local.journal.JOURNAL_BYTES", 100)
    last = heard.hears(3)[-1]
    assert heard.waiting == 0
    assert heard.replica.identity.cursor == last.seq


def test_what_the_hub_has_forgotten_is_forgotten_of_them_too(heard: Heard) -> None:
    _, first, second = heard.hears(3)
    log = heard.replica.parts.log
    with heard.replica.parts.database.transaction():
        log.unlearn_after(first.seq)
    assert log.is_logged(first.source.replica, first.source.n)
    assert not log.is_logged(second.source.replica, second.source.n)


def test_a_journal_that_cannot_be_written_is_done_without(
    heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard.hears(3)
    part = heard.part(notes="late")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    heard.replica.parts.database.journal.close()
    with monkeypatch.context() as patch:
        patch.setattr("sync.local.journal.FileIO", full)
        assert heard.replica.receive([part]).changed == {"inventory": {"inv_1"}}
    assert heard.waiting == 0
    with closing(heard.killed()) as again:
        assert again.identity.cursor == part.seq
        assert again.get("inventory", "inv_1")["notes"] == "late"  # type: ignore[index]


def test_a_commit_that_fails_leaves_nothing(heard: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    heard.hears(2)
    identity, part = heard.replica.identity, heard.part(notes="late")
    before = identity.seq, identity.cursor, identity.clock.last

    def fail(*_: object) -> None:
        raise RuntimeError("the plug is pulled")

    with monkeypatch.context() as patch, pytest.raises(RuntimeError):
        patch.setattr(heard.replica.parts.database, "keep", fail)
        heard.replica.receive([part])
    assert (identity.seq, identity.cursor, identity.clock.last) == before
    assert heard.waiting == 1
    assert heard.replica.parts.log.provenance(Stamp(part.source.hlc, part.source.replica)) is None
    assert heard.replica.receive([part]).changed == {"inventory": {"inv_1"}}
    assert heard.waiting == 2


def test_what_cannot_be_put_in_place_waits(heard: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    heard.hears(3)
    database = heard.replica.parts.database

    def full(*_: object) -> None:
        raise DatabaseUnwritable("The disk is full.")

    with monkeypatch.context() as patch:
        patch.setattr(database, "executemany", full)
        for _ in range(2):
            with pytest.raises(DatabaseUnwritable):
                heard.replica.get("inventory", "inv_1")
            assert heard.waiting == 2
        with closing(heard.killed()) as again:
            assert again.identity.cursor == heard.replica.identity.cursor
    assert heard.replica.get("inventory", "inv_3")["stock_level"] == 102  # type: ignore[index]
    assert heard.waiting == 0


def spoilt(heard: Heard, at: int) -> None:
    with heard.journal.open("r+b") as file:
        file.seek(at)
        (byte,) = file.read(1)
        file.seek(at)
        file.write(bytes([byte ^ 4]))


@pytest.mark.parametrize("where", range(0, 100, 7))
def test_a_damaged_journal_is_an_earlier_state(heard: Heard, where: int) -> None:
    """As a damaged write-ahead log is one: the hub sends again what came after it."""
    states = []
    for number in range(9):
        heard.replica.receive([part := heard.part(f"inv_{number % 3 + 1}", stock_level=number)])
        states.append((part, heard.replica.identity.seq))
    size = len(heard.journal.read_bytes().rstrip(b"\0"))
    spoilt(heard, size * where // 100)
    with closing(heard.killed()) as again:
        lost = [part for part, seq in states if seq > again.identity.seq]
        assert len(lost) in {8, 7, 6, 5, 4, 3, 2, 1}
        again.check()
        for part in lost:
            again.receive([part])
        assert again.find("inventory") == heard.replica.find("inventory")
        assert again.identity.cursor == heard.replica.identity.cursor


def test_a_journal_of_another_time_is_nothing(heard: Heard) -> None:
    heard.hears(3)
    kept = heard.journal.read_bytes()
    with heard.replica.transaction() as tx:
        tx.update("inventory", "inv_1", {"notes": "own"})
    heard.hears(1)
    heard.journal.write_bytes(kept)
    before = fingerprint(heard.replica)
    with closing(heard.killed()) as again:
        assert fingerprint(again) == before


def test_what_an_earlier_version_has_left_is_put_in_place(tmp_path: Path) -> None:
    made = Heard(tmp_path)
    path, database = tmp_path / "device.db", made.replica.parts.database
    identity = made.replica.identity
    for statement in MIGRATIONS[-2]:
        database.execute(statement)
    row = (identity.seq + 1, 77, 5, "c" * 32, "r" * 32, 66, 1, "ana", '["e",1,[]]', 5)
    database.execute(f"INSERT INTO recent VALUES({','.join('?' * len(row))})", row)
    database.execute(f"PRAGMA user_version = {len(MIGRATIONS) - 1}")
    made.author.close()
    made.replica.close()
    with closing(open_replica(path)) as again:
        assert (again.identity.seq, again.identity.cursor) == (identity.seq + 1, 5)
        assert (again.identity.clock.last, again.identity.known) == (77, 5)
        assert again.parts.log.is_logged("r" * 32, 1)  # type: ignore[arg-type]


def test_a_replica_in_memory_keeps_them_too() -> None:
    hub, author = PaperHub(), stocked(1, seed=2)
    with closing(author), closing(open_replica(":memory:")) as replica:
        for number in range(4):
            for payload in waiting_payloads(author):
                replica.receive([hub.part(payload)])
            with author.transaction() as tx:
                tx.update("inventory", "inv_1", {"stock_level": number})
        assert replica.parts.recent.count == 1
        assert replica.get("inventory", "inv_1")["stock_level"] == 2  # type: ignore[index]
    assert not any(SUFFIX in name for name in os.listdir())
