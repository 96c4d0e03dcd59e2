"""A SELECT gives the same over a file with any indexes as over plain dicts (L4)."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sync.core.values import canonical
from sync.ids import Document
from sync.query.errors import IndexImpossible
from sync.query.plan import Catalogue, Plan
from sync.query.planner import plan_select
from sync.query.prepared import prepared
from sync.query.run import DictSource, Execution
from sync.query.syntax import Select
from tests.helpers.replicas import open_replica
from tests.laws.dql_statements import collections, statements

indexes = st.lists(
    st.lists(
        st.tuples(
            st.sampled_from([("a",), ("b",), ("n",), ("é",), ("a", "b"), ("n", "a", "b")]),
            st.booleans(),
        ),
        min_size=1,
        max_size=2,
        unique_by=lambda each: each[0],
    ),
    max_size=3,
)


def over_dicts(data: dict[str, dict[str, Document]], text: str, args: dict[str, Any]) -> list[Any]:
    """What a SELECT means."""
    statement = prepared(text).statement
    assert isinstance(statement, Select)

    def plan_of(select: Select) -> Plan:
        return plan_select(select, Catalogue())

    return list(Execution(DictSource(data), args, plan_of).results(plan_of(statement)))


@given(c=collections, d=collections, gone=collections, indexed=indexes, asked=statements())
def test_indexes_and_sql_change_no_answer(
    c: dict[str, Document],
    d: dict[str, Document],
    gone: dict[str, Document],
    indexed: list[list[tuple[tuple[str, ...], bool]]],
    asked: tuple[str, dict[str, Any]],
) -> None:
    text, args = asked
    data = {
        name: {doc_id: {**body, "_id": doc_id} for doc_id, body in documents.items()}
        for name, documents in {"c": c, "d": d}.items()
    }
    replica = open_replica()
    with replica.transaction() as tx:
        for name, documents in data.items():
            for document in documents.values():
                tx.insert(name, document)
            for doc_id, body in gone.items():
                tx.insert(name, {**body, "_id": f"{doc_id} gone"})
            tx.insert(name, {"_id": "was"})
    for number, fields in enumerate(indexed):
        written = ", ".join(
            ".".join(f"`{step}`" for step in path) + (" DESC" if down else "")
            for path, down in fields
        )
        with suppress(IndexImpossible):  # a field of maps only
            replica.execute(f"CREATE INDEX i{number} ON {'cd'[number % 2]} ({written})")
    with replica.transaction() as tx:
        for name in data:
            for doc_id in ("was", *(f"{doc_id} gone" for doc_id in gone)):
                tx.delete(name, doc_id)
    found = replica.execute(text, args).items
    replica.close()
    assert list(map(canonical, found)) == list(map(canonical, over_dicts(data, text, args)))
