"""What a condition implies for one document: as strong as it can be told, never too strong."""

from __future__ import annotations

import pytest
from hypothesis import example, given

from sync.ids import Document
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
)
from sync.query.conditions import condition_of
from sync.query.meaning import compile_expr
from sync.query.syntax import Expr, Unary
from tests.query.expressions import expression
from tests.query.random_expressions import ARGS, conditions, documents

A, B = ("a",), ("b",)


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("a = 1", Equals(A, 1)),
        ("1 = a", Equals(A, 1)),
        ("a.b = :text", Equals(("a", "b"), "ab")),
        ("a = NULL", NOTHING),
        ("a = :none", NOTHING),
        ("a = 1 / 0", NOTHING),
        ("a != 1", And((Range(A), Not(Equals(A, 1))))),
        ("a != 'x'", And((Range(A, low=""), Not(Equals(A, "x"))))),
        ("a != true", And((Range(A, low=False, high=True), Not(Equals(A, True))))),
        ("NOT a = 'x'", And((Range(A, low=""), Not(Equals(A, "x"))))),
        ("a > 1 + 1", Range(A, low=2, low_open=True)),
        ("2 > a", Range(A, high=2, high_open=True)),
        ("NOT a < 'x'", Range(A, low="x")),
        ("a BETWEEN 1 AND 5", Range(A, low=1, high=5)),
        ("a BETWEEN 1 AND b", And((Range(A, low=1), Range(A), Range(B)))),
        ("a BETWEEN 1 AND 'x'", NOTHING),
        ("a BETWEEN 1 AND :none", NOTHING),
        (
            "a NOT BETWEEN 1 AND 5",
            Or((Range(A, high=1, high_open=True), Range(A, low=5, low_open=True))),
        ),
        ("a IN (1, 'x', null)", In(A, (1, "x"))),
        ("a IN :list", In(A, (1, 2))),
        ("a IN :none", NOTHING),
        ("a IN :empty", NOTHING),
        ("a NOT IN :list", And((Range(A), Not(In(A, (1, 2)))))),
        ("a NOT IN :empty", Range(A)),
        ("a NOT IN (1, 'x')", NOTHING),
        ("'x' IN a", Range(A, low=[])),
        ("a LIKE 'p%'", Range(A, low="p", high="q", high_open=True)),
        ("a LIKE 'p_x%'", Range(A, low="p", high="q", high_open=True)),
        ("a LIKE 'p'", Equals(A, "p")),
        ("a LIKE 'a!%b' ESCAPE '!'", Equals(A, "a%b")),
        ("a LIKE '%p'", Range(A, low="")),
        (
            "a NOT LIKE 'p%'",
            And((Range(A, low=""), Not(Range(A, low="p", high="q", high_open=True)))),
        ),
        ("a NOT LIKE 'p_'", Range(A, low="")),
        ("a ILIKE 'p%'", Range(A, low="")),
        ("starts_with(a, 'p')", Range(A, low="p", high="q", high_open=True)),
        ("a IS NULL", Equals(A, None)),
        ("a IS NOT NULL", Not(Equals(A, None))),
        ("a IS MISSING", Not(Has(A))),
        ("NOT (a IS MISSING)", Has(A)),
        ("a IS TRUE", Equals(A, True)),
        ("a IS NOT TRUE", Not(Equals(A, True))),
        ("a", Equals(A, True)),
        ("NOT a", Equals(A, False)),
        ("coalesce(a, false) = false", Or((Equals(A, False), Not(Range(A))))),
        ("coalesce(a, false) = true", Equals(A, True)),
        ("NOT coalesce(a, false)", Or((Equals(A, False), Not(Range(A))))),
        ("ifmissing(a, 3) > 2", Or((Range(A, low=2, low_open=True), Not(Has(A))))),
        (
            "coalesce(a, b, 3) = 3",
            Or((Equals(A, 3), And((Not(Range(A)), Or((Equals(B, 3), Not(Range(B)))))))),
        ),
        ("a = 1 AND b = 2", And((Equals(A, 1), Equals(B, 2)))),
        ("a = 1 OR b = 2", Or((Equals(A, 1), Equals(B, 2)))),
        ("a = 1 OR abs(b) = 2", EVERYTHING),
        ("a = 1 AND abs(b) = 2", Equals(A, 1)),
        (
            "NOT (a = 'x' AND b)",
            Or((And((Range(A, low=""), Not(Equals(A, "x")))), Equals(B, False))),
        ),
        ("a = 1 AND true", Equals(A, 1)),
        ("a = 1 AND false", NOTHING),
        ("a < b", And((Range(A), Range(B)))),
        ("a + 1 = 2", Range(A)),
        ("ANY v IN a SATISFIES v = 1 END", Range(A, low=[])),
        ("ANY v IN :list SATISFIES v = a END", EVERYTHING),
        ("a IN (SELECT x.y FROM x)", Range(A)),
        ("EXISTS (SELECT x.y FROM x)", EVERYTHING),
        ("clock() > a", Range(A, high="1970-01-01T00:00:00Z", high_open=True)),
        ("true", EVERYTHING),
        ("1", NOTHING),
    ],
)
def test_this_follows(text: str, node: Node) -> None:
    assert condition_of(expression(text), "t", ARGS) == node


def test_without_a_condition_every_document_may_be_meant() -> None:
    assert condition_of(None, "t", {}) == EVERYTHING


def test_what_is_said_of_another_collection_says_nothing_here() -> None:
    assert condition_of(expression("a = 1"), "other", {}) == EVERYTHING


@given(conditions, documents)
@example(expression("NOT (a NOT IN :empty)"), {})
@example(expression("a.k NOT IN :empty"), {})
@example(expression("nvl(a, true)"), {})
@example(expression("coalesce(a, NULL, true)"), {"a": None})
@example(expression("a NOT LIKE ''"), {"a": ""})
def test_a_document_that_makes_it_true_meets_what_follows(where: Expr, document: Document) -> None:
    node = condition_of(where, "t", ARGS)
    if compile_expr(where, ARGS)({"t": document}) is True:
        assert evaluate(node, document)


@given(conditions, documents)
def test_a_document_that_makes_it_false_meets_what_follows_from_its_negation(
    where: Expr, document: Document
) -> None:
    node = condition_of(Unary("NOT", where), "t", ARGS)
    if compile_expr(where, ARGS)({"t": document}) is False:
        assert evaluate(node, document)
