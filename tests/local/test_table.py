"""A collection with TinyDB's face: TinyDB's own queries, TinyDB's own answers (L3)."""

from __future__ import annotations

import re
import threading
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tinydb import Query, TinyDB, where
from tinydb.queries import QueryInstance
from tinydb.storages import MemoryStorage

from sync.core.values import canonical
from sync.errors import DocumentExists, InvalidPath
from sync.ids import Document
from sync.local import Replica, Table
from tests.helpers.replicas import open_replica, shelf, stocked

item = Query()


@pytest.fixture
def replica() -> Replica:
    replica = open_replica()
    with replica.transaction() as tx:
        for document in PRODUCTS:
            tx.insert("products", document)
    return replica


@pytest.fixture
def products(replica: Replica) -> Table:
    return replica.table("products")


PRODUCTS: list[Document] = [
    {"_id": "a", "name": "Claw hammer", "price": 19.5, "tags": ["steel", "wood"]},
    {"_id": "b", "name": "Hammer drill", "price": 129, "specs": {"volts": 18, "weight": None}},
    {"_id": "c", "name": "Gift card", "price": None, "tags": []},
    {"_id": "d", "name": "Saw", "specs": {"teeth": [{"mm": 2}, {"mm": 3}]}, "sold_out": True},
]

ASKED: dict[str, tuple[QueryInstance, str]] = {
    "equal": (where("name") == "Saw", "d"),
    "unequal": (where("name") != "Saw", "abc"),
    "equal to null": (where("price") == None, "c"),  # noqa: E711
    "less": (where("price") < 100, "a"),
    "at most": (where("price") <= 129, "ab"),
    "more": (where("price") > 19.5, "b"),
    "at least": (where("price") >= 19.5, "ab"),
    "both": ((where("price") > 1) & (where("name") == "Saw"), ""),
    "either": ((where("name") == "Saw") | (where("price") == 129), "bd"),
    "not": (~(where("name") == "Saw"), "abc"),
    "a field that is there": (where("price").exists(), "abc"),
    "a field that is not there": (~where("price").exists(), "d"),
    "deep": (where("specs").volts == 18, "b"),
    "deep, by brackets": (item["specs"]["volts"] >= 12, "b"),
    "one of": (where("name").one_of(["Saw", "Claw hammer", 7]), "ad"),
    "any of": (where("tags").any(["wood", "glass"]), "a"),
    "all of": (where("tags").all(["wood", "steel"]), "a"),
    "all of nothing": (where("tags").all([]), "ac"),
    "any that": (where("specs").teeth.any(where("mm") > 2), "d"),
    "all that": (where("specs").teeth.all(where("mm") > 2), ""),
    "matches from the start": (where("name").matches("Hammer"), "b"),
    "matches in any case": (where("name").matches("ham", re.IGNORECASE), "b"),
    "contains": (where("name").search("[hH]ammer"), "ab"),
    "a test of one's own": (where("name").test(lambda name: len(name) < 4), "d"),
    "a test with arguments": (where("price").test(lambda v, low: (v or 0) > low, 20), "b"),
    "a fragment": (item.fragment({"name": "Saw", "sold_out": True}), "d"),
    "mapped": (where("name").map(str.lower) == "saw", "d"),
    "everything": (Query().noop(), "abcd"),
    "by id": (where("_id") == "c", "c"),
    "true": (where("sold_out") == True, "d"),  # noqa: E712
}  # fmt: skip


@pytest.mark.parametrize(("query", "found"), ASKED.values(), ids=ASKED)
def test_a_query_finds_what_it_says(products: Table, query: QueryInstance, found: str) -> None:
    assert "".join(document["_id"] for document in products.search(query)) == found
    assert products.count(query) == len(found)
    assert products.contains(query) is bool(found)
    first = products.get(query)
    assert (None if first is None else first["_id"]) == (found[0] if found else None)


def test_missing_or_odd_values_never_raise(products: Table) -> None:
    """TinyDB itself raises TypeError where null meets a number."""
    for value in (5, "x", None, [1], {"a": 1}, True, float("nan"), float("inf"), 1 << 70, "\x00"):
        for path in ("price", "name", "tags", "specs", "nowhere", "_id"):
            field = where(path)
            for query in (field < value, field <= value, field > value, field >= value):
                products.search(query)
                products.search(~query | (field == value))


def test_documents_are_copies(products: Table) -> None:
    for document in (products.search(where("_id") == "a")[0], products.all()[0], products.get()):
        assert document is not None
        document["tags"].append("changed outside")
    assert products.get(doc_id="a") == PRODUCTS[0]


