"""Live queries: a snapshot, then what changed, as often as the reader looks (L5)."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.ids import Document
from sync.local import Changes, LiveQuery, Replica, RowChange
from sync.query import And, Equals, Not, Range
from tests.helpers.replicas import (
    STORE,
    PaperHub,
    open_replica,
    shelf,
    stocked,
    waiting_payloads,
)

BY_STOCK = [(("stock_level",), "asc")]
HERE = And((Equals(("store_id",), STORE), Not(Equals(("deleted",), True))))


def ids(documents: Sequence[Document | RowChange]) -> list[str]:
    rows = (each.row if isinstance(each, RowChange) else each for each in documents)
    return [str(row["_id"]) for row in rows]


class Woken:
    """Counts how often a live query woke its reader."""

    def __init__(self, live: LiveQuery) -> None:
        self.times = 0
        live.on_wake(self)

    def __call__(self) -> None:
        self.times += 1


@pytest.fixture
def replica() -> Replica:
    return stocked(4)


def write(replica: Replica, doc_id: str, **fields: Any) -> None:
    with replica.transaction() as tx:
        tx.update("inventory", doc_id, fields)


def test_it_begins_with_what_is_there(replica: Replica) -> None:
    live = replica.live("inventory", Range(("stock_level",), low=2), BY_STOCK)
    assert ids(live.documents) == ["inv_2", "inv_3", "inv_4"]
    assert not live.refresh()


def test_an_empty_collection_comes_to_life(replica: Replica) -> None:
    live = replica.live("orders")
    assert live.documents == []
    with replica.transaction() as tx:
        tx.insert("orders", {"_id": "order_1"})
    assert live.refresh() == Changes(inserted=(RowChange({"_id": "order_1"}, None, 0),))


def test_each_kind_of_change_is_told_apart(replica: Replica) -> None:
    live = replica.live("inventory", HERE, BY_STOCK)
    with replica.transaction() as tx:
        tx.insert("inventory", shelf("inv_9", stock_level=9))
        tx.update("inventory", "inv_2", {"notes": "other"})
        tx.restart("inventory", "inv_1", ("stock_level",), 7)
        tx.update("inventory", "inv_3", {"deleted": True})
        tx.delete("inventory", "inv_4")
    changes = live.refresh()
    assert ids(changes.inserted) == ["inv_9"]
    assert sorted(ids(changes.updated)) == ["inv_1", "inv_2"]
    assert sorted(ids(changes.removed)) == ["inv_3", "inv_4"]
    assert ids(changes.moved) == ["inv_1"]
    assert ids(live.documents) == ["inv_2", "inv_1", "inv_9"]


def test_a_document_that_comes_to_match_is_inserted_and_one_that_ceases_to_is_removed(
    replica: Replica,
) -> None:
    live = replica.live("inventory", Equals(("notes",), "wanted"))
    write(replica, "inv_1", notes="wanted")
    assert ids(live.refresh().inserted) == ["inv_1"]
    write(replica, "inv_1", notes="not any more")
    assert ids(live.refresh().removed) == ["inv_1"]


def test_a_change_of_the_order_alone_is_a_move(replica: Replica) -> None:
    live = replica.live("inventory", order_by=[(("notes",), "desc"), (("stock_level",), "asc")])
    write(replica, "inv_4", notes="b" * 9)
    changes = live.refresh()
    assert ids(changes.updated) == ["inv_4"]
    assert changes.moved
    assert ids(live.documents) == ["inv_4", "inv_1", "inv_2", "inv_3"]


def test_what_does_not_concern_it_does_not_change_it(replica: Replica) -> None:
    live = replica.live("inventory", Range(("stock_level",), low=3))
    write(replica, "inv_1", notes="below the bound")
    with replica.transaction() as tx:
        tx.insert("orders", {"_id": "order_1"})
    assert not live.refresh()


def test_a_boolean_that_becomes_a_number_is_an_update(replica: Replica) -> None:
    """Python says that ``1 == True``; a reader who shows the value does not."""
    live = replica.live("inventory")
    write(replica, "inv_1", deleted=0)
    assert ids(live.refresh().updated) == ["inv_1"]


def test_writing_the_same_again_is_no_change_to_a_reader(replica: Replica) -> None:
    live = replica.live("inventory")
    write(replica, "inv_1", notes="as delivered")
    assert not live.refresh()


class TestWaking:
    def test_once_until_the_reader_has_looked(self, replica: Replica) -> None:
        live = replica.live("inventory")
        woken = Woken(live)
        for number in range(5):
            write(replica, "inv_1", notes=str(number))
        assert woken.times == 1
        (change,) = live.refresh().updated
        assert change.row["notes"] == "4"
        write(replica, "inv_1", notes="again")
        assert woken.times == 2

    def test_a_burst_from_the_hub_is_one_notification(self, replica: Replica) -> None:
        hub, other = PaperHub(), open_replica(seed=2)
        live = other.live("inventory")
        woken = Woken(live)
        for number in range(30):
            write(replica, "inv_1", notes=str(number))
        other.receive([hub.hello(), *map(hub.part, waiting_payloads(replica))])
        assert woken.times == 1
        assert len(live.refresh().inserted) == 4

    def test_only_for_its_own_collection(self, replica: Replica) -> None:
        live = replica.live("orders")
        woken = Woken(live)
        write(replica, "inv_1", notes="elsewhere")
        assert woken.times == 0

    def test_several_readers_of_one_query(self, replica: Replica) -> None:
        live = replica.live("inventory")
        first, second = Woken(live), Woken(live)
        write(replica, "inv_1", notes="new")
        assert (first.times, second.times) == (1, 1)

    def test_not_after_close(self, replica: Replica) -> None:
        live, other = replica.live("inventory"), replica.live("inventory")
        woken, still = Woken(live), Woken(other)
        live.close()
        live.close()
        write(replica, "inv_1", notes="unheard")
        assert (woken.times, still.times) == (0, 1)

    def test_not_for_a_transaction_that_was_undone(self, replica: Replica) -> None:
        live = replica.live("inventory")
        woken = Woken(live)
        with pytest.raises(KeyError), replica.transaction() as tx:
            tx.update("inventory", "inv_1", {"notes": "undone"})
            raise KeyError
        assert woken.times == 0
        assert not live.refresh()

    def test_a_reader_that_closes_as_it_wakes(self, replica: Replica) -> None:
        live = replica.live("inventory")
        live.on_wake(live.close)
        write(replica, "inv_1", notes="one")
        write(replica, "inv_1", notes="two")


def test_a_window_shows_the_first_and_says_what_slides_in_and_out(replica: Replica) -> None:
    live = replica.live("inventory", order_by=BY_STOCK, limit=2)
    assert ids(live.documents) == ["inv_1", "inv_2"]
    with replica.transaction() as tx:
        tx.restart("inventory", "inv_1", ("stock_level",), 100)
    changes = live.refresh()
    assert (ids(changes.inserted), ids(changes.removed)) == (["inv_3"], ["inv_1"])
    assert ids(live.documents) == ["inv_2", "inv_3"]


def test_what_it_hands_out_are_copies(replica: Replica) -> None:
    live = replica.live("inventory")
    live.documents[0]["location"]["bin"] = "changed outside"
    write(replica, "inv_1", notes="new")
    live.refresh().updated[0].row["location"]["bin"] = "changed outside"
    assert live.documents[0]["location"]["bin"] == "12"
    assert not live.refresh()


def test_a_slow_reader_holds_up_nobody(replica: Replica) -> None:
    """It has woken and does not look; commits go on, and the backlog is one difference."""
    live = replica.live("inventory")
    awake = threading.Event()
    live.on_wake(awake.set)

    def write_a_lot() -> None:
        for number in range(50):
            write(replica, "inv_1", notes=str(number))

    writer = threading.Thread(target=write_a_lot)
    writer.start()
    assert awake.wait(20)
    writer.join(20)
    assert not writer.is_alive()
    assert [change.row["notes"] for change in live.refresh().updated] == ["49"]


def test_readers_and_writers_at_the_same_time(replica: Replica) -> None:
    """Nothing is missed between a look and the commit that follows it."""
    live = replica.live("inventory", order_by=BY_STOCK)
    woken = threading.Semaphore(0)
    live.on_wake(woken.release)

    def write_a_lot(doc_id: str) -> None:
        for _ in range(40):
            with replica.transaction() as tx:
                tx.increment("inventory", doc_id, ("stock_level",), 1)

    writers = [threading.Thread(target=write_a_lot, args=(f"inv_{n}",)) for n in (1, 2)]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        if woken.acquire(timeout=0.05):
            live.refresh()
    for writer in writers:
        writer.join()
    live.refresh()
    assert live.documents == replica.find("inventory", order_by=BY_STOCK)
    assert sum(document["stock_level"] for document in live.documents) == 10 + 80


steps = st.lists(
    st.tuples(
        st.sampled_from(["insert", "update", "restart", "delete", "unset", "receive"]),
        st.sampled_from(["inv_1", "inv_2", "inv_3", "inv_4", "inv_5"]),
        st.integers(0, 5),
        st.booleans(),
    ),
    max_size=25,
)


@given(steps, st.sampled_from([None, 1, 2, 3]), st.booleans())
def test_it_always_equals_a_fresh_query(
    steps: list[tuple[str, str, int, bool]], limit: int | None, ordered: bool
) -> None:
    """Whatever happened between two looks; and the differences add up to what is shown."""
    replica, author, hub = stocked(3), stocked(2, seed=2), PaperHub()
    replica.receive([hub.hello()])
    order = [(("stock_level",), "desc")] if ordered else []
    where = Range(("stock_level",), low=1)
    live = replica.live("inventory", where, order, limit)
    shown = live.documents
    for what, doc_id, number, look in steps:
        carry_out(replica, author, hub, what, doc_id, number)
        if look:
            changes = live.refresh()
            shown = changes.applied_to(shown)
            assert live.documents == replica.find("inventory", where, order, limit)
            assert shown == live.documents
            assert not live.refresh()


def carry_out(
    replica: Replica, author: Replica, hub: PaperHub, what: str, doc_id: str, number: int
) -> None:
    if what == "receive":
        with author.transaction() as tx:
            tx.upsert("inventory", shelf(doc_id, stock_level=number))
        replica.receive([*map(hub.part, waiting_payloads(author)[-1:])])
        return
    with replica.transaction() as tx:
        there = tx.get("inventory", doc_id) is not None
        if not there:
            tx.insert("inventory", shelf(doc_id, stock_level=number))
        elif what == "update":
            tx.update("inventory", doc_id, {"notes": str(number)})
        elif what == "restart":
            tx.restart("inventory", doc_id, ("stock_level",), number)
        elif what == "unset":
            tx.unset("inventory", doc_id, ("stock_level",))
        elif what == "delete":
            tx.delete("inventory", doc_id)


def test_a_waker_that_fails_keeps_nobody_from_saving(
    replica: Replica, caplog: pytest.LogCaptureFixture
) -> None:
    """What is committed is committed; a writer who is told otherwise would write it twice."""

    def broken() -> None:
        raise RuntimeError("the loop of this screen is closed")

    replica.live("inventory").on_wake(broken)
    other = replica.live("inventory")
    woken = Woken(other)
    committed: list[bool] = []
    replica.on_commit(lambda: committed.append(True))
    write(replica, "inv_1", notes="saved")
    assert replica.get("inventory", "inv_1")["notes"] == "saved"  # type: ignore[index]
    assert (woken.times, committed) == (1, [True])
    assert "RuntimeError" in caplog.text
