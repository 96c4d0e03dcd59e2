"""How much work a hub does for what it takes in and for what it tells, counted (see
``tests/local/test_work.py``): a change that makes it more fails here and says what grew."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest

from benchmarks.merging import ours_hub, shop
from benchmarks.merging.scene import scene
from sync.hub.feed import Feed
from sync.hub.pushing import Message
from sync.wire import codec
from sync.wire.messages import Push
from sync.wire.pushes import encode_push
from tests.helpers.lines import Line, noted, stocked_hub
from tests.helpers.replicas import open_replica
from tests.helpers.two_devices import ANA, CLEO
from tests.helpers.work import Counting, Work

TAKEN_IN = {"statements": 0.03, "parses": 0.65, "dumps": 0.26, "calls": 55, "bytes": 2_000}
"""For one field update of W5."""
A_PUSH = {"statements": 4, "parses": 8, "calls": 580}
"""For one of many small pushes."""
SALES = 20
CALLS_A_PAGE_MAX = 38
"""Of a reader that is told what another has been told already."""


def test_a_push_is_no_more_work_than_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted, folder, counting = scene("W5", 0.01), tmp_path / "hub", Counting(monkeypatch)
    shop.prepare(wanted, folder)
    with closing(ours_hub.Contestant(wanted, folder)) as contestant:
        work = counting.run(folder / "hub.db", contestant.run)
        contestant.check()
    each = work.each(wanted.ops)
    grown = {what: each[what] for what, limit in TAKEN_IN.items() if each[what] > limit}
    assert not grown, f"for each field, at most {TAKEN_IN}: {grown}"


def test_reading_costs_the_file_once_however_many_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counting = Counting(monkeypatch)
    one, many = (told(tmp_path / f"{n}.db", counting, readers=n) for n in (1, 8))
    assert one.statements == many.statements <= SALES
    assert one.dumps == many.dumps
    more = (many.calls - one.calls) / 7 / SALES
    assert more < CALLS_A_PAGE_MAX, f"one more reader of a page costs {more:.1f} calls"


def test_pushes_that_come_together_cost_little_more_than_what_is_in_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counting = Counting(monkeypatch)
    with closing(stocked_hub(str(tmp_path / "hub.db"))) as hub:
        lines = [Line.signed_in(hub, CLEO, open_replica(seed=3_000 + n)) for n in range(SALES)]
        for line in lines:
            line.pull()
        hub.push_all([noting(line, "one") for line in lines])  # finds out what stays the same
        pushes = [noting(line, "two") for line in lines]
        work = counting.run(tmp_path / "hub.db", lambda: hub.push_all(pushes))
    each = work.each(len(pushes))
    grown = {what: each[what] for what, limit in A_PUSH.items() if each[what] > limit}
    assert not grown, f"for each push, at most {A_PUSH}: {grown}"


def noting(line: Line, text: str) -> Message:
    """A push of one note."""
    noted(line, text)
    batches = tuple(entry.payload for entry in line.replica.sending.take())
    return line.account.identity, encode_push(Push(line.replica.id, batches[-1:]))


def told(path: Path, counting: Counting, *, readers: int) -> Work:
    """What reading is for so many devices of one store, one after the other, of sales by somebody
    else: a page each."""
    with closing(stocked_hub(str(path))) as hub:
        seller = Line.signed_in(hub, CLEO, open_replica(seed=3_000))
        seller.pull()
        lines = [Line.signed_in(hub, ANA, open_replica(seed=3_001 + n)) for n in range(readers)]
        feeds = [opened(line) for line in lines]
        for feed in feeds:
            while feed.more():
                continue
        for _ in range(SALES):
            with seller.replica.transaction() as tx:
                tx.increment("inventory", "inv_1", ("stock_level",), -1)
            seller.push()
            hub._pages.cut(hub.replica.identity.seq)

        def read() -> None:
            for feed in feeds:
                while feed.more():
                    continue

        return counting.run(path, read)


def opened(line: Line) -> Feed:
    line.pull()
    feed = line.hub.feed(line.account.identity, json.loads(codec.encode(line.cursor())))
    assert [*feed.opening()]
    return feed
