"""The SQL prefilter never drops a match, whatever the condition and the documents hold."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sync.core.values import canonical
from sync.ids import Document, Json
from sync.query import And, Equals, Has, In, Node, Not, Or, Range, evaluate, expression, prefilter

NAMES = ["a", "b", "a.b", "é", "two words", "line\nbreak", 'quo"te', "it's", "back\\slash", "\x00"]
TEXTS = ["", "a", "b", "aa", "é", "😀", "a\x00b", "a\x00", "0", "1", "\n", "x" * 50]
NUMBERS = [
    *(0, 1, -1, 5, 2**53, 2**53 + 1, 2**63 - 1, -(2**63)),
    *(0.0, -0.0, 1.0, 0.1, 0.30000000000000004, 1e18, 1e23, 5e-324, -2.5, 1.7976931348623157e308),
]
STRANGE = [10**30, -(10**400), float("inf"), float("nan"), "\ud800", 2**64, {"a": 1}]
names = st.sampled_from(NAMES)
scalars = st.sampled_from([None, True, False, *TEXTS, *NUMBERS])
stored = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(names, inner, max_size=3),
    max_leaves=6,
)
documents = st.dictionaries(names, stored, max_size=4)
wanted = scalars | st.lists(scalars, max_size=2) | st.sampled_from(STRANGE)
paths = st.one_of(
    st.lists(names, min_size=1, max_size=2).map(tuple),
    st.sampled_from([("_id",), ("_id", "a"), (), ("",), ("\ud800",)]),
)
simple: st.SearchStrategy[Node] = st.one_of(
    st.builds(Equals, paths, wanted),
    st.builds(In, paths, st.lists(wanted, max_size=3).map(tuple)),
    st.builds(Range, paths, wanted, wanted, st.booleans(), st.booleans()),
    st.builds(Has, paths),
)
conditions: st.SearchStrategy[Node] = st.recursive(
    simple,
    lambda inner: st.one_of(
        st.builds(And, st.lists(inner, max_size=3).map(tuple)),
        st.builds(Or, st.lists(inner, max_size=3).map(tuple)),
        st.builds(Not, inner),
    ),
    max_leaves=5,
)


@pytest.fixture(scope="module")
def rows() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE rows(id TEXT PRIMARY KEY, body TEXT)")
        yield connection


def let_through(rows: sqlite3.Connection, node: Node, documents: list[Document]) -> set[str]:
    rows.execute("DELETE FROM rows")
    bodies = [(str(index), canonical(document)) for index, document in enumerate(documents)]
    rows.executemany("INSERT INTO rows VALUES(?, ?)", bodies)
    condition, parameters = prefilter(node)
    return {
        doc_id for (doc_id,) in rows.execute(f"SELECT id FROM rows WHERE {condition}", parameters)
    }


@given(node=conditions, documents=st.lists(documents, min_size=1, max_size=4))
@example(node=Equals(("line\nbreak",), 1), documents=[{"line\nbreak": 1}])
@example(node=Equals(("a",), "a\x00b"), documents=[{"a": "a\x00b"}])
@example(node=Range(("a",), low=float("nan")), documents=[{"a": 1}])
@example(node=Range(("a",), high=10**30), documents=[{"a": 1}])
@example(node=In(("a",), (10**30, "\ud800", 1)), documents=[{"a": 1}])
@example(node=Equals(("a",), 1e18), documents=[{"a": 10**18}])
def test_no_match_is_dropped(
    rows: sqlite3.Connection, node: Node, documents: list[Document]
) -> None:
    matches = {
        str(index)
        for index, document in enumerate(documents)
        if evaluate(node, {"_id": str(index), **document})
    }
    assert matches <= let_through(rows, node, documents)


@pytest.mark.parametrize(
    ("node", "passes"),
    [
        (Equals(("a",), "x"), {"0"}),
        (Equals(("a",), 5), {"1", "2"}),
        (In(("a",), ("x", 7)), {"0", "3"}),
        (Range(("a",), low=6, high=8), {"3"}),
        (Range(("a",), low=5.5), {"0", "3"}),
        (Equals(("_id",), "2"), {"2"}),
        (And((Equals(("a",), 5), Has(("a",)), Equals(("_id",), "2"))), {"2"}),
        (Or((Equals(("a",), 7), Equals(("a",), "x"))), {"0", "3"}),
        (Or(()), set()),
        (And(()), {"0", "1", "2", "3"}),
    ],
)
def test_what_sql_can_narrow_it_narrows(
    rows: sqlite3.Connection, node: Node, passes: set[str]
) -> None:
    documents: list[Document] = [{"a": "x"}, {"a": 5}, {"a": 5.0}, {"a": 7}]
    assert let_through(rows, node, documents) == passes


@pytest.mark.parametrize("count", [60, 2_000])
@pytest.mark.parametrize("kind", [And, Or])
def test_long_conditions_are_no_error(
    rows: sqlite3.Connection, kind: type[And] | type[Or], count: int
) -> None:
    node = kind(tuple(Range(("a",), high=index) for index in range(5, 5 + count)))
    assert "0" in let_through(rows, node, [{"a": 5}])


def test_deep_conditions_are_no_error(rows: sqlite3.Connection) -> None:
    node: Node = Equals(("a",), 5)
    for level in range(200):
        node = And((node, Has(("a",)))) if level % 2 else Or((node, node))
        node = And((node,))
    assert let_through(rows, node, [{"a": 5}]) == {"0"}


def test_many_ids_are_one_parameter(rows: sqlite3.Connection) -> None:
    ids = tuple(str(index) for index in range(50_000))
    condition, parameters = prefilter(In(("_id",), ids))
    assert [json.loads(parameter) for parameter in parameters] == [list(ids)]
    assert let_through(rows, In(("_id",), ids), [{}, {}]) == {"0", "1"}
    plan = rows.execute(f"EXPLAIN QUERY PLAN SELECT id FROM rows WHERE {condition}", parameters)
    assert any("USING COVERING INDEX" in detail for *_, detail in plan)


@pytest.mark.parametrize(
    "node", [Equals(("s", "t"), "x"), In(("s", "t"), ("x", "y")), Range(("s", "t"), low=0.5)]
)
def test_conditions_use_the_index_on_their_expression(rows: sqlite3.Connection, node: Node) -> None:
    rows.execute(f"CREATE INDEX IF NOT EXISTS by_st ON rows({expression(('s', 't'))})")
    condition, parameters = prefilter(node)
    plan = rows.execute(f"EXPLAIN QUERY PLAN SELECT id FROM rows WHERE {condition}", parameters)
    assert any("USING INDEX by_st" in detail for *_, detail in plan)


@pytest.mark.parametrize("name", ['quo"te', "it's", "back\\slash", "line\nbreak", "\x00", "\ud800"])
def test_a_key_that_sqlite_cannot_spell_has_no_expression(name: str) -> None:
    assert expression(("a", name)) is None


@pytest.mark.parametrize("value", [None, [1], {"a": 1}])
def test_what_sqlite_cannot_compare_is_no_condition(value: Json) -> None:
    assert prefilter(Equals(("a",), value)) == ("1", [])
