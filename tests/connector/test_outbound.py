"""What goes out to MongoDB: differences, one write a document, guarded where there are counters."""

from __future__ import annotations

from typing import Any

from bson import Decimal128

from sync.connector.events import Deleted, Description, Inserted, Updated
from sync.connector.ports import Guard, Write
from sync.connector.rules import CollectionRule
from tests.connector.bench import INVENTORY, Bench

ORDERS = CollectionRule("orders")
KEPT = CollectionRule("orders", hard_deletes=True)


def known(rule: CollectionRule = ORDERS, **fields: Any) -> Bench:
    """A hub and MongoDB that both have one document."""
    bench = Bench(rule)
    document = {"_id": "d1", "total": Decimal128("149.99"), "note": "old", **fields}
    bench.take(Inserted(rule.name, 1 << 20, "1", None, "d1", document))
    assert bench.writes() == [], "what came from MongoDB does not go back"
    bench.batches()
    return bench


def change(bench: Bench, collection: str, fields: dict[str, Any]) -> None:
    with bench.hub.transaction(author="user_ana") as tx:
        tx.update(collection, "d1", fields)


def echo(write: Write, at: int = 9, **fields: Any) -> Updated:
    """The event of an update that was carried out."""
    told = Description({**write.set, **fields}, write.unset)
    return Updated(write.collection, at << 20, str(at), None, write.key, told, None)


def test_many_changes_of_a_document_are_one_write_of_what_differs() -> None:
    bench = known()
    change(bench, "orders", {"note": "newer"})
    change(bench, "orders", {"note": "newest", "total": 10.5})
    (write,) = bench.writes()
    assert write.kind == "update" and write.guard is None
    assert write.set == {"note": "newest", "total": Decimal128("10.5")}, "types are kept"
    assert bench.writes() == [], "one write of a document is under way at a time"


def test_an_echo_advances_the_shadow_and_is_nobodys_change() -> None:
    bench = known()
    change(bench, "orders", {"note": "new"})
    bench.batches()
    (write,) = bench.writes()
    bench.answer(write)
    bench.take(echo(write))
    assert bench.batches() == [] and bench.engine.under_way == 0
    assert bench.writes() == []


def test_an_outside_change_beside_the_echo_of_another_field_is_taken() -> None:
    bench = known()
    change(bench, "orders", {"note": "ours"})
    (write,) = bench.writes()
    bench.batches()
    theirs = Description({"total": 7})
    bench.take(Updated("orders", 5 << 20, "5", None, "d1", theirs, None), echo(write))
    bench.answer(write)
    assert bench.ops() == {("orders", "d1"): {"total": 7}}
    assert bench.get("orders", "d1") == {"total": 7, "note": "ours"}
    assert bench.writes() == []


def test_a_value_that_lost_here_is_overwritten_there_again() -> None:
    bench = known()
    bench.clock.move(60_000)
    change(bench, "orders", {"note": "later"})
    theirs = Description({"note": "earlier"})
    bench.take(Updated("orders", 5 << 20, "5", None, "d1", theirs, None))
    assert bench.get("orders", "d1") == {"total": 149.99, "note": "later"}
    (write,) = bench.writes()
    assert write.set == {"note": "later"}


def test_a_counter_goes_out_as_what_it_was_moved_by_and_guarded() -> None:
    bench = known(INVENTORY, stock_level=50)
    with bench.hub.transaction(author="user_ana") as tx:
        tx.increment("inventory", "d1", ("stock_level",), -3)
    (write,) = bench.writes()
    assert write.inc == {"stock_level": -3}
    assert write.guard == Guard("_zava.zava", None)
    assert write.set == {"_zava.zava": write.number}
    bench.answer(write)
    bench.take(echo(write, stock_level=47))
    assert bench.hub.get("inventory", "d1")["stock_level"] == 47  # type: ignore[index]
    with bench.hub.transaction(author="user_ana") as tx:
        tx.restart("inventory", "d1", ("stock_level",), 40)
    (second,) = bench.writes()
    assert second.inc == {"stock_level": -7}, "a count goes out as the difference it makes"
    assert second.guard == Guard("_zava.zava", write.number)


def test_the_reserved_field_never_enters_a_replica() -> None:
    bench = known(INVENTORY, stock_level=1, _zava={"other": 3, "zava": 1})
    assert "_zava" not in (bench.get("inventory", "d1") or {})


def test_a_sale_elsewhere_and_a_sale_here_both_count() -> None:
    bench = known(INVENTORY, stock_level=50)
    with bench.hub.transaction(author="user_ana") as tx:
        tx.increment("inventory", "d1", ("stock_level",), -3)
    (write,) = bench.writes()
    erp = Description({"stock_level": 45})
    bench.take(Updated("inventory", 5 << 20, "5", None, "d1", erp, None))
    assert bench.get("inventory", "d1")["stock_level"] == 42  # type: ignore[index]
    bench.answer(write)
    bench.take(echo(write, stock_level=42))
    assert bench.get("inventory", "d1")["stock_level"] == 42  # type: ignore[index]
    assert bench.writes() == []


def test_a_new_document_is_inserted_under_an_id_derived_from_its_own() -> None:
    bench = Bench(INVENTORY)
    with bench.hub.transaction(author="user_ana") as tx:
        tx.insert("inventory", {"_id": "inv_1", "stock_level": 3})
    (write,) = bench.writes()
    assert write.kind == "insert"
    assert write.document == {"_id": "inv_1", "stock_level": 3, "_zava": {"zava": write.number}}
    bench.answer(write)
    bench.take(Inserted("inventory", 5 << 20, "5", None, "inv_1", write.document))
    assert bench.engine.under_way == 0 and bench.writes() == []


