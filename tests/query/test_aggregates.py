"""Aggregates skip what is not there, and do not mind in which order the rows come."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.ids import Json
from sync.query.aggregates import AGGREGATES, aggregate
from sync.query.evaluate import MISSING
from sync.query.meaning import compile_expr
from sync.query.syntax import Call, Field
from tests.query.test_sql import stored

ABSENT = object()


def over(values: list[Any], name: str, *, distinct: bool = False, star: bool = False) -> Any:
    call = Call(name, () if star else (Field("t", ("v",)),), distinct, star)
    rows = [{"t": {} if value is ABSENT else {"v": value}} for value in values]
    return aggregate(call, rows, lambda expr: compile_expr(expr, {}))


@pytest.mark.parametrize(
    ("name", "values", "result"),
    [
        ("count", [1, "x", None, ABSENT, False, True, 0, []], 5),
        ("sum", [1, 2, "x", None, ABSENT, True], 3),
        ("sum", [1, 2.5], 3.5),
        ("sum", [0.1] * 10, 1.0),
        ("sum", [2**63 - 1, 1], MISSING),
        ("sum", [1.7e308, 1.7e308], MISSING),
        ("avg", [1, 2], 1.5),
        ("avg", [1, 3, "x"], 2.0),
        ("avg", [2**53 + 1, 2**53 + 1], float(2**53)),
        ("min", [3, 1, 2], 1),
        ("min", ["b", 7, True, None], True),
        ("max", ["b", 7, True, None, ABSENT], "b"),
        ("max", ["b", {"k": 1}, [9]], {"k": 1}),
        ("median", [9, 1, 3], 3),
        ("median", [4, 1, 3, 2, "x"], 2.5),
        ("mid", [1, 3, 10], 5.5),
        ("mid", [1.7e308, 1.7e308], 1.7e308),
    ],
)
def test_it_is_what_it_says(name: str, values: list[Any], result: Json) -> None:
    found = over(values, name)
    assert found == result
    assert type(found) is type(result)


def test_every_row_counts_for_a_star() -> None:
    assert over([None, ABSENT, False], "count", star=True) == 3


@pytest.mark.parametrize("name", sorted(set(AGGREGATES) - {"count"}))
@pytest.mark.parametrize("values", [[], [None, ABSENT]])
def test_over_nothing_all_but_count_are_missing(name: str, values: list[Any]) -> None:
    assert over(values, name) is MISSING
    assert over(values, "count") == 0


@pytest.mark.parametrize(
    ("name", "result"), [("count", 3), ("sum", 6), ("avg", 2.0), ("median", 2)]
)
def test_distinct_counts_equal_values_once(name: str, result: Json) -> None:
    assert over([1, 1.0, 2, 3, 3, None, 1], name, distinct=True) == result


@given(st.sampled_from(sorted(AGGREGATES)), st.booleans(), st.data())
def test_the_order_of_the_rows_does_not_matter(
    name: str, distinct: bool, data: st.DataObject
) -> None:
    values = data.draw(st.lists(stored, max_size=6))
    other = data.draw(st.permutations(values))
    one, two = (over(each, name, distinct=distinct) for each in (values, other))
    assert (one, type(one)) == (two, type(two))
