"""Events that a real replica set delivered, group by group, and the ops they become (M3, M4)."""

from __future__ import annotations

from sync.connector.events import Delivery, Event
from sync.core.stamps import ms_of_hlc
from tests.connector.bench import Bench
from tests.connector.recorded import events

DRILL = "550e8400-e29b-41d4-a716-446655440000"
ITEM = ("inventory", DRILL)
JOHN = ("customers", "cust_a1b2c3d4")
TACOMA = '{"store_id":"store_tacoma","product_id":"prod_x"}'

INSERTS, UPDATES, PIPELINE, COUNT, REPLACE = (
    slice(0, 2),
    slice(2, 6),
    slice(6, 7),
    slice(7, 8),
    slice(8, 9),
)
TYPED, ARRAYS, COMPOSITE, TRANSACTION = slice(9, 10), slice(10, 13), slice(13, 15), slice(15, 19)
BULK, CATEGORIES, LOOKED_UP, ENDS = slice(19, 24), slice(24, 30), slice(30, 33), slice(33, None)


def after(*groups: slice) -> tuple[Bench, list[Event]]:
    """A hub that has taken some groups, event by event."""
    bench, recorded = Bench(), events()
    for group in groups:
        for event in recorded[group]:
            bench.take(event)
    bench.batches()
    return bench, recorded


def test_an_insert_with_an_object_id_is_known_by_its_mapped_field() -> None:
    bench, recorded = after()
    bench.take(*recorded[INSERTS])
    ops = bench.ops()
    assert set(ops) == {JOHN, ITEM}
    assert ops[JOHN]["first_name"] == "John"
    assert ops[ITEM]["stock_level"] == 50 and ops[ITEM]["notes"] is None
    assert ops[ITEM]["location"] == {} and ops[ITEM]["location.bin"] == "12"


def test_updates_become_an_increment_a_leaf_a_replaced_map_and_removals() -> None:
    bench, recorded = after(INSERTS)
    told = []
    for event in recorded[UPDATES]:
        bench.take(event)
        told.append(bench.ops()[ITEM])
    assert told[0] == {"last_updated": "2024-12-05T15:00:00Z", "stock_level": "-2"}
    assert told[1] == {"location.aisle": "4"}
    assert told[2] == {
        "location": {},
        "location.aisle": "5",
        "location.shelf": "A",
        "location.bin": "-",
    }
    assert told[3] == {"location.shelf": "-", "notes": "-"}


def test_a_pipeline_update_is_told_from_its_replacement_by_what_differs() -> None:
    bench, recorded = after(INSERTS, UPDATES)
    bench.take(*recorded[PIPELINE])
    assert bench.ops() == {ITEM: {"stock_level": "-3"}}


def test_a_count_is_a_restart_because_the_time_of_counting_moved_with_it() -> None:
    bench, recorded = after(INSERTS, UPDATES, PIPELINE)
    bench.take(*recorded[COUNT])
    assert bench.ops() == {ITEM: {"stock_level": 37, "last_counted": "2024-12-06T09:00:00Z"}}


def test_a_replacement_removes_what_it_left_out() -> None:
    bench, recorded = after(INSERTS)
    bench.take(*recorded[REPLACE])
    removed = dict.fromkeys(["phone", "created_at", "updated_at"], "-")
    assert bench.ops() == {JOHN: {"first_name": "Johnny", **removed}}


def test_types_of_their_own_arrive_as_plain_json() -> None:
    bench, recorded = after()
    bench.take(*recorded[TYPED])
    product = bench.get("products", "prod_x")
    assert product is not None
    assert (product["base_price"], product["cost"], product["qty64"]) == (149.99, 100.0, 5)
    assert product["when"] == "2025-01-01T00:00:00Z"


def test_changes_within_an_array_write_the_whole_array() -> None:
    bench, recorded = after(TYPED)
    told = []
    for event in recorded[ARRAYS]:
        bench.take(event)
        told.append(bench.ops())
    products = ("products", "prod_x")
    assert told == [
        {products: {"tags": ["a", "b", "c"]}},
        {products: {"tags": ["a", "bb", "c"]}},
        {products: {"tags": ["bb", "c"]}},
    ]


def test_a_composite_id_is_bound_and_its_counter_counts() -> None:
    bench, recorded = after()
    for event in recorded[COMPOSITE]:
        bench.take(event)
    assert bench.get("inventory", TACOMA) is not None
    assert bench.ops()["inventory", TACOMA]["stock_level"] == "+1"


def test_a_transaction_is_one_batch_that_waits_until_it_is_known_to_be_whole() -> None:
    bench, recorded = after(INSERTS, UPDATES, PIPELINE, COUNT)
    first, *rest = recorded[TRANSACTION]
    bench.take(first)
    held = Bench()
    held.engine.take("", _delivery(first))
    assert held.batches() == [], "its end has not been seen"
    assert held.engine.position("") is None, "and so the position has to wait"
    bench, _ = after(INSERTS, UPDATES, PIPELINE, COUNT)
    bench.take(first, *rest)
    (batch,) = bench.batches()
    assert [delta.collection for delta in batch.deltas].count("order_items") == 2
    assert {delta.collection for delta in batch.deltas} == {"orders", "order_items", "inventory"}
    assert bench.hub.get("inventory", DRILL)["stock_level"] == 34  # type: ignore[index]


def test_a_bulk_write_ends_as_its_last_event_says() -> None:
    bench, recorded = after(INSERTS, TRANSACTION)
    bench.take(*recorded[BULK])
    assert bench.get("orders", "order_20251205_001") == {
        **(bench.get("orders", "order_20251205_001") or {}),
        "status": "completed",
    }
    assert bench.get("orders", "order_up") is None
    assert bench.get("customers", "cust_a1b2c3d4") is None


def test_a_soft_delete_elsewhere_is_a_field_like_any_other() -> None:
    bench, recorded = after()
    bench.take(*recorded[CATEGORIES])
    assert bench.get("categories", "cat_1") == {"n": 1, "deleted": True}


def test_a_looked_up_document_that_is_newer_than_its_event_is_not_believed() -> None:
    bench, recorded = after(CATEGORIES)
    first, second, gone = recorded[LOOKED_UP]
    bench.take(first)
    assert bench.get("categories", "cat_0") == {"n": 1, "deleted": True}, "not 2, as looked up"
    bench.take(second)
    assert bench.get("categories", "cat_0") == {"n": 2, "deleted": True}
    bench.take(gone)
    assert bench.get("categories", "cat_0") is None


def test_dropped_and_renamed_collections_stop_and_keep_what_the_hub_holds() -> None:
    bench, recorded = after(INSERTS, CATEGORIES)
    bench.engine.take("", _delivery(*recorded[ENDS]))
    states = {each.name: (each.state, each.reason) for each in bench.engine.progress()}
    assert states["categories"] == (
        "stopped",
        "The collection is named categories_old in MongoDB now.",
    )
    assert states["customers"] == ("stopped", "The collection was dropped in MongoDB.")
    assert bench.get("inventory", DRILL) is not None
    assert bench.engine.position("") is None, "the stream of a dropped database is over"


def test_stamps_are_cluster_times() -> None:
    bench, recorded = after(INSERTS)
    bench.take(recorded[2])
    (batch,) = bench.batches()
    assert batch.hlc == recorded[2].at
    assert ms_of_hlc(batch.hlc) == 1_795_183_524_000
    assert batch.user == "mongodb"


def _delivery(*delivered: Event) -> Delivery:
    return Delivery(delivered, delivered[-1].token)
