"""A device that was away for so long that the hub's log does not reach back to it (S1, C9)."""

from __future__ import annotations

import pytest

from sync.hub import Hub, feed
from sync.local import Replica
from tests.helpers.lines import Line, kinds, noted, stocked_hub
from tests.helpers.two_devices import ANA, BELLEVUE, BEN

STOCK = ("stock_level",)


@pytest.fixture
def hub() -> Hub:
    return stocked_hub()


def sold(line: Line, pieces: int, shelf: str = "inv_1") -> None:
    with line.replica.transaction() as tx:
        tx.increment("inventory", shelf, STOCK, -pieces)


def stock_of(replica: Replica) -> int:
    return int((replica.get("inventory", "inv_1") or {})["stock_level"])


def cut_log(hub: Hub) -> None:
    """All but the end of the log goes, as a purge leaves it."""
    database, head = hub.replica.parts.database, hub.replica.identity.seq
    with database.transaction():
        database.execute("DELETE FROM log WHERE seq < ?", (head,))


def long_away(hub: Hub) -> tuple[Line, Line]:
    """Ana went offline in step; meanwhile Ben worked, a shelf left and another was deleted."""
    ana, ben = Line.signed_in(hub, ANA), Line.signed_in(hub, BEN)
    ana.sync()
    ben.sync()
    sold(ana, 1)
    ana.sync()
    for pieces in (10, 20):
        sold(ben, pieces)
        ben.sync()
    with hub.replica.transaction() as tx:
        tx.update("inventory", "inv_2", {"store_id": BELLEVUE})
        tx.delete("inventory", "inv_3")
    noted(ben, "written while Ana was away")
    ben.sync()
    return ana, ben


def test_a_device_behind_the_log_begins_with_a_snapshot(hub: Hub) -> None:
    ana, ben = long_away(hub)
    cut_log(hub)
    assert "Begin" in kinds(ana.pull())
    for replica in (ana.replica, ben.replica):
        assert replica.get("inventory", "inv_1") == hub.replica.get("inventory", "inv_1")
    assert [each["_id"] for each in ana.replica.find("inventory")] == ["inv_1"]
    assert kinds(ana.pull()) == ["Hello"]


def test_work_it_kept_all_the_while_is_taken_once(hub: Hub) -> None:
    ana, ben = long_away(hub)
    before = stock_of(hub.replica)
    sold(ana, 100)
    noted(ana, "typed far away")
    cut_log(hub)
    ana.pull()
    assert stock_of(ana.replica) == before - 100
    for _ in range(2):
        ana.sync()
    ben.sync()
    for replica in (hub.replica, ana.replica, ben.replica):
        assert stock_of(replica) == before - 100
        assert len(replica.conflicts("inventory", "inv_1", path=("notes",))) == 1
    assert ana.replica.outbox().waiting == ana.replica.outbox().sent == 0


def test_whatever_was_pushed_has_its_verdict_after_a_snapshot(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More than goes along with the beginning of a snapshot, the oldest of it refused."""
    monkeypatch.setattr(feed, "BEGIN_OWN_MAX", 2)
    ana = Line.signed_in(hub, ANA)
    ana.sync()
    stock = stock_of(hub.replica)
    with ana.replica.transaction() as tx:
        tx.update("products", "prod_1", {"base_price": 0.01})
    for pieces in range(1, 6):
        sold(ana, pieces)
    ana.push()
    ana.replica.receive([*ana.sent(ana.cursor(scope="one the hub has forgotten"))])
    outbox = ana.replica.outbox()
    assert (outbox.sent, outbox.quarantined) == (0, 1)
    assert stock_of(ana.replica) == stock_of(hub.replica) == stock - 15
    assert ana.replica.get("products", "prod_1") == hub.replica.get("products", "prod_1")