def test_it_counts_and_walks(products: Table) -> None:
    assert len(products) == 4
    assert [*products] == products.all() == PRODUCTS
    assert products.get(doc_id="nobody") is None
    assert products.contains(doc_id="a")
    assert len(open_replica().table("nothing")) == 0
    assert open_replica().table("nothing").search(where("a") == 1) == []


def test_inserting(products: Table) -> None:
    (one, two) = products.insert_multiple([{"name": "Nail"}, {"_id": "e", "name": "Screw"}])
    assert (len(one), two) == (32, "e")
    assert products.get(doc_id=one) == {"_id": one, "name": "Nail"}
    with pytest.raises(DocumentExists):
        products.insert({"_id": "a"})
    with pytest.raises(DocumentExists):
        products.insert_multiple([{"_id": "f"}, {"_id": "a"}])
    assert not products.contains(doc_id="f")


def test_updating(products: Table) -> None:
    assert products.update({"price": 5, "specs": {"volts": 12}}, where("specs").exists()) == [
        "b",
        "d",
    ]
    assert products.get(doc_id="b") == {
        **PRODUCTS[1],
        "price": 5,
        "specs": {"volts": 12, "weight": None},
    }
    assert products.update({"seen": True}) == ["a", "b", "c", "d"]
    with pytest.raises(InvalidPath):
        products.update({"_id": "z"})


def test_upserting(products: Table) -> None:
    assert products.upsert({"price": 7}, where("name") == "Saw") == ["d"]
    assert products.upsert({"_id": "n", "name": "Nail"}, where("name") == "Nail") == ["n"]
    assert products.upsert({"_id": "n", "price": 1}) == ["n"]
    assert products.get(doc_id="n") == {"_id": "n", "name": "Nail", "price": 1}


def test_removing(products: Table) -> None:
    assert products.remove(where("price") >= 100, doc_ids=["a"]) == ["a", "b"]
    assert [document["_id"] for document in products] == ["c", "d"]


def test_removing_what_is_named_twice(products: Table) -> None:
    assert products.remove(where("name") == "Saw", doc_ids=["d"]) == ["d"]


@pytest.mark.parametrize(
    "write",
    [
        lambda table: table.update({"seen": True}, where("price") > 1),
        lambda table: table.upsert({"seen": True}, where("price") > 1),
        lambda table: table.remove(where("price") > 1),
    ],
    ids=["update", "upsert", "remove"],
)
def test_nobody_writes_between_the_question_and_the_answer(
    replica: Replica, products: Table, monkeypatch: pytest.MonkeyPatch, write: Any
) -> None:
    real = replica.matching
    others: list[threading.Thread] = []

    def matching(*arguments: Any) -> Any:
        found = list(real(*arguments))
        others.append(threading.Thread(target=delete_one))
        others[0].start()
        others[0].join(0.05)  # it would be through by now if it did not have to wait
        return found

    def delete_one() -> None:
        with replica.transaction() as tx:
            if tx.get("products", "a") is not None:
                tx.delete("products", "a")

    monkeypatch.setattr(replica, "matching", matching)
    assert write(products) == ["a", "b"]
    others[0].join()
    assert replica.get("products", "a") is None


def test_each_writing_call_is_one_transaction(replica: Replica, products: Table) -> None:
    before = replica.outbox().pending
    products.update({"seen": True})
    products.remove(where("seen") == True)  # noqa: E712
    products.insert_multiple([{"a": number} for number in range(10)])
    assert replica.outbox().pending == before + 3


def test_a_table_is_the_collection_of_the_replica(replica: Replica, products: Table) -> None:
    products.insert({"_id": "x", "name": "Rope"})
    assert replica.get("products", "x") == {"_id": "x", "name": "Rope"}
    assert replica.table("products").contains(doc_id="x")


def test_a_condition_on_an_indexed_field_needs_no_scan() -> None:
    replica = stocked(50)
    paths = {"inventory": [[("store_id",), ("product_id",)], [("location", "aisle")]]}
    replica.ensure_indexes(paths)
    replica.ensure_indexes(paths)
    statements: list[str] = []
    replica.parts.database._connection.set_trace_callback(statements.append)
    replica.table("inventory").search((where("store_id") == "s") & (where("product_id") == "p"))
    replica.table("inventory").search(where("location").aisle == "3")
    replica.parts.database._connection.set_trace_callback(None)
    assert len(statements) == 2
    for statement in statements:
        plan = replica.parts.database.query(f"EXPLAIN QUERY PLAN {statement}")
        assert "USING INDEX x_inventory." in plan[0][-1]


