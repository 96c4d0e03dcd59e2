"""DQL on a replica (L4): statements are prepared once, planned once for the indexes there are, and
carried out by ``sync.query.run``; changes become drafts of a transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from sync.core.values import check_value
from sync.ids import Document, Json
from sync.local.mutations import Mutation
from sync.local.overlay import Instead, Overlay
from sync.local.parts import Parts
from sync.local.result import Result
from sync.local.source import SqlSource
from sync.local.system_collections import SystemCollections
from sync.local.telling import advised, defined, explanation
from sync.query.errors import NotSupported, ReadOnly, StatementError, StatementInvalid
from sync.query.functions import Context
from sync.query.plan import Catalogue, Index, Plan
from sync.query.planner import plan_select
from sync.query.prepared import Prepared, check_arguments, check_collections, prepared
from sync.query.reads import observable
from sync.query.run import Around, Execution, Source
from sync.query.syntax import (
    CreateIndex,
    DropIndex,
    Explain,
    ExplainSync,
    Insert,
    Remove,
    Select,
    Star,
    Update,
)

if TYPE_CHECKING:
    from sync.local.transaction import Transaction

PLANNED_STATEMENTS_MAX: Final = 256
"""As many as are kept prepared."""

Begin = Callable[[], "AbstractContextManager[Transaction]"]


@dataclass(slots=True)
class Planned:
    """A prepared statement with its plans, valid for the indexes they were made for."""

    ready: Prepared
    indexes: Mapping[str, tuple[Index, ...]]
    target: Select | None = None
    plans: dict[int, Plan] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class View:
    """The documents a statement sees: those committed, some of them replaced."""

    source: Source
    unsettled: frozenset[str] = frozenset()


class Statements:
    """Carries out the statements of one replica."""

    def __init__(self, parts: Parts, system: SystemCollections) -> None:
        self._parts = parts
        self._system = system
        self._source = SqlSource(parts.database, parts.documents, system.rows)
        self._planned: dict[str, Planned] = {}

    def execute(self, text: str, args: Mapping[str, Json] | None, begin: Begin) -> Result:
        """Carry out one statement; a change is a transaction of its own, made by ``begin``."""
        with _told(text):
            planned, values = self._prepare(text, args)
            statement = planned.ready.statement
            if isinstance(statement, Insert | Update | Remove):
                with begin() as tx:
                    result = self._change(planned, values, tx)
                return replace(result, commit_id=tx.commit_id)
            if isinstance(statement, CreateIndex | DropIndex):
                with self._parts.database.transaction():
                    return defined(self._parts, statement)
            with self._parts.database.lock:  # one statement sees one state of the data
                return self._read(planned, values, View(self._source))

    def within(self, text: str, args: Mapping[str, Json] | None, tx: Transaction) -> Result:
        """Carry out one statement as a part of a transaction."""
        with _told(text), self._parts.database.lock:
            planned, values = self._prepare(text, args)
            statement = planned.ready.statement
            if isinstance(statement, Insert | Update | Remove):
                return self._change(planned, values, tx)
            if isinstance(statement, CreateIndex | DropIndex):
                raise NotSupported("Indexes are made and dropped outside of transactions.")
            return self._read(planned, values, self._view(tx.documents()))

    def reading(self, text: str, args: Mapping[str, Json] | None, instead: Instead) -> Result:
        """Carry out one statement that changes nothing, over replaced documents."""
        with _told(text):
            planned, values = self._prepare(text, args)
            statement = planned.ready.statement
            if not isinstance(statement, Select | Explain | ExplainSync):
                raise ReadOnly("The transaction is read-only; the statement changes something.")
            return self._read(planned, values, self._view(instead))

    def asked(self, text: str, args: Mapping[str, Json]) -> tuple[Select, Execution, Plan]:
        """A SELECT that is asked again and again, about to be carried out. A collection may be yet
        to come; ``NotSupported`` for what commits alone do not change."""
        with _told(text):
            planned, values = self._prepare(text, args, awaited=True)
            select = observable(planned.ready)
            execution = self._execution(planned, values, View(self._source))
            return select, execution, execution.plan_of(select)

    @property
    def indexes(self) -> object:
        """The same object as long as plans stay as they are."""
        return self._parts.indexes.by_collection

    def _view(self, instead: Instead) -> View:
        changed = frozenset(name for name, documents in instead.items() if documents)
        return View(Overlay(self._source, instead), changed) if changed else View(self._source)

    def _prepare(
        self, text: str, args: Mapping[str, Json] | None, *, awaited: bool = False
    ) -> tuple[Planned, dict[str, Json]]:
        """A statement with its values, looked through; raises ``StatementError``. ``awaited``: its
        collections may be yet to come."""
        ready = prepared(text)
        values = dict(args or {})
        for value in values.values():
            check_value(value)
        check_arguments(ready, values)
        # Of collections that are not here yet, an observer waits and EXPLAIN SYNC tells.
        if not awaited and not isinstance(ready.statement, ExplainSync):
            check_collections(ready, self._parts.documents.collections)
        indexes = self._parts.indexes.by_collection
        held = self._planned.get(text)
        if held is None or held.ready is not ready or held.indexes is not indexes:
            if len(self._planned) >= PLANNED_STATEMENTS_MAX:
                self._planned.clear()
            held = self._planned[text] = Planned(ready, indexes, _target(ready.statement))
        return held, values

    def _execution(
        self, planned: Planned, values: dict[str, Json], view: View, around: Around | None = None
    ) -> Execution:
        def plan_of(select: Select) -> Plan:
            if view.unsettled:
                return plan_select(select, Catalogue(planned.indexes, view.unsettled))
            plan = planned.plans.get(id(select))
            if plan is None:
                plan = planned.plans[id(select)] = plan_select(select, Catalogue(planned.indexes))
            return plan

        context = Context(now_ms=self._parts.identity.now_ms())
        return Execution(view.source, values, plan_of, context=context, around=around)

    def _read(self, planned: Planned, values: dict[str, Json], view: View) -> Result:
        statement = planned.ready.statement
        if isinstance(statement, Select):
            execution = self._execution(planned, values, view)
            return Result(list(execution.results(execution.plan_of(statement))))
        if isinstance(statement, ExplainSync):
            return self._explain_sync(statement, self._execution(planned, values, view))
        assert isinstance(statement, Explain)
        if statement.kind == "advise":
            return advised(self._parts, statement, planned.target, planned.indexes)

        def run(around: Around) -> Plan:
            execution = self._execution(planned, values, view, around)
            assert planned.target is not None
            plan = execution.plan_of(planned.target)
            for _ in execution.results(plan):
                pass
            return plan

        return explanation(self._parts, statement, planned.target, planned.indexes, run)

    def _explain_sync(self, asked: ExplainSync, execution: Execution) -> Result:
        given = [each and execution.compiled(each)({}) for each in (asked.doc_id, asked.on)]
        doc_id, on = given
        if not isinstance(doc_id, str) or not isinstance(on, str | None):
            raise StatementInvalid("EXPLAIN SYNC takes an id and a name as text.")
        return Result(self._system.explain_sync(asked.collection, doc_id, on))

    def _change(self, planned: Planned, values: dict[str, Json], tx: Transaction) -> Result:
        statement: Any = planned.ready.statement
        execution = self._execution(planned, values, self._view(tx.documents()))
        mutation = Mutation(tx, execution)
        found: list[Document] = []
        if planned.target is not None:
            found = list(execution.results(execution.plan_of(planned.target)))
        match statement:
            case Insert():
                given = found if statement.select is not None else list(mutation.values(statement))
                return mutation.insert(statement, given)
            case Update():
                return mutation.update(statement, found)
            case Remove():
                return mutation.remove(statement, found)
        raise AssertionError(statement)


def _target(statement: Any) -> Select | None:
    """The SELECT that finds the documents a statement is about."""
    match statement:
        case Explain(_, query):
            return _target(query)
        case Select():
            return statement
        case Insert(select=select):
            return select
        case Update():
            return Select(
                (Star(),),
                statement.source,
                ids=statement.ids,
                where=statement.where,
                order_by=statement.order_by,
                limit=statement.limit,
                offset=statement.offset,
            )
        case Remove():
            where, limit = statement.where, statement.limit
            return Select((Star(),), statement.source, ids=statement.ids, where=where, limit=limit)
    return None


class _told:
    """Errors of a statement know its text, however deep they were raised."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __enter__(self) -> None:
        pass

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if isinstance(error, StatementError):
            error.located(self._text)
