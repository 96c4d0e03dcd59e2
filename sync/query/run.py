"""Carrying out a plan over a source of documents.

A ``Source`` hands out documents and may hand out too many; every condition is judged here, on the
document itself, so that two sources with the same documents give the same result.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby, islice
from typing import Any, Final, Protocol, TypeAlias

from sync.ids import Document
from sync.query.difference import Keyed
from sync.query.errors import ParameterInvalid, StatementInvalid
from sync.query.evaluate import MISSING, lookup, sort_key
from sync.query.grouping import grouped
from sync.query.keys import key_of
from sync.query.meaning import Compiled, Context, Row, compile_expr
from sync.query.meaning.parts import aggregate_key
from sync.query.nodes import Equals, In
from sync.query.nodes import Node as Condition
from sync.query.plan import (
    CountScan,
    Filter,
    Group,
    IdScan,
    Index,
    IndexScan,
    Limit,
    NestedLoop,
    Node,
    Ordered,
    Place,
    Plan,
    Project,
    Scan,
    UnionScan,
)
from sync.query.projecting import copied, distinct, projector
from sync.query.syntax import Call, Expr, Parameter, Select
from sync.query.terms import node_of
from sync.query.values import hashable

Order: TypeAlias = tuple[tuple[str, ...], bool]
Around: TypeAlias = Callable[[Node, Iterator[Any]], Iterator[Any]]
"""Stands between a node and who asks it: what PROFILE counts with."""

NO_ROW: Final[Row] = {}


class Source(Protocol):
    """Documents by collection. Everything comes in order of ``_id`` unless another order is asked
    for, and may be more than meets the condition. Documents are the caller's to keep."""

    def scan(self, place: Place, condition: Condition) -> Iterable[Document]:
        """The documents that meet a condition."""
        ...

    def by_id(self, place: Place, ids: Iterable[str]) -> Iterable[Document]:
        """The documents with these ids; ids come sorted, each once."""
        ...

    def by_index(
        self, place: Place, index: Index, condition: Condition, order: Order | None
    ) -> Iterable[Document]:
        """The documents an index finds, if asked in the order of one of its fields."""
        ...

    def count(self, place: Place) -> int:
        """How many documents there are."""
        ...


class DictSource:
    """Documents in plain dicts, by collection and id: what every other source must agree with."""

    def __init__(self, collections: Mapping[str, Mapping[str, Document]]) -> None:
        self._collections = collections

    def scan(self, place: Place, condition: Condition) -> Iterable[Document]:
        """Every document, the condition unheeded."""
        documents = self._collections.get(place.name, {})
        return [copied(documents[doc_id]) for doc_id in sorted(documents)]

    def by_id(self, place: Place, ids: Iterable[str]) -> Iterable[Document]:
        """The documents with these ids."""
        documents = self._collections.get(place.name, {})
        return [copied(documents[doc_id]) for doc_id in ids if doc_id in documents]

    def by_index(
        self, place: Place, index: Index, condition: Condition, order: Order | None
    ) -> Iterable[Document]:
        """Every document, if asked in the order of a field."""
        found = self.scan(place, condition)
        if order is None:
            return found
        path, descending = order
        return sorted(found, key=lambda d: sort_key(lookup(d, path)), reverse=descending)

    def count(self, place: Place) -> int:
        """How many documents there are."""
        return len(self._collections.get(place.name, {}))


