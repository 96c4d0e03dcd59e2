"""Observers: everything at first, then one difference after another (L5)."""

from __future__ import annotations

import pytest

from sync.local import Replica
from tests.helpers.observers import LOW, count, ids, watched, write
from tests.helpers.replicas import (
    STORE,
    PaperHub,
    open_replica,
    shelf,
    stocked,
    waiting_payloads,
)

BY_SHOP = "SELECT store_id, SUM(stock_level) AS pieces FROM inventory GROUP BY store_id"


@pytest.fixture
def replica() -> Replica:
    return stocked(4)


def test_it_begins_with_everything(replica: Replica) -> None:
    heard = watched(replica, LOW, {"limit": 3})
    (first,) = heard.told
    assert first.items == [{"_id": "inv_1", "n": 1}, {"_id": "inv_2", "n": 2}]
    assert ids(first, "inserted") == ["inv_1", "inv_2"]


def test_it_begins_with_nothing_where_nothing_is(replica: Replica) -> None:
    heard = watched(replica, "SELECT * FROM orders")
    assert [(changes.items, bool(changes)) for changes in heard.told] == [([], False)]
    with replica.transaction() as tx:
        tx.insert("orders", {"_id": "order_1"})
    assert heard.rows == [{"_id": "order_1"}]


def test_each_kind_of_change_is_told_apart(replica: Replica) -> None:
    heard = watched(replica, LOW, {"limit": 10})
    with replica.transaction() as tx:
        tx.insert("inventory", shelf("inv_9", stock_level=9))
        tx.restart("inventory", "inv_1", ("stock_level",), 5)
        tx.restart("inventory", "inv_2", ("stock_level",), 0)
        tx.delete("inventory", "inv_3")
    changes = heard.told[-1]
    assert ids(changes, "inserted") == ["inv_9"]
    assert sorted(ids(changes, "updated")) == ["inv_1", "inv_2"]
    assert ids(changes, "removed") == ["inv_3"]
    assert ids(changes, "moved") == ["inv_1"]
    assert [row["_id"] for row in heard.rows] == ["inv_2", "inv_4", "inv_1", "inv_9"]


def test_what_the_statement_cannot_see_is_not_told(replica: Replica) -> None:
    heard = watched(replica, LOW, {"limit": 3})
    write(replica, "inv_1", notes="not selected")
    write(replica, "inv_4", notes="not low")
    count(replica, "inv_4", 30)
    with replica.transaction() as tx:
        tx.insert("orders", {"_id": "order_1"})
    assert len(heard.told) == 1


def test_what_the_statement_cannot_see_runs_nothing(
    replica: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    observer = replica.register_observer(LOW, {"limit": 3})
    woken: list[bool] = []
    observer.on_wake(lambda: woken.append(True))
    write(replica, "inv_4", notes="not low")
    count(replica, "inv_4", 30)
    assert not woken
    count(replica, "inv_4", 2)
    assert woken


def test_a_projection_that_stays_the_same_is_not_told(replica: Replica) -> None:
    heard = watched(replica, "SELECT stock_level > 2 AS enough FROM inventory")
    count(replica, "inv_4", 40)
    assert len(heard.told) == 1


def test_groups_are_followed(replica: Replica) -> None:
    heard = watched(replica, BY_SHOP)
    assert heard.rows == [{"store_id": STORE, "pieces": 10}]
    write(replica, "inv_1", store_id="store_tacoma")
    assert heard.rows == [
        {"store_id": "store_tacoma", "pieces": 1},
        {"store_id": STORE, "pieces": 9},
    ]
    changes = heard.told[-1]
    assert [each.row["store_id"] for each in changes.inserted] == ["store_tacoma"]
    assert [each.row["store_id"] for each in changes.updated] == [STORE]


def test_a_join_follows_both_sides(replica: Replica) -> None:
    with replica.transaction() as tx:
        tx.insert("products", {"_id": "prod_1", "name": "Drill"})
    text = "SELECT i._id, p.name FROM inventory i JOIN products p ON p._id = i.product_id"
    heard = watched(replica, text + " WHERE i.stock_level < 2")
    with replica.transaction() as tx:
        tx.update("products", "prod_1", {"name": "Hammer drill"})
    assert heard.rows == [{"_id": "inv_1", "name": "Hammer drill"}]
    count(replica, "inv_2", 0)
    assert ids(heard.told[-1], "inserted") == ["inv_2"]
    with replica.transaction() as tx:
        tx.delete("products", "prod_1")
    assert heard.rows == []


def test_the_rows_of_a_select_within_follow(replica: Replica) -> None:
    with replica.transaction() as tx:
        tx.insert("orders", {"_id": "o1", "store_id": "a"})
        tx.insert("items", {"_id": "i1", "order_id": "o1"})
    text = "SELECT _id FROM items WHERE order_id IN (SELECT _id FROM orders WHERE store_id = :s)"
    old, new = (watched(replica, text, {"s": store}) for store in "ab")
    with replica.transaction() as tx:
        tx.update("orders", "o1", {"store_id": "b"})
    assert (old.rows, new.rows) == ([], [{"_id": "i1"}])


def test_equal_results_of_distinct_are_one_row(replica: Replica) -> None:
    heard = watched(replica, "SELECT DISTINCT store_id FROM inventory")
    write(replica, "inv_1", store_id="b")
    write(replica, "inv_2", store_id="b")
    assert heard.rows == [{"store_id": "b"}, {"store_id": STORE}]
    assert len(heard.told) == 2


def test_what_slides_into_a_limit_is_inserted(replica: Replica) -> None:
    heard = watched(replica, "SELECT * FROM inventory ORDER BY stock_level LIMIT 2")
    count(replica, "inv_1", 9)
    changes = heard.told[-1]
    assert (ids(changes, "inserted"), ids(changes, "removed")) == (["inv_3"], ["inv_1"])


def test_a_burst_from_the_hub_is_one_difference(replica: Replica) -> None:
    hub, other = PaperHub(), open_replica(seed=2)
    heard = watched(other, "SELECT _id FROM inventory ORDER BY _id")
    for number in range(30):
        write(replica, "inv_1", notes=str(number))
    other.receive([hub.hello(), *map(hub.part, waiting_payloads(replica))])
    assert [len(changes.inserted) for changes in heard.told] == [0, 4]


def test_a_transaction_that_is_undone_is_not_told(replica: Replica) -> None:
    heard = watched(replica, LOW, {"limit": 9})
    with pytest.raises(KeyError), replica.transaction() as tx:
        tx.delete("inventory", "inv_1")
        raise KeyError
    assert len(heard.told) == 1


def test_rows_are_copies(replica: Replica) -> None:
    observer = replica.register_observer("SELECT * FROM inventory ORDER BY _id")
    first = observer.first()
    first.items[0]["location"]["bin"] = "changed"
    first.inserted[0].row["location"]["bin"] = "changed"
    observer.items[0]["location"]["bin"] = "changed"
    assert observer.items[0]["location"]["bin"] == "12"


def test_what_the_clock_says_is_looked_at_when_something_else_changes() -> None:
    replica = stocked(2)
    heard = watched(replica, "SELECT _id, clock() AS now FROM inventory")
    count(replica, "inv_1", 5)
    assert len(heard.told) == 1
    with replica.transaction() as tx:
        tx.delete("inventory", "inv_2")
    assert [row["_id"] for row in heard.rows] == ["inv_1"]
