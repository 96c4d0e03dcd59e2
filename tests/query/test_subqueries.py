"""SELECT within an expression: what it answers, and how often it runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from sync.query.binding import bind
from sync.query.evaluate import MISSING
from sync.query.meaning import Row, compile_expr, free_names
from sync.query.parser import parse
from sync.query.syntax import Field, InQuery, Select, Variable
from tests.query.expressions import expression


class Answers:
    """Stands for the executor: gives the same rows for every SELECT, and notes when it is asked."""

    def __init__(self, rows: list[Mapping[str, Any]]) -> None:
        self.rows = rows
        self.asked: list[Row] = []

    def __call__(self, select: Select, row: Row) -> Iterable[Mapping[str, Any]]:
        self.asked.append(row)
        return iter(self.rows)


@pytest.mark.parametrize(
    ("text", "rows", "result"),
    [
        ("a IN (SELECT o.k FROM o)", [{"k": 2}, {"k": 1}], True),
        ("a IN (SELECT o.k FROM o)", [{"k": 2}, {}], False),
        ("a IN (SELECT o.k FROM o)", [], False),
        ("a IN (SELECT o.k FROM o)", [{"k": "x"}], MISSING),
        ("a NOT IN (SELECT o.k FROM o)", [{"k": 2}], True),
        ("a NOT IN (SELECT o.k FROM o)", [{"k": 2}, {"k": None}], MISSING),
        ("nothing NOT IN (SELECT o.k FROM o)", [{"k": 2}], MISSING),
        ("EXISTS (SELECT o.k FROM o)", [{}], True),
        ("EXISTS (SELECT o.k FROM o)", [], False),
        ("NOT EXISTS (SELECT o.k FROM o)", [], True),
    ],
)
def test_it_answers(text: str, rows: list[Mapping[str, Any]], result: Any) -> None:
    holds = compile_expr(expression(text), {}, run_select=Answers(rows))
    assert holds({"t": {"a": 1}}) is result


def test_what_asks_for_nothing_outside_runs_once() -> None:
    answers = Answers([{"k": 1}])
    holds = compile_expr(expression("a IN (SELECT o.k FROM o)"), {}, run_select=answers)
    assert [holds({"t": {"a": value}}) for value in (1, 2, 1)] == [True, False, True]
    assert len(answers.asked) == 1


def test_what_looks_outside_runs_once_for_each_value_it_sees() -> None:
    answers = Answers([{"k": 1}])
    text = "EXISTS (SELECT o.k FROM o WHERE o.k = t.a)"
    holds = compile_expr(expression(text), {}, run_select=answers)
    for document in ({"a": 1, "b": 1}, {"a": 1, "b": 2}, {"a": True}, {}, {"a": 1.0}):
        holds({"t": document})
    assert [row["t"].get("a") for row in answers.asked] == [1, True, None]


def test_a_variable_around_it_is_outside_too() -> None:
    answers = Answers([{"k": 2}])
    text = "ARRAY v FOR v IN a WHEN v IN (SELECT o.k FROM o WHERE o.n = v) END"
    made = compile_expr(expression(text), {}, run_select=answers)
    assert made({"t": {"a": [1, 2, 2]}}) == [2, 2]
    assert len(answers.asked) == 2


def test_the_names_from_outside_are_told() -> None:
    inner = (
        "SELECT o.k FROM o JOIN p ON p._id = o.p WHERE ANY v IN o.list SATISFIES v = t.a AND "
        "o.n = p.n END AND EXISTS (SELECT q.x FROM q WHERE q.y = o.z AND q.w = t.b)"
    )
    expr = expression(f"a IN ({inner})")
    assert isinstance(expr, InQuery)
    names = free_names(expr.select)
    assert names == (Field("t", ("a",)), Field("t", ("b",)))
    assert not any(isinstance(name, Variable) for name in names)


def test_a_statement_by_itself_takes_nothing_from_outside() -> None:
    select = bind(parse("SELECT k, n + 1 AS m FROM o WHERE n > 1 ORDER BY m"))
    assert isinstance(select, Select)
    assert free_names(select) == ()