class Execution:
    """One execution of one statement: its source, the values of its parameters, what a SELECT
    within it gave."""

    def __init__(
        self,
        source: Source,
        args: Mapping[str, Any],
        plan_of: Callable[[Select], Plan],
        *,
        context: Context | None = None,
        around: Around | None = None,
    ) -> None:
        self._args = args
        self.plan_of = plan_of
        self._context = context
        self._within: dict[int, tuple[Select, Runner]] = {}
        self.source = source
        self.around = around

    def results(self, plan: Plan) -> Iterator[Document]:
        """What a plan answers, one object after the other."""
        return Runner(self, plan).rows(plan.root, NO_ROW)

    def keyed(self, plan: Plan) -> Iterator[Keyed]:
        """The same, each with what makes it the same row when the plan is carried out again."""
        return Runner(self, plan).keyed()

    def compiled(self, expr: Expr, calls: tuple[Call, ...] = ()) -> Compiled:
        """An expression as a function of a row; ``calls`` are the aggregates a row knows."""
        return compile_expr(
            expr,
            self._args,
            aggregates=calls,
            run_select=self.rows_of,
            context=self._context,
        )

    def rows_of(self, select: Select, row: Row) -> Iterator[Document]:
        """What a SELECT within an expression answers for the row around it."""
        held = self._within.get(id(select))
        if held is None:
            held = self._within[id(select)] = (select, Runner(self, self.plan_of(select)))
        runner = held[1]
        return runner.rows(runner.plan.root, row)


