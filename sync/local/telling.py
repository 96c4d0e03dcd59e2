"""What EXPLAIN, PROFILE, ADVISE and the statements about indexes answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import islice
from typing import Final

from sync.ids import Document
from sync.local.parts import Parts
from sync.local.result import Result
from sync.ports import Stopwatch
from sync.query.access import statement_of
from sync.query.errors import IndexImpossible, NotSupported
from sync.query.evaluate import lookup
from sync.query.explain import Meter, explained
from sync.query.nodes import Has
from sync.query.plan import Catalogue, Index, Plan
from sync.query.planner import plan_select
from sync.query.run import Around
from sync.query.syntax import CreateIndex, DropIndex, Explain, Insert, Remove, Select, Update

MAPS_LOOKED_AT_MAX: Final = 1_000
"""Documents that are looked at before an index is made: one on maps would help nobody."""

Indexes = Mapping[str, tuple[Index, ...]]


def explanation(
    parts: Parts,
    statement: Explain,
    target: Select | None,
    indexes: Indexes,
    run: Callable[[Around], Plan],
) -> Result:
    """EXPLAIN: the plan, nothing is done. PROFILE: the plan after a SELECT was carried out."""
    query = statement.query
    if statement.kind == "profile":
        if not isinstance(query, Select):
            raise NotSupported("PROFILE carries out a SELECT; EXPLAIN shows how a change finds.")
        meter = Meter(_ticks(parts))
        return Result([explained(run(meter.around), meter)])
    kind = _kind(query)
    if target is None:
        return Result([{"plan": {"node": kind}, "text": kind, "reasons": [], "advice": []}])
    told = explained(plan_select(target, Catalogue(indexes), lenient=True))
    if kind == "select":
        return Result([told])
    text = "\n".join([kind, *("  " + line for line in told["text"].splitlines())])
    return Result([{**told, "plan": {"node": kind, "inputs": [told["plan"]]}, "text": text}])


def advised(parts: Parts, statement: Explain, target: Select | None, indexes: Indexes) -> Result:
    """ADVISE: the indexes that would help, made at once with AND PROVISION."""
    wanted = () if target is None else _advice(target, indexes)
    items: list[Document] = [
        {"collection": each.collection, "index": each.name, "statement": statement_of(each)}
        for each in wanted
    ]
    if not wanted:
        return Result(notes=["No index would make this statement faster."])
    if statement.provision:
        with parts.database.transaction():
            for each in wanted:
                parts.indexes.create(each, if_not_exists=True)
        return Result(items, notes=[f"Made: {each['statement']}." for each in items])
    return Result(items)


def _advice(target: Select, indexes: Indexes) -> tuple[Index, ...]:
    return plan_select(target, Catalogue(indexes), lenient=True).advice


def defined(parts: Parts, statement: CreateIndex | DropIndex) -> Result:
    """CREATE INDEX and DROP INDEX; part of a transaction of the database."""
    collection, name = statement.source.name, statement.name
    if isinstance(statement, DropIndex):
        dropped = parts.indexes.drop(collection, name, if_exists=statement.if_exists)
        return Result(notes=[] if dropped else [f"There was no index {name}."])
    index = Index(name, collection, statement.paths)
    _check_values(parts, index)
    if not parts.indexes.create(index, if_not_exists=statement.if_not_exists):
        return Result(notes=[f"{collection} has an index {name} already; it stays as it is."])
    return Result()


def _check_values(parts: Parts, index: Index) -> None:
    """``IndexImpossible`` where a field holds nothing but maps, which no index finds faster."""
    for path, _ in index.paths:
        documents = parts.documents.find(index.collection, Has(path))
        values = [lookup(document, path) for document in islice(documents, MAPS_LOOKED_AT_MAX)]
        if values and all(isinstance(value, dict) for value in values):
            raise IndexImpossible(f"{'.'.join(path)} holds maps; an index is of single values.")


def _kind(query: object) -> str:
    match query:
        case Insert():
            return "insert"
        case Update():
            return "update"
        case Remove(kind):
            return kind
        case CreateIndex():
            return "createIndex"
        case DropIndex():
            return "dropIndex"
    return "select"


def _ticks(parts: Parts) -> Callable[[], int]:
    clock = parts.clock
    if isinstance(clock, Stopwatch):
        return clock.ticks_ns
    return lambda: clock.now_ms() * 1_000_000
