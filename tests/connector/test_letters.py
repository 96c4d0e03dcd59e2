"""Dead letters go when there is nothing left to say: they are for a person, and for months."""

from __future__ import annotations

from typing import Any

from sync.connector.events import Deleted, Description, Inserted, Updated
from sync.connector.orders import told_of
from sync.connector.rules import CollectionRule, IdRule
from sync.core.values import DOCUMENT_BYTES_MAX
from tests.connector.bench import Bench

ORDERS = CollectionRule("orders")
CUSTOMERS = CollectionRule("customers", IdRule("single_field", ("customer_id",)))


def reasons(bench: Bench) -> list[str]:
    return [letter.reason for letter in bench.engine.letters()]


def test_a_document_nobody_could_name_is_forgotten_with_its_deletion() -> None:
    bench = Bench(CUSTOMERS)
    bench.take(Inserted("customers", 1 << 20, "1", None, "c1", {"_id": "c1"}))
    assert reasons(bench) == ["id_missing"]
    bench.take(Deleted("customers", 2 << 20, "2", None, "c1"))
    assert reasons(bench) == []


def test_a_document_too_large_is_forgotten_with_its_deletion() -> None:
    bench = Bench(ORDERS)
    large = {"_id": "o1", "text": "x" * DOCUMENT_BYTES_MAX}
    bench.take(Inserted("orders", 1 << 20, "1", None, "o1", large))
    assert reasons(bench) == ["too_large"]
    bench.take(Deleted("orders", 2 << 20, "2", None, "o1"))
    assert reasons(bench) == []


def test_a_document_that_was_stored_and_grew_too_large_is_forgotten_as_well() -> None:
    bench = Bench(ORDERS)
    bench.take(Inserted("orders", 1 << 20, "1", None, "o1", {"_id": "o1", "text": "small"}))
    grown = Description({"text": "x" * DOCUMENT_BYTES_MAX})
    bench.take(Updated("orders", 2 << 20, "2", None, "o1", grown, None))
    assert reasons(bench) == ["too_large"]
    bench.take(Deleted("orders", 3 << 20, "3", None, "o1"))
    assert reasons(bench) == [] and bench.get("orders", "o1") is None


def refused(**fields: Any) -> Bench:
    """A change of the hub that a validator of MongoDB does not want."""
    bench = Bench(ORDERS)
    bench.take(Inserted("orders", 1 << 20, "1", None, "o1", {"_id": "o1", "n": 1}))
    with bench.hub.transaction() as tx:
        tx.update("orders", "o1", {"n": -1})
    (write,) = bench.writes()
    bench.answer(write, outcome="refused", code="validator")
    assert reasons(bench) == ["validator"] and bench.writes() == []
    return bench


def test_what_was_refused_is_forgotten_when_the_hub_takes_it_back() -> None:
    bench = refused()
    with bench.hub.transaction() as tx:
        tx.update("orders", "o1", {"n": 1})
    assert bench.writes() == [] and reasons(bench) == []


def test_what_was_refused_is_forgotten_when_mongodb_comes_to_have_it() -> None:
    bench = refused()
    bench.take(Updated("orders", 9 << 50, "9", None, "o1", Description({"n": -1}), None))
    assert bench.writes() == [] and reasons(bench) == []


def test_a_new_document_that_was_refused_is_forgotten_when_it_is_deleted() -> None:
    bench = Bench(ORDERS)
    with bench.hub.transaction() as tx:
        tx.insert("orders", {"_id": "o1", "n": -1})
    (write,) = bench.writes()
    bench.answer(write, outcome="refused", code="validator")
    with bench.hub.transaction() as tx:
        tx.delete("orders", "o1")
    assert bench.writes() == [] and reasons(bench) == []


def test_a_field_that_cannot_be_named_waits_until_it_is_gone() -> None:
    bench = Bench(ORDERS)
    bench.take(Inserted("orders", 1 << 20, "1", None, "o1", {"_id": "o1", "n": 1}))
    with bench.hub.transaction() as tx:
        tx.update("orders", "o1", {"a.b": 1, "n": 2})
    (write,) = bench.writes()
    bench.answer(write)
    bench.take(Updated("orders", 9 << 20, "9", None, "o1", Description(write.set), None))
    assert reasons(bench) == ["field_name"], "the other field went out, this one did not"
    with bench.hub.transaction() as tx:
        tx.unset("orders", "o1", ("a.b",))
    assert bench.writes() == [] and reasons(bench) == []


def test_a_letter_names_the_document_as_mongodb_does() -> None:
    bench = Bench(CUSTOMERS)
    bench.take(Inserted("customers", 1 << 20, "1", None, "c1", {"_id": "c1"}))
    bench.take(Inserted("customers", 2 << 20, "2", None, 7, {"_id": 7}))
    assert [told_of(each)["mongodb_id"] for each in bench.engine.letters()] == ["c1", "7"]