class Runner:
    """One plan being carried out, its expressions compiled as they are needed."""

    def __init__(self, execution: Execution, plan: Plan) -> None:
        self.plan = plan
        self._execution = execution
        self.source = execution.source
        self._around = execution.around
        self._compiled: dict[int, Compiled] = {}

    def of(self, expr: Expr) -> Compiled:
        """An expression of this plan as a function of a row."""
        found = self._compiled.get(id(expr))
        if found is None:
            found = self._execution.compiled(expr, self.plan.calls)
            self._compiled[id(expr)] = found
        return found

    def rows(self, node: Node, outer: Row) -> Iterator[Any]:
        """What a node of the plan yields, for the row around the statement."""
        rows = self._of(node, outer)
        return rows if self._around is None else self._around(node, rows)

    def keyed(self) -> Iterator[Keyed]:
        """The results with their keys."""
        root = self.plan.root
        project = root.input if isinstance(root, Limit) else root
        assert isinstance(project, Project)
        columns = projector(project.columns, project.aliases, self.of)
        key = key_of(project, self.of)
        rows = self.rows(project.input, NO_ROW)
        pairs: Iterator[Keyed] = ((key(row), columns(row)) for row in rows)
        if project.distinct:
            pairs = first_of_key((hashable(result), result) for _, result in pairs)
        return islice(pairs, *self.span(root)) if isinstance(root, Limit) else pairs

    def _of(self, node: Node, outer: Row) -> Iterator[Any]:
        match node:
            case Scan() | IdScan() | IndexScan() | UnionScan():
                return self._access(node, outer)
            case Filter() | NestedLoop():
                return self.through(node, self.rows(node.input, outer))
            case Group():
                return self._group(node, outer)
            case Ordered():
                return self._ordered(node, outer)
            case Project():
                columns = projector(node.columns, node.aliases, self.of)
                results = map(columns, self.rows(node.input, outer))
                return distinct(results) if node.distinct else results
            case Limit():
                return islice(self.rows(node.input, outer), *self.span(node, outer))
            case CountScan():
                return iter([outer] * self.source.count(node.place))

    def _access(self, node: Scan | IdScan | IndexScan | UnionScan, outer: Row) -> Iterator[Row]:
        alias = node.place.alias
        for document in self._documents(node, outer):
            yield {**outer, alias: document}

    def _documents(
        self, node: Scan | IdScan | IndexScan | UnionScan, outer: Row
    ) -> Iterable[Document]:
        match node:
            case Scan(place, terms):
                return self.source.scan(place, self._condition(terms, outer))
            case IdScan(place, ids):
                return self.source.by_id(place, sorted(_ids(self._condition(ids, outer))))
            case IndexScan(place, index, terms, order):
                condition = self._condition(terms, outer)
                return self.source.by_index(place, index, condition, order)
            case UnionScan(parts):
                found = [self._documents(part, outer) for part in parts]
                return _each_once(heapq.merge(*found, key=_id))

    def _condition(self, terms: Any, outer: Row) -> Condition:
        return node_of(
            terms,
            lambda expr: self.of(expr)(outer),
            lambda select: self._column(select, outer),
        )

    def _column(self, select: Select, outer: Row) -> list[Any]:
        rows = self._execution.rows_of(select, outer)
        return [value for row in rows for value in row.values()]

    def through(self, node: Filter | NestedLoop, rows: Iterable[Row]) -> Iterator[Row]:
        """What a node makes of rows that come in."""
        if isinstance(node, NestedLoop):
            return self._join(node, rows)
        holds = self.of(node.condition)
        return (row for row in rows if holds(row) is True)

    def _join(self, node: NestedLoop, rows: Iterable[Row]) -> Iterator[Row]:
        holds = self.of(node.on)
        for row in rows:
            is_met = False
            for both in self.rows(node.inner, row):
                if holds(both) is True:
                    is_met = True
                    yield both
            if not is_met and node.kind == "left":
                yield {**row, node.inner.place.alias: None}

    def _group(self, node: Group, outer: Row) -> Iterator[Row]:
        if isinstance(node.input, CountScan):
            total = self.source.count(node.input.place)
            return iter([{**outer, **{aggregate_key(n): total for n in range(len(node.calls))}}])
        return grouped(node, self.rows(node.input, outer), outer, self.of)

    def _ordered(self, node: Ordered, outer: Row) -> Iterator[Row]:
        keys = [(self.of(term.expr), term.descending) for term in node.terms]
        rows = self.rows(node.input, outer)
        if not node.given:
            return iter(_sorted(rows, keys))
        return self._ties_sorted(rows, keys, node)

    def _ties_sorted(self, rows: Iterator[Row], keys: list[Any], node: Ordered) -> Iterator[Row]:
        """The first term is in order already; its ties are put in order of the others, then ids."""
        first = keys[0][0]
        alias = node.terms[0].expr.alias  # type: ignore[union-attr]  # the planner saw a field
        for _, ties in groupby(rows, lambda row: sort_key(first(row))):
            held = list(ties)
            if len(held) > 1:
                held = _sorted(sorted(held, key=lambda row: str(row[alias]["_id"])), keys[1:])
            yield from held

    def span(self, node: Limit, outer: Row = NO_ROW) -> tuple[int, int | None]:
        """The places of the first row within LIMIT and OFFSET and of the first one after it."""
        skip = 0 if node.offset is None else self._whole("OFFSET", node.offset, outer)
        if node.limit is None:
            return skip, None
        return skip, skip + self._whole("LIMIT", node.limit, outer)

    def _whole(self, clause: str, expr: Expr, outer: Row) -> int:
        value = self.of(expr)(outer)
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return value
        shown = "MISSING" if value is MISSING else repr(value)
        message = f"{clause} is a whole number of at least 0, not {shown:.40}."
        if isinstance(expr, Parameter):
            raise ParameterInvalid(message, at=expr.at)
        raise StatementInvalid(message, at=getattr(expr, "at", None))


def _sorted(rows: Iterable[Row], keys: list[Any]) -> list[Row]:
    """Rows sorted by several keys, each ascending or descending; ties stay as they came."""
    held = list(rows)
    for key, descending in reversed(keys):
        held.sort(key=lambda row, key=key: sort_key(key(row)), reverse=descending)  # type: ignore[misc]
    return held


def _ids(condition: Condition) -> set[str]:
    """The ids that a condition on ``_id`` names; an array among them counts as its items."""
    match condition:
        case Equals(_, value):
            return {value} if isinstance(value, str) else set()
        case In(_, values):
            flat = [v for each in values for v in (each if isinstance(each, list) else [each])]
            return {value for value in flat if isinstance(value, str)}
    return set()


def _id(document: Document) -> str:
    return str(document["_id"])


def _each_once(documents: Iterable[Document]) -> Iterator[Document]:
    for _, same in groupby(documents, _id):
        yield next(same)


def first_of_key(pairs: Iterable[Keyed]) -> Iterator[Keyed]:
    """Each key once: DISTINCT, where the keys are the values."""
    seen: set[Any] = set()
    for pair in pairs:
        if pair[0] not in seen:
            seen.add(pair[0])
            yield pair