def test_a_deletion_here_is_a_flag_there_unless_the_rules_say_otherwise() -> None:
    for rule in (ORDERS, KEPT):
        bench = known(rule)
        with bench.hub.transaction(author="user_ana") as tx:
            tx.delete("orders", "d1")
        (write,) = bench.writes()
        if rule.hard_deletes:
            assert write.kind == "delete"
            bench.answer(write)
            bench.take(Deleted("orders", 9 << 20, "9", None, "d1"))
        else:
            assert write.set == {"deleted": True, "deleted_at": "2026-11-22T12:00:00Z"}
            bench.answer(write)
            bench.take(echo(write))
        assert bench.get("orders", "d1") is None
        assert bench.writes() == [] and bench.engine.under_way == 0


def test_a_deletion_elsewhere_beats_all_the_hub_holds() -> None:
    bench = known()
    bench.clock.move(3_600_000)
    change(bench, "orders", {"note": "an hour ahead of the cluster"})
    bench.take(Deleted("orders", 9 << 20, "9", None, "d1"))
    assert bench.get("orders", "d1") is None
    assert bench.writes() == [], "and nothing brings it back"


def test_names_that_mongodb_cannot_address_go_out_with_the_map_around_them() -> None:
    bench = known(specs={"a.b": 1, "c": 2})
    change(bench, "orders", {"specs": {"a.b": 5, "c": 3}})
    (write,) = bench.writes()
    assert write.set == {"specs": {"a.b": 5, "c": 3}}


def test_a_top_level_name_that_mongodb_cannot_address_is_parked_and_the_rest_flows() -> None:
    bench = known()
    change(bench, "orders", {"a.b": 1, "note": "new"})
    (write,) = bench.writes()
    assert write.set == {"note": "new"}
    assert [letter.reason for letter in bench.engine.letters()] == ["field_name"]


def test_what_mongodb_refuses_is_parked_with_its_reason_until_somebody_tries_again() -> None:
    bench = known()
    change(bench, "orders", {"note": None})
    (write,) = bench.writes()
    bench.answer(write, outcome="refused", code="validator")
    (letter,) = bench.engine.letters()
    assert (letter.reason, letter.way, letter.doc_id) == ("validator", "out", "d1")
    assert bench.writes() == [], "it is not sent again by itself"
    bench.engine.retry(letter.number)
    (again,) = bench.writes()
    assert again.set == {"note": None} and again.number > write.number
    bench.answer(again)
    bench.take(echo(again))
    assert bench.engine.letters() == []


def test_a_broken_line_is_no_reason_to_send_again_before_the_stream_has_told() -> None:
    bench = known(INVENTORY, stock_level=50)
    with bench.hub.transaction(author="user_ana") as tx:
        tx.increment("inventory", "d1", ("stock_level",), -3)
    (write,) = bench.writes()
    bench.restart()
    assert bench.writes() == []
    bench.take(echo(write, stock_level=47))
    assert bench.writes() == [] and bench.engine.under_way == 0, "it had arrived"


def test_a_write_that_never_arrived_is_made_anew_once_the_stream_is_quiet() -> None:
    bench = known()
    change(bench, "orders", {"note": "new"})
    (write,) = bench.writes()
    bench.answer(write, outcome="unknown")
    bench.quiet()
    (again,) = bench.writes()
    assert again.set == write.set and again.number > write.number


def test_a_document_that_is_gone_without_a_word_is_parked() -> None:
    bench = known()
    change(bench, "orders", {"note": "new"})
    (write,) = bench.writes()
    bench.answer(write, outcome="missed")
    bench.quiet()
    assert bench.engine.doubtful() == [("orders", "d1")]
    bench.engine.refresh("orders", ["d1"], [])
    assert [letter.reason for letter in bench.engine.letters()] == ["doc_missing"]
    assert bench.writes() == []


def test_a_document_deleted_here_and_changed_there_later_comes_back_as_it_was_known_last() -> None:
    bench = known(a="first")
    change(bench, "orders", {"a": "second"})
    with bench.hub.transaction(author="user_ana") as tx:
        tx.delete("orders", "d1")
    at = (bench.hub.identity.clock.last >> 20) + 1
    theirs = Description({"note": "theirs"})
    bench.take(Updated("orders", at << 20, "5", None, "d1", theirs, None))
    assert bench.get("orders", "d1") == {"a": "second", "total": 149.99, "note": "theirs"}
    (write,) = bench.writes()
    assert write.set == {"a": "second"}


def test_a_touch_of_a_record_that_is_flagged_as_deleted_does_not_take_the_flag_away() -> None:
    bench = known()
    with bench.hub.transaction(author="user_ana") as tx:
        tx.delete("orders", "d1")
    (write,) = bench.writes()
    bench.answer(write)
    bench.take(echo(write))
    at = (bench.hub.identity.clock.last >> 20) + 1
    bench.take(Updated("orders", at << 20, "7", None, "d1", Description({"note": "x"}), None))
    found = bench.get("orders", "d1") or {}
    assert (found["note"], found["deleted"]) == ("x", True)
    assert bench.writes() == []
