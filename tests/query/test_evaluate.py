"""Conditions mean what their nodes say; SQL never decides."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.ids import Document, Json
from sync.query import (
    EVERYTHING,
    NOTHING,
    And,
    Equals,
    Has,
    In,
    Node,
    Not,
    Or,
    Range,
    evaluate,
    lookup,
    sort_key,
)
from sync.query.evaluate import MISSING
from tests.query.test_sql import conditions, documents, stored

SHELF: Document = {
    "_id": "i1",
    "stock": 5,
    "price": 9.5,
    "deleted": False,
    "note": None,
    "tags": ["x", 1],
    "location": {"aisle": "3", "bin": None},
}


@pytest.mark.parametrize(
    "node",
    [
        Equals(("_id",), "i1"),
        Equals(("stock",), 5),
        Equals(("stock",), 5.0),
        Equals(("note",), None),
        Equals(("tags",), ["x", 1.0]),
        Equals(("location",), {"bin": None, "aisle": "3"}),
        Equals(("location", "aisle"), "3"),
        In(("stock",), (1, 5)),
        Range(("stock",), low=5, high=5),
        Range(("price",), low=9, high_open=True),
        Range(("location", "aisle"), low="2", high="30"),
        Range(("deleted",), low=False, high=True),
        Has(("note",)),
        Has(("location", "bin")),
        Not(Has(("location", "shelf"))),
        Not(Equals(("missing",), None)),
        Not(Range(("stock",), low="0")),
        Not(Range(("note",))),
        And((Has(("stock",)), Not(NOTHING))),
        Or((Equals(("stock",), 1), Equals(("stock",), 5))),
        EVERYTHING,
    ],
)
def test_it_holds(node: Node) -> None:
    assert evaluate(node, SHELF)


@pytest.mark.parametrize(
    "node",
    [
        Equals(("deleted",), 0),
        Equals(("stock",), "5"),
        Equals(("stock", "deeper"), 5),
        Equals(("tags", "0"), "x"),
        Equals(("tags",), ["x", True]),
        In(("stock",), ()),
        Range(("stock",), low=5, low_open=True),
        Range(("stock",), high=5, high_open=True),
        Range(("stock",), low="1"),
        Range(("note",)),
        Range(("missing",), low=0),
        NOTHING,
    ],
)
def test_it_does_not_hold(node: Node) -> None:
    assert not evaluate(node, SHELF)


def test_a_missing_value_is_not_null() -> None:
    assert lookup(SHELF, ("note",)) is None
    assert lookup(SHELF, ("nothing",)) is MISSING
    assert lookup(SHELF, ("stock", "deeper")) is MISSING


def test_values_of_all_types_have_one_order() -> None:
    ascending: list[Json] = [
        *(False, True, -1, 0.5, 2, "", "a", "b", [], [False], [1], ["a"], {}, {"a": 1}, {"b": 0}),
        *(None, MISSING),
    ]
    for low, high in itertools.pairwise(ascending):
        assert sort_key(low) < sort_key(high)


@given(st.lists(stored, min_size=2, max_size=6))
def test_any_values_can_be_sorted(values: list[Json]) -> None:
    ordered = sorted(values, key=sort_key)
    assert sorted(reversed(ordered), key=sort_key) == sorted(values, key=sort_key)


@given(conditions, documents)
def test_evaluating_never_raises(node: Node, document: Document) -> None:
    holds = evaluate(node, document)
    assert evaluate(Not(node), document) is not holds
    assert evaluate(And((node, node)), document) is holds
    assert evaluate(Or((node, NOTHING)), document) is holds
