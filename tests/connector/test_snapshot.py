"""Reading collections whole: at first, and whenever a position was lost (M2)."""

from __future__ import annotations

from typing import Any

from sync.connector.events import Deleted, Description, Dropped, Inserted, Updated
from sync.connector.ports import Chunk
from sync.connector.rules import CollectionRule
from sync.core.values import DOCUMENT_BYTES_MAX
from tests.connector.bench import INVENTORY, Bench

ORDERS = CollectionRule("orders")


def order(n: int, **fields: Any) -> dict[str, Any]:
    return {"_id": f"o{n}", "n": n, **fields}


def test_a_snapshot_goes_on_where_it_was_killed() -> None:
    bench = Bench(ORDERS, live=False)
    assert bench.engine.due() == ["orders"]
    bench.read("orders", [order(1), order(2)])
    bench.restart()
    assert bench.engine.resume_after("orders") == ("o2", 2)
    bench.read("orders", [order(3)])
    bench.engine.finish("orders", 5)
    assert bench.engine.due() == []
    assert len(bench.hub.find("orders")) == 3


def test_the_hubs_own_documents_wait_until_the_snapshot_is_complete() -> None:
    bench = Bench(ORDERS, live=False)
    with bench.hub.transaction() as tx:
        tx.insert("orders", order(1))
        tx.insert("orders", order(9))
    assert bench.writes() == []
    bench.read("orders", [order(1)])
    bench.engine.finish("orders", 5)
    assert [write.doc_id for write in bench.writes()] == ["o9"]


def test_what_was_deleted_while_it_was_read_stays_deleted() -> None:
    bench = Bench(ORDERS, live=False)
    bench.take(Inserted("orders", 2 << 20, "2", None, "o1", order(1)))
    bench.take(Deleted("orders", 4 << 20, "4", None, "o1"))
    bench.read("orders", [order(1)], at=3 << 20)
    assert bench.get("orders", "o1") is None


def test_events_older_than_what_was_read_are_old_news() -> None:
    bench = Bench(ORDERS, live=False)
    bench.read("orders", [order(1, note="new")], at=5 << 20)
    told = Description({"note": "old"})
    bench.take(Updated("orders", 4 << 20, "4", None, "o1", told, None))
    assert bench.get("orders", "o1") == {"n": 1, "note": "new"}


def test_a_lost_position_is_made_up_for_by_comparing_with_the_shadow() -> None:
    bench = Bench(INVENTORY)
    for n in (1, 2):
        document = {"_id": f"i{n}", "stock_level": 50, "note": "a"}
        bench.take(Inserted("inventory", n << 20, str(n), None, f"i{n}", document))
    bench.batches()
    bench.engine.lost("", "The oplog has rolled over.")
    assert bench.engine.due() == ["inventory"]
    bench.engine.start("", "9")
    assert bench.get("inventory", "i1") is not None, "the old state keeps serving"
    bench.read("inventory", [{"_id": "i1", "stock_level": 45, "note": "b"}], at=9 << 20)
    bench.engine.finish("inventory", 9 << 20)
    ops = bench.ops()
    assert ops["inventory", "i1"] == {"stock_level": "-5", "note": "b"}
    assert ops["inventory", "i2"] == {"document": "-"}


def test_an_empty_collection_stops_until_an_operator_says_so() -> None:
    bench = Bench(ORDERS)
    bench.take(Inserted("orders", 2 << 20, "2", None, "o1", order(1)))
    bench.engine.lost("", "gone")
    bench.engine.finish("orders", 9 << 20)
    (progress,) = bench.engine.progress()
    assert progress.state == "stopped" and "empty" in progress.reason
    assert bench.get("orders", "o1") is not None
    bench.engine.again("orders", "by hand")
    bench.engine.finish("orders", 9 << 20, force=True)
    assert bench.get("orders", "o1") is None


def test_without_initial_sync_only_later_changes_are_exchanged() -> None:
    bench = Bench(CollectionRule("orders", initial_sync=False), live=False)
    assert bench.engine.due() == []
    with bench.hub.transaction() as tx:
        tx.insert("orders", order(2))
    assert [write.doc_id for write in bench.writes()] == ["o2"]


def test_a_document_too_large_is_parked_and_the_others_flow() -> None:
    bench = Bench(ORDERS)
    large = order(1, text="x" * DOCUMENT_BYTES_MAX)
    bench.take(
        Inserted("orders", 2 << 20, "2", None, "o1", large),
        Inserted("orders", 3 << 20, "3", None, "o2", order(2)),
    )
    assert [letter.reason for letter in bench.engine.letters()] == ["too_large"]
    assert bench.get("orders", "o1") is None and bench.get("orders", "o2") is not None
    assert bench.writes() == []
    bench.take(
        Updated("orders", 4 << 20, "4", None, "o1", Description({"text": "x"}), order(1, text="x"))
    )
    assert bench.get("orders", "o1") == {"n": 1, "text": "x"}
    assert bench.engine.letters() == []


def test_both_sides_may_have_a_document_before_they_meet() -> None:
    bench = Bench(ORDERS, live=False)
    with bench.hub.transaction() as tx:
        tx.insert("orders", order(1, mine="kept", both="hub"))
    bench.batches()
    bench.read("orders", [order(1, both="mongodb", theirs="new")])
    bench.engine.finish("orders", 0)
    assert bench.ops() == {("orders", "o1"): {"both": "mongodb", "theirs": "new"}}
    (write,) = bench.writes()
    assert write.set == {"mine": "kept"}


def test_a_chunk_without_documents_is_the_end() -> None:
    bench = Bench(ORDERS, live=False)
    bench.engine.images("orders", Chunk((), "o0"))
    bench.engine.finish("orders", 0)
    assert bench.engine.due() == []


def test_a_document_that_changes_before_and_after_the_end_of_a_collection_keeps_both() -> None:
    bench = Bench(ORDERS, INVENTORY)
    bench.take(Inserted("orders", 2 << 20, "2", None, "o1", order(1, note="old", by="ben")))
    bench.take(
        Updated("orders", 3 << 20, "3", None, "o1", Description({"note": "new"}), None),
        Dropped("inventory", 4 << 20, "4", None),
        Updated("orders", 5 << 20, "5", None, "o1", Description({"by": "ana"}), None),
    )
    assert bench.get("orders", "o1") == {"n": 1, "note": "new", "by": "ana"}
    assert bench.writes() == []
    bench.engine.again("orders", "looked at once more")
    bench.batches()
    bench.read("orders", [order(1, note="new", by="ana")], at=6 << 20)
    assert bench.batches() == [], "the shadow has both"
