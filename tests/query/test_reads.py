"""What a SELECT looks at: a change it cannot see is known without running it."""

from __future__ import annotations

from typing import Any

import pytest

from sync.ids import Document
from sync.query.errors import NotSupported
from sync.query.prepared import prepared
from sync.query.reads import Reads, asks_the_clock, observable, reads_of

HERE = "SELECT name FROM shop WHERE city = :city AND open = true"


def reads(text: str, **args: Any) -> dict[str, Reads]:
    return {each.alias: each for each in reads_of(observable(prepared(text)), args)}


def shop(**fields: Any) -> Document:
    return {"_id": "1", "city": "Tacoma", "open": True, "name": "Hall", **fields}


@pytest.mark.parametrize(
    ("before", "after", "matters"),
    [
        (None, shop(), True),
        (shop(), None, True),
        (shop(), shop(name="Hut"), True),
        (shop(), shop(open=False), True),
        (shop(open=False), shop(), True),
        (shop(), shop(), False),
        (shop(), shop(note="read by nobody"), False),
        (shop(open=False), shop(open=False, name="Hut"), False),
        (None, shop(city="Salem"), False),
        (shop(city="Salem"), None, False),
        (shop(city=1), shop(city=True), False),
    ],
)
def test_a_change_matters_if_the_answer_may_see_it(
    before: Document | None, after: Document | None, matters: bool
) -> None:
    assert reads(HERE, city="Tacoma")["shop"].matters(before, after) is matters


def test_a_star_sees_every_field() -> None:
    (found,) = reads("SELECT * FROM shop WHERE open = true").values()
    assert found.matters(shop(), shop(note="new"))
    assert not found.matters(shop(open=False), shop(open=False, note="new"))


def test_a_value_of_another_type_is_another_value() -> None:
    (found,) = reads("SELECT name FROM shop").values()
    assert found.matters(shop(name=1), shop(name=True))


def test_each_side_of_a_join_is_judged_by_what_it_decides_alone() -> None:
    found = reads(
        "SELECT o.total, c.name FROM orders o JOIN customers c ON c._id = o.customer"
        " AND c.active = true WHERE o.store = :s AND o.total > c.limit",
        s="s1",
    )
    order, customer = {"_id": "o", "store": "s1"}, {"_id": "c", "active": True}
    assert found["o"].matters(None, order)
    assert not found["o"].matters(None, {**order, "store": "s2"})
    assert found["o"].matters(order, {**order, "total": 2})
    assert not found["o"].matters(order, {**order, "note": "x"})
    assert found["c"].matters(None, customer)
    assert not found["c"].matters(None, {**customer, "active": False})
    assert found["c"].matters(customer, {**customer, "limit": 2})


def test_the_inner_side_of_a_left_join_matters_though_where_refuses_it() -> None:
    """Its coming takes the row away that stood there without it."""
    text = "SELECT a._id FROM a LEFT JOIN b ON b._id = a.b AND b.kind = 1 WHERE b.x IS MISSING"
    found = reads(text)
    assert found["b"].matters(None, {"_id": "b", "kind": 1, "x": 1})
    assert not found["b"].matters(None, {"_id": "b", "kind": 2, "x": 1})


def test_selects_within_are_read_too() -> None:
    found = reads(
        "SELECT p.name FROM products p WHERE p.gone = false AND EXISTS"
        " (SELECT i._id FROM inventory i WHERE i.product = p._id AND i.stock > 0)"
    )
    assert found["i"].matters({"_id": "i", "stock": 0}, {"_id": "i", "stock": 1})
    assert not found["i"].matters({"_id": "i", "stock": 0}, {"_id": "i", "stock": -1})
    assert not found["p"].matters({"_id": "p", "gone": True}, None)


def test_a_condition_on_a_variable_from_around_decides_nothing_alone() -> None:
    text = "SELECT _id FROM a WHERE ANY v IN list SATISFIES EXISTS"
    text += " (SELECT b._id FROM b WHERE b.n = v AND b.there) END"
    found = reads(text)
    assert found["b"].matters(None, {"_id": "b", "n": 9, "there": True})
    assert not found["b"].matters(None, {"_id": "b", "n": 9})


def test_what_the_clock_decides_may_be_true_later() -> None:
    text = "SELECT _id FROM a WHERE due < clock() AND open"
    assert asks_the_clock(observable(prepared(text)))
    (found,) = reads(text).values()
    assert found.matters(None, {"_id": "a", "due": 9e18, "open": True})
    assert not found.matters(None, {"_id": "a", "due": 0, "open": False})


@pytest.mark.parametrize(
    "text",
    [
        "UPDATE a SET n = 1",
        "EXPLAIN SELECT * FROM a",
        "SELECT * FROM system:outbox",
        "SELECT * FROM a WHERE _id IN (SELECT _id FROM system:conflicts)",
    ],
)
def test_what_cannot_be_observed_is_refused_by_name(text: str) -> None:
    with pytest.raises(NotSupported):
        observable(prepared(text))
