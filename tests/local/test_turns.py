"""Transactions take turns, on event loops too; read-only ones see one state and hinder nobody."""

from __future__ import annotations

import asyncio
import threading

import pytest

from sync.errors import DocumentMissing, SnapshotTooOld, TransactionOpen
from sync.local import Replica, snapshot
from sync.query.errors import ReadOnly
from tests.helpers.replicas import PaperHub, open_replica, stocked, waiting_payloads


@pytest.fixture
def replica() -> Replica:
    return stocked(3)


def total(reader: Replica | snapshot.Snapshot) -> int:
    return int(reader.execute("SELECT SUM(stock_level) AS n FROM inventory").items[0]["n"])


async def test_tasks_take_turns_in_the_order_in_which_they_asked(replica: Replica) -> None:
    order: list[int] = []

    async def work(number: int) -> None:
        async with replica.transaction() as tx:
            order.append(number)
            await asyncio.sleep(0)
            before = tx.get("inventory", "inv_1")
            assert before is not None
            tx.update("inventory", "inv_1", {"stock_level": before["stock_level"] + 1})
            await asyncio.sleep(0)

    await asyncio.gather(*(work(number) for number in range(5)))
    assert order == [0, 1, 2, 3, 4]
    assert replica.get("inventory", "inv_1") is not None
    assert total(replica) == 1 + 5 + 2 + 3


async def test_an_error_undoes_an_awaited_transaction(replica: Replica) -> None:
    with pytest.raises(DocumentMissing):
        async with replica.transaction() as tx:
            tx.update("inventory", "inv_1", {"notes": "x"})
            tx.update("inventory", "nobody", {"notes": "x"})
    assert replica.get("inventory", "inv_1") == stocked(1).get("inventory", "inv_1")


async def test_waiting_keeps_nobody_from_working(replica: Replica) -> None:
    entered = asyncio.Event()

    async def slow() -> None:
        async with replica.transaction() as tx:
            entered.set()
            tx.update("inventory", "inv_1", {"notes": "slow"})
            for _ in range(10):
                await asyncio.sleep(0)

    async def waiting() -> None:
        async with replica.transaction() as tx:
            tx.update("inventory", "inv_1", {"notes": "next"})

    tasks = [asyncio.create_task(slow()), asyncio.create_task(waiting())]
    await entered.wait()
    assert replica.count("inventory") == 3
    await asyncio.gather(*tasks)
    assert replica.find("inventory")[0]["notes"] == "next"


async def test_a_cancelled_task_gives_its_place_in_the_queue_up(replica: Replica) -> None:
    async with replica.transaction():
        waiting = asyncio.create_task(replica.transaction().__aenter__())
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
    with replica.transaction() as tx:
        tx.update("inventory", "inv_1", {"notes": "x"})


async def test_a_transaction_that_could_never_begin_is_refused(replica: Replica) -> None:
    async with replica.transaction():
        with pytest.raises(TransactionOpen), replica.transaction():
            pass
        with pytest.raises(TransactionOpen):
            async with replica.transaction():
                pass


async def test_a_thread_waits_for_a_task(replica: Replica) -> None:
    done = threading.Event()

    def write() -> None:
        replica.execute("UPDATE inventory SET notes = 'thread'")
        done.set()

    async with replica.transaction() as tx:
        thread = threading.Thread(target=write)
        thread.start()
        tx.update("inventory", "inv_1", {"notes": "task"})
    await asyncio.to_thread(thread.join)
    assert done.is_set()
    assert replica.find("inventory")[0]["notes"] == "thread"


async def test_what_arrives_during_an_awaited_transaction_is_kept() -> None:
    hub, here, there = PaperHub(), open_replica(seed=1), open_replica(seed=2)
    with there.transaction() as tx:
        tx.insert("inventory", {"_id": "i", "a": 0, "b": 0})
    (born,) = waiting_payloads(there)
    part = hub.part(born)
    here.receive([hub.hello(), part])
    with there.transaction() as tx:
        tx.update("inventory", "i", {"b": 1})
    later = waiting_payloads(there)[-1]
    async with here.transaction() as tx:
        tx.update("inventory", "i", {"a": 1})
        here.receive([hub.part(later)])
    assert here.get("inventory", "i") == {"_id": "i", "a": 1, "b": 1}
    here.check()


def test_a_read_only_transaction_sees_one_state(replica: Replica) -> None:
    replica.execute("CREATE INDEX by_stock ON inventory (stock_level)")
    with replica.transaction(read_only=True) as view:
        assert total(view) == 6
        replica.execute("UPDATE inventory SET stock_level = 100 WHERE _id = 'inv_1'")
        replica.execute("DELETE FROM inventory WHERE _id = 'inv_2'")
        replica.execute("INSERT INTO inventory DOCUMENTS ({'_id': 'new', 'stock_level': 9})")
        assert total(view) == 6
        high = view.execute("SELECT _id FROM inventory WHERE stock_level > 2 ORDER BY stock_level")
        assert high.items == [{"_id": "inv_3"}]
        assert view.execute("SELECT COUNT(*) AS n FROM inventory").items == [{"n": 3}]
        assert view.get("inventory", "new") is None
    assert total(replica) == 112


async def test_a_read_only_transaction_changes_nothing(replica: Replica) -> None:
    async with replica.transaction(read_only=True) as view:
        for text in ("DELETE FROM inventory", "CREATE INDEX x ON inventory (a)"):
            with pytest.raises(ReadOnly):
                view.execute(text)


def test_a_snapshot_that_is_left_too_far_behind_says_so(
    replica: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot, "SNAPSHOT_DOCUMENTS_MAX", 2)
    with replica.transaction(read_only=True) as view:
        replica.execute("UPDATE inventory SET notes = 'x'")
        with pytest.raises(SnapshotTooOld):
            total(view)
