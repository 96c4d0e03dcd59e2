"""Commits that only read the log a little further are told of in one row, and nobody notices."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from sync.core.stamps import Stamp
from sync.errors import DatabaseCorrupt
from sync.local import Replica
from sync.wire.messages import Part
from tests.helpers.replicas import PaperHub, open_replica, stocked, waiting_payloads


class Heard:
    """A device in a file, and another one whose changes it hears of, each by itself."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.hub, self.author = PaperHub(), stocked(2, seed=2)
        self.replica = open_replica(folder / "device.db")
        self.replica.receive([self.hub.hello(), *map(self.hub.part, self.written())])

    def written(self) -> list[bytes]:
        payloads = waiting_payloads(self.author)
        self.author.sending.acknowledge(self.author.id, 10_000)
        return payloads

    def part(self, **fields: object) -> Part:
        """The author changes a document; what the device is sent."""
        with self.author.transaction() as tx:
            tx.update("inventory", "inv_1", fields)
        (payload,) = self.written()
        return self.hub.part(payload)

    def hears(self, count: int) -> list[Part]:
        parts = [self.part(stock_level=100 + number) for number in range(count)]
        for part in parts:
            self.replica.receive([part])
        return parts

    def rows(self, table: str) -> int:
        return int(self.replica.parts.database.query(f"SELECT count(*) FROM {table}")[0][0])

    def killed(self) -> Replica:
        """The device as a kill leaves it now, opened again."""
        for end in ("", "-wal"):
            shutil.copy(f"{self.folder / 'device.db'}{end}", f"{self.folder / 'killed.db'}{end}")
        return open_replica(self.folder / "killed.db")


@pytest.fixture
def heard(tmp_path: Path) -> Iterator[Heard]:
    made = Heard(tmp_path)
    with closing(made.author), closing(made.replica):
        yield made


def test_a_small_part_that_comes_alone_writes_neither_batches_nor_identity(heard: Heard) -> None:
    before = heard.rows("batches"), heard.replica.parts.database.query("SELECT * FROM identity")
    heard.hears(3)
    assert heard.rows("recent") == 3
    assert before == (
        heard.rows("batches"),
        heard.replica.parts.database.query("SELECT * FROM identity"),
    )


def test_after_a_kill_it_goes_on_where_it_was(heard: Heard) -> None:
    last = heard.hears(3)[-1]
    one = heard.replica.identity
    with closing(heard.killed()) as again:
        other = again.identity
        assert (other.cursor, other.cursor_chain) == (last.seq, last.chain)
        assert (one.seq, one.known, one.clock.last) == (other.seq, other.known, other.clock.last)
        assert again.parts.log.reach == last.seq
        source = again.parts.log.provenance(Stamp(last.source.hlc, last.source.replica))
        assert source == last.source
        again.check()


def test_what_is_asked_of_the_log_counts_them(heard: Heard) -> None:
    parts = heard.hears(2)
    log, source = heard.replica.parts.log, parts[-1].source
    assert log.is_logged(source.replica, source.n)
    assert not log.is_logged(source.replica, source.n + 1)
    assert log.newest_sound(heard.hub.time_ms) == source.hlc


@pytest.mark.parametrize("what", ["own work", "a part among others", "many of them"])
def test_they_move_together(heard: Heard, what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync.local.recent.RECENT_MAX", 5)
    heard.hears(2)
    if what == "own work":
        with heard.replica.transaction() as tx:
            tx.update("inventory", "inv_2", {"notes": "own"})
    elif what == "a part among others":
        heard.replica.receive([heard.part(notes="a"), heard.part(notes="b")])
    else:
        heard.hears(3)
    assert heard.rows("recent") == 0
    with closing(heard.killed()) as again:
        assert again.identity.cursor == heard.replica.identity.cursor
        assert again.identity.n == heard.replica.identity.n
        assert again.digest("inventory") == heard.replica.digest("inventory")


def test_what_the_hub_has_forgotten_is_forgotten_of_them_too(heard: Heard) -> None:
    first, second = heard.hears(2)
    log = heard.replica.parts.log
    with heard.replica.parts.database.transaction():
        log.unlearn_after(first.seq)
    assert log.is_logged(first.source.replica, first.source.n)
    assert not log.is_logged(second.source.replica, second.source.n)


def test_a_commit_that_fails_leaves_none(heard: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    heard.hears(1)
    part, cursor = heard.part(notes="late"), heard.replica.identity.cursor

    def fail(*_: object) -> None:
        raise RuntimeError("the plug is pulled")

    with monkeypatch.context() as patch, pytest.raises(RuntimeError):
        patch.setattr(heard.replica.parts.documents, "overwrite", fail)
        heard.replica.receive([part])
    assert heard.rows("recent") == 1
    assert heard.replica.identity.cursor == cursor
    assert heard.replica.receive([part]).changed == {"inventory": {"inv_1"}}


def test_a_damaged_row_is_named(heard: Heard) -> None:
    heard.hears(1)
    heard.replica.parts.database.execute("UPDATE recent SET known = x'00'")
    with pytest.raises(DatabaseCorrupt):
        heard.killed()
