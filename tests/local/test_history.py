"""How long the history of lost writes is kept (C5): so many records, and so many days."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from sync.hub import Hub
from sync.local import Replica, history
from sync.local.history import CONFLICTS_KEEP_DAYS, DAY_MS
from tests.helpers.clocks import FixedClock
from tests.helpers.lines import Line, stocked_hub
from tests.helpers.replicas import open_replica
from tests.helpers.two_devices import ANA, BEN

SHELF = ("inventory", "inv_1")


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def hub(clock: FixedClock) -> Iterator[Hub]:
    with closing(stocked_hub(clock=clock)) as hub:
        yield hub


@pytest.fixture
def pair(hub: Hub, clock: FixedClock) -> tuple[Line, Line]:
    """Two people at one shelf, who both have it."""
    ana = Line.signed_in(hub, ANA, open_replica(seed=1_001, clock=clock))
    ben = Line.signed_in(hub, BEN, open_replica(seed=1_002, clock=clock))
    for line in (ana, ben):
        line.sync()
    return ana, ben


def clash(pair: tuple[Line, Line], note: str) -> None:
    """Both write a note without having heard of the other; the later one wins."""
    for line, said in zip(pair, (note, "the later one"), strict=True):
        with line.replica.transaction() as tx:
            tx.update(*SHELF, {"notes": said})
    for line in (*pair, pair[0]):
        line.sync()


def lost(replica: Replica) -> list[object]:
    return [record.loser.value for record in replica.conflicts(*SHELF)]


def test_the_oldest_records_make_room(
    hub: Hub, pair: tuple[Line, Line], monkeypatch: pytest.MonkeyPatch
) -> None:
    for note in ("first", "second", "third"):
        clash(pair, note)
    assert lost(hub.replica) == lost(pair[0].replica) == ["third", "second", "first"]
    assert hub.replica.history.prune() == 0
    monkeypatch.setattr(history, "CONFLICTS_MAX", 2)
    assert hub.replica.history.prune() == 1
    assert lost(hub.replica) == ["third", "second"]


def test_old_records_go_when_newer_ones_are_there(
    hub: Hub, pair: tuple[Line, Line], clock: FixedClock
) -> None:
    """The age is that of the losing write, against the newest record and no clock."""
    clash(pair, "old")
    clock.move((CONFLICTS_KEEP_DAYS + 1) * DAY_MS)
    assert hub.replica.history.prune() == 0
    for line in pair:
        line.sign_in()
    clash(pair, "new")
    assert hub.replica.history.prune() == 1
    assert lost(hub.replica) == ["new"]
