"""Many new documents at once: the same as if each had been inserted, in a fraction of the time."""

from __future__ import annotations

import pytest

from sync.core.batch import BATCH_OPS_MAX
from sync.errors import BatchTooLarge, InvalidPath, InvalidValue
from tests.helpers.replicas import open_replica

DOCUMENTS = [
    {"_id": "b", "name": "Fernhollow Spade", "location": {"aisle": "3", "spare": {}}},
    {"_id": "a", "name": "Säge", "price": 12.5, "tags": ["x"], "deleted": False},
]


def test_they_are_as_if_inserted() -> None:
    quick, slow = open_replica(kind="hub"), open_replica(kind="hub")
    with quick.transaction() as tx:
        assert tx.insert_new("products", DOCUMENTS) == 2
    with slow.transaction() as tx:
        for document in DOCUMENTS:
            tx.insert("products", document)
    for doc_id in ("a", "b"):
        row, other = (r.parts.documents.rows("products", [doc_id])[doc_id] for r in (quick, slow))
        assert row.body == other.body
    assert list(quick.find("products")) == list(slow.find("products"))


def test_what_was_ever_here_stays_as_it_is() -> None:
    replica = open_replica(kind="hub")
    with replica.transaction() as tx:
        tx.insert("products", {"_id": "a", "name": "first"})
        tx.insert("products", {"_id": "gone", "name": "first"})
    with replica.transaction() as tx:
        tx.delete("products", "gone")
    with replica.transaction() as tx:
        again = [{"_id": i, "name": "second"} for i in ("a", "gone", "new", "new")]
        assert tx.insert_new("products", again) == 1
    assert replica.get("products", "a") == {"_id": "a", "name": "first"}
    assert replica.get("products", "gone") is None
    assert replica.get("products", "new") == {"_id": "new", "name": "second"}


def test_the_transaction_that_made_them_sees_and_changes_them() -> None:
    replica = open_replica(kind="hub")
    with replica.transaction() as tx:
        tx.insert_new("products", DOCUMENTS)
        assert tx.get("products", "a") == DOCUMENTS[1]
        tx.update("products", "b", {"name": "Spade"})
        assert set(tx.documents()["products"]) == {"a", "b"}
    assert replica.get("products", "b") == {**DOCUMENTS[0], "name": "Spade"}
    assert replica.get("products", "a") == DOCUMENTS[1]


def test_many_births_are_one_entry_of_the_log() -> None:
    replica = open_replica(kind="hub")
    before = replica.identity.seq
    with replica.transaction() as tx:
        tx.insert_new("products", [{"_id": f"p{n}", "n": n} for n in range(500)])
    assert replica.identity.seq == before + 1


def test_a_caught_error_leaves_the_transaction_usable() -> None:
    replica = open_replica(kind="hub")
    with replica.transaction() as tx:
        with pytest.raises(InvalidValue):
            tx.insert_new("products", [{"_id": "x", "price": float("nan")}])
        with pytest.raises(InvalidPath):
            tx.insert_new("products", [{"_id": "x", "": 1}])
        with pytest.raises(InvalidValue):
            tx.insert_new("products", [{"name": "without an id"}])
        assert tx.insert_new("products", DOCUMENTS) == 2
    assert replica.count("products") == 2


def test_a_transaction_has_an_end() -> None:
    replica = open_replica(kind="hub")
    many = [
        {"_id": str(n), **dict.fromkeys("abcdefghi", 1)} for n in range(BATCH_OPS_MAX // 10 + 1)
    ]
    with pytest.raises(BatchTooLarge), replica.transaction() as tx:
        tx.insert_new("products", many)
    assert replica.count("products") == 0


def test_a_device_sends_what_it_loaded() -> None:
    device = open_replica()
    with device.transaction() as tx:
        tx.insert_new("products", DOCUMENTS)
    assert device.outbox().pending == 1
