"""How observers tell: one difference at a time, on a thread or a loop, until they end (L5)."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from sync.local import Changes, Observer, Replica
from sync.query.errors import (
    JoinNeedsIndex,
    NotSupported,
    ParameterMissing,
    StatementUnreadable,
)
from tests.helpers.observers import LOW, Heard, Later, at_once, count, watched, write
from tests.helpers.replicas import STORE, stocked


@pytest.fixture
def replica() -> Replica:
    return stocked(4)


class TestBackPressure:
    def test_what_comes_before_delivery_is_one_difference(self, replica: Replica) -> None:
        later = Later()
        heard = watched(replica, LOW, {"limit": 9}, deliver=later)
        later.run()
        for number in range(5):
            count(replica, "inv_1", number)
        assert len(later.tasks) == 1
        later.run()
        assert [each.row["n"] for each in heard.told[-1].updated] == [4]
        assert len(heard.told) == 2

    def test_what_comes_and_goes_meanwhile_is_never_told(self, replica: Replica) -> None:
        later = Later()
        heard = watched(replica, LOW, {"limit": 9}, deliver=later)
        later.run()
        count(replica, "inv_1", 7)
        count(replica, "inv_1", 1)
        later.run()
        assert len(heard.told) == 1

    def test_a_paced_callback_gets_the_next_one_when_it_says_so(self, replica: Replica) -> None:
        heard = Heard()
        observer = replica.register_observer(LOW, {"limit": 9}, heard, deliver=at_once, paced=True)
        count(replica, "inv_1", 7)
        count(replica, "inv_1", 8)
        assert len(heard.told) == 1
        observer.signal_next()
        assert [each.row["n"] for each in heard.told[-1].updated] == [8]
        observer.signal_next()
        observer.signal_next()
        assert len(heard.told) == 2
        count(replica, "inv_1", 0)
        assert len(heard.told) == 3

    def test_a_callback_that_writes_is_called_again_not_within_itself(
        self, replica: Replica
    ) -> None:
        depth: list[int] = []
        running = 0

        def callback(changes: Changes) -> None:
            nonlocal running
            running += 1
            depth.append(running)
            if len(depth) < 4:
                count(replica, "inv_1", 10 + len(depth))
            running -= 1

        replica.register_observer(LOW, {"limit": 99}, callback, deliver=at_once)
        assert depth == [1, 1, 1, 1]


class TestEnd:
    def test_a_cancelled_one_hears_nothing_more(self, replica: Replica) -> None:
        heard = Heard()
        observer = replica.register_observer(LOW, {"limit": 9}, heard, deliver=at_once)
        observer.cancel()
        observer.cancel()
        write(replica, "inv_1", stock_level=3)
        assert len(heard.told) == 1
        assert not observer.refresh()

    def test_not_even_what_was_under_way(self, replica: Replica) -> None:
        later, heard = Later(), Heard()
        observer = replica.register_observer(LOW, {"limit": 9}, heard, deliver=later)
        later.run()
        count(replica, "inv_1", 3)
        observer.cancel()
        later.run()
        assert len(heard.told) == 1

    def test_it_ends_with_its_replica(self, replica: Replica) -> None:
        observer = replica.register_observer(LOW, {"limit": 9})
        replica.close()
        assert observer.is_cancelled
        assert len(observer.items) == 4
        assert not observer.refresh()

    def test_without_observers_nothing_is_noted(self, replica: Replica) -> None:
        watchers = replica.parts.documents.watchers
        one, two = (replica.register_observer(LOW, {"limit": 9}) for _ in range(2))
        one.cancel()
        assert len(watchers) == 1
        two.cancel()
        assert not watchers


class TestMistakes:
    @pytest.mark.parametrize(
        ("text", "args", "error"),
        [
            ("SELEC *", {}, StatementUnreadable),
            ("SELECT * FROM inventory WHERE _id = :a", {}, ParameterMissing),
            ("DELETE FROM inventory", {}, NotSupported),
            ("SELECT * FROM system:outbox", {}, NotSupported),
            ("SELECT * FROM a JOIN b ON b.x = a.y", {}, JoinNeedsIndex),
        ],
    )
    def test_a_statement_is_refused_when_it_is_registered(
        self, replica: Replica, text: str, args: Any, error: type[Exception]
    ) -> None:
        with pytest.raises(error):
            replica.register_observer(text, args, print)
        assert not replica.parts.documents.watchers

    def test_a_callback_that_fails_breaks_neither_the_commit_nor_the_others(
        self, replica: Replica, caplog: pytest.LogCaptureFixture
    ) -> None:
        calls: list[Changes] = []

        def broken(changes: Changes) -> None:
            calls.append(changes)
            raise RuntimeError("the screen is gone")

        replica.register_observer(LOW, {"limit": 9}, broken, deliver=at_once)
        heard = watched(replica, LOW, {"limit": 9})
        count(replica, "inv_1", 5)
        count(replica, "inv_1", 6)
        assert replica.get("inventory", "inv_1")["stock_level"] == 6  # type: ignore[index]
        assert (len(calls), len(heard.told)) == (3, 3)
        assert "the screen is gone" in caplog.text

    def test_an_index_that_is_dropped_later_is_told_and_survived(
        self, replica: Replica, caplog: pytest.LogCaptureFixture
    ) -> None:
        replica.execute("CREATE INDEX by_shelf ON orders (shelf)")
        text = "SELECT o._id FROM inventory i JOIN orders o ON o.shelf = i._id ORDER BY o.shelf"
        heard = watched(replica, text)
        replica.execute("DROP INDEX by_shelf ON orders")
        with replica.transaction() as tx:
            tx.insert("orders", {"_id": "order_1", "shelf": "inv_1"})
        assert "JoinNeedsIndex" in caplog.text
        replica.execute("CREATE INDEX by_shelf ON orders (shelf)")
        with replica.transaction() as tx:
            tx.insert("orders", {"_id": "order_2", "shelf": "inv_2"})
        assert heard.rows == [{"_id": "order_1"}, {"_id": "order_2"}]

    def test_arguments_that_are_changed_later_change_nothing(self, replica: Replica) -> None:
        wanted = ["inv_1"]
        heard = watched(replica, "SELECT _id FROM inventory WHERE _id IN :ids", {"ids": wanted})
        wanted.append("inv_2")
        write(replica, "inv_1", notes="look again")
        write(replica, "inv_1", _extra=1)
        assert heard.rows == [{"_id": "inv_1"}]


def test_without_a_loop_callbacks_come_on_a_thread_of_the_replica(replica: Replica) -> None:
    heard: list[tuple[threading.Thread, Changes]] = []
    came = threading.Semaphore(0)

    def callback(changes: Changes) -> None:
        heard.append((threading.current_thread(), changes))
        came.release()

    replica.register_observer(LOW, {"limit": 9}, callback)
    assert came.acquire(timeout=20)
    count(replica, "inv_1", 5)
    assert came.acquire(timeout=20)
    assert {thread.name for thread, _ in heard} == {"observers"}
    replica.close()
    assert not heard[0][0].is_alive()


async def test_on_a_loop_callbacks_come_on_that_loop(replica: Replica) -> None:
    heard: list[threading.Thread] = []
    came = asyncio.Event()

    def callback(changes: Changes) -> None:
        heard.append(threading.current_thread())
        came.set()

    replica.register_observer(LOW, {"limit": 9}, callback)
    assert not heard
    await asyncio.wait_for(came.wait(), 20)
    came.clear()
    await asyncio.to_thread(count, replica, "inv_1", 5)
    await asyncio.wait_for(came.wait(), 20)
    assert heard == [threading.current_thread()] * 2


async def test_it_is_read_by_async_for_and_merges_what_it_is_too_slow_for(
    replica: Replica,
) -> None:
    observer = replica.register_observer(LOW, {"limit": 9})
    rows: list[Any] = []
    looks = 0
    async for changes in observer:
        looks += 1
        rows = changes.applied_to(rows)
        if looks == 1:
            await asyncio.to_thread(count, replica, "inv_1", 7)
            await asyncio.to_thread(count, replica, "inv_1", 0)
        elif looks == 2:
            assert [row["n"] for row in rows] == [0, 2, 3, 4]
            observer.cancel()
    assert looks == 2


async def test_closing_the_replica_ends_a_loop_that_waits(replica: Replica) -> None:
    observer = replica.register_observer(LOW, {"limit": 9})
    begun = asyncio.Event()

    async def follow(observer: Observer) -> int:
        looks = 0
        async for _ in observer:
            looks += 1
            begun.set()
        return looks

    following = asyncio.create_task(follow(observer))
    await asyncio.wait_for(begun.wait(), 20)
    replica.close()
    assert await asyncio.wait_for(following, 20) == 1


def test_a_slow_callback_holds_up_no_commit(replica: Replica) -> None:
    """It hangs on its own thread; what is committed meanwhile is one difference."""
    hanging, let_go, done = threading.Event(), threading.Event(), threading.Event()
    told: list[Changes] = []

    def callback(changes: Changes) -> None:
        told.append(changes)
        if len(told) == 1:
            hanging.set()
            let_go.wait(20)
        else:
            done.set()

    replica.register_observer(LOW, {"limit": 99}, callback)
    assert hanging.wait(20)
    for number in range(50):
        count(replica, "inv_1", number)
    let_go.set()
    assert done.wait(20)
    replica.close()
    assert [each.row["n"] for each in told[1].updated] == [49]
    assert len(told) == 2


def test_readers_and_writers_at_the_same_time(replica: Replica) -> None:
    """Nothing is missed between a look and the commit that follows it."""
    text = "SELECT store_id, SUM(stock_level) AS pieces FROM inventory GROUP BY store_id"
    observers = [replica.register_observer(each) for each in (text, "SELECT * FROM inventory")]
    woken = threading.Semaphore(0)
    for observer in observers:
        observer.on_wake(woken.release)

    def write_a_lot(doc_id: str) -> None:
        for _ in range(40):
            with replica.transaction() as tx:
                tx.increment("inventory", doc_id, ("stock_level",), 1)

    writers = [threading.Thread(target=write_a_lot, args=(f"inv_{n}",)) for n in (1, 2)]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        if woken.acquire(timeout=0.05):
            for observer in observers:
                observer.refresh()
    for writer in writers:
        writer.join()
    for observer in observers:
        observer.refresh()
    assert observers[0].items == [{"store_id": STORE, "pieces": 10 + 80}]
    assert observers[1].items == replica.execute("SELECT * FROM inventory").items