def test_an_index_is_kept_up_to_date() -> None:
    replica = stocked(5)
    replica.ensure_indexes({"inventory": [[("notes",)]], "orders": [[("a",)]]})
    with replica.transaction() as tx:
        tx.update("inventory", "inv_3", {"notes": "moved"})
        tx.delete("inventory", "inv_4")
        tx.insert("orders", {"_id": "o", "a": 1})
    assert [d["_id"] for d in replica.table("inventory").search(where("notes") == "moved")] == [
        "inv_3"
    ]
    assert replica.table("inventory").count(where("notes") == "as delivered") == 3
    assert replica.table("orders").get(where("a") == 1) == {"_id": "o", "a": 1}


def test_a_document_that_changes_under_a_query_is_no_trouble() -> None:
    """Pages are read as they are asked for, so a reader may write as it goes."""
    replica = open_replica()
    with replica.transaction() as tx:
        for number in range(1_200):
            tx.insert("inventory", shelf(f"inv_{number:04}"))
    for document in replica.table("inventory"):
        if document["_id"].endswith("0"):
            replica.table("inventory").remove(doc_ids=[document["_id"]])
    assert len(replica.table("inventory")) == 1_080


names = st.sampled_from(["a", "b", "c"])
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 3),
    st.sampled_from([0.5, 1.0, -0.0, 1e300, 5e-324, 2**53 + 1, -(2**63), 2**63 - 1]),
    st.sampled_from(["", "a", "ab", "b", "é", "😀", "a\x00b"]),
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=5,
)
documents = st.lists(st.dictionaries(names, values, max_size=3), max_size=6)
fields = st.lists(names, min_size=1, max_size=2).map(lambda path: _field(path))


def _field(path: list[str]) -> Query:
    field = where(path[0])
    for step in path[1:]:
        field = field[step]
    return field


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


simple = st.one_of(
    st.builds(lambda f, v: f == v, fields, values),
    st.builds(lambda f, v: f != v, fields, values),
    st.builds(lambda f, v: f < v, fields, scalars),
    st.builds(lambda f, v: f <= v, fields, scalars),
    st.builds(lambda f, v: f > v, fields, scalars),
    st.builds(lambda f, v: f >= v, fields, scalars),
    st.builds(lambda f: f.exists(), fields),
    st.builds(lambda f, v: f.one_of(v), fields, st.lists(scalars, max_size=3)),
    st.builds(lambda f, v: f.any(v), fields, st.lists(scalars, max_size=3)),
    st.builds(lambda f, v: f.all(v), fields, st.lists(scalars, max_size=3)),
    st.builds(lambda f, g, v: f.any(g == v), fields, fields, scalars),
    st.builds(lambda f, g, v: f.all(g >= v), fields, fields, scalars),
    st.builds(lambda f, t: f.matches(t), fields, st.sampled_from(["a", "b", ".", "$"])),
    st.builds(lambda f, t: f.search(t), fields, st.sampled_from(["a", "b", ".", "$"])),
    st.builds(lambda f: f.test(_is_text), fields),
    st.builds(lambda d: item.fragment(d), st.dictionaries(names, scalars, max_size=2)),
)
queries = st.recursive(
    simple,
    lambda inner: st.one_of(
        st.builds(lambda a, b: a & b, inner, inner),
        st.builds(lambda a, b: a | b, inner, inner),
        st.builds(lambda a: ~a, inner),
    ),
    max_leaves=5,
)


@given(documents, queries)
@example([{"a": True}], where("a") > -2)
@example([{"a": 1}], where("a") == True)  # noqa: E712
@example([{"a": 2**53 + 1}], where("a") == float(2**53))
def test_it_answers_as_tinydb_does(bodies: list[Document], query: QueryInstance) -> None:
    numbered = [{**body, "_id": str(number)} for number, body in enumerate(bodies)]
    tiny = TinyDB(storage=MemoryStorage)
    ours = open_replica().table("things")
    ours.insert_multiple(numbered)
    found = ours.search(query)  # never raises
    expected = []
    for document in numbered:
        tiny.truncate()
        tiny.insert(document)
        try:
            expected += tiny.search(query)
        except TypeError:
            continue  # TinyDB cannot compare; we say that it does not match
    assert list(map(canonical, found)) == list(map(canonical, map(dict, expected)))
