"""INSERT, UPDATE, DELETE and EVICT, carried out on the drafts of one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from sync.core.values import canonical
from sync.errors import InvalidValue
from sync.ids import Document
from sync.local.result import Result
from sync.query.access import shown
from sync.query.errors import StatementInvalid
from sync.query.evaluate import MISSING, lookup
from sync.query.nodes import Path
from sync.query.projecting import copied, projector
from sync.query.run import NO_ROW, Execution
from sync.query.syntax import Apply, Binary, Expr, Field, Insert, Projection, Remove, Source, Update

if TYPE_CHECKING:
    from sync.local.transaction import Transaction

NOTES_MAX: Final = 20
"""A statement over many documents need not say the same of each."""


class Mutation:
    """One statement that changes documents, being carried out."""

    def __init__(self, tx: Transaction, execution: Execution) -> None:
        self._tx = tx
        self._execution = execution
        self._ids: list[str] = []
        self._items: list[Document] = []
        self._notes: dict[str, None] = {}

    def insert(self, statement: Insert, documents: list[Document]) -> Result:
        """Insert documents; every id at most once."""
        name = statement.source.name
        seen: set[str] = set()
        for document in documents:
            doc_id = _checked_id(document)
            if doc_id in seen:
                raise StatementInvalid(f"The statement inserts the _id {doc_id!r:.60} twice.")
            written = self._insert_one(statement, document)
            seen.add(doc_id or written or "")
            if written is not None:
                self._ids.append(written)
                self._return(statement.source, statement.returning, self._now(name, written))
        return self._result()

    def values(self, statement: Insert) -> Iterator[Document]:
        """The documents of DOCUMENTS or VALUES: each an object, or an array of objects."""
        for expr in statement.documents:
            value = self._execution.compiled(expr)(NO_ROW)
            for each in value if isinstance(value, list) else [value]:
                if not isinstance(each, dict):
                    raise StatementInvalid("INSERT takes an object, or an array of objects.")
                yield copied(each)

    def update(self, statement: Update, found: list[Document]) -> Result:
        """Change the documents that were found; expressions see them as they were."""
        source = statement.source
        sets = [(path, expr, self._execution.compiled(expr)) for path, expr in statement.sets]
        applies = [(each, self._execution.compiled(each.amount)) for each in statement.applies]
        for document in found:
            doc_id, row = str(document["_id"]), {source.alias: document}
            amounts = [(each, amount(row)) for each, amount in applies]
            values = [(path, expr, value(row)) for path, expr, value in sets]
            for apply, amount in amounts:
                self._apply(source, doc_id, apply, amount)
            for path, expr, value in values:
                self._set(source, doc_id, path, expr, value, document)
            self._tx.unset(source.name, doc_id, *statement.unsets)
            self._ids.append(doc_id)
            self._return(source, statement.returning, self._now(source.name, doc_id))
        return self._result()

    def remove(self, statement: Remove, found: list[Document]) -> Result:
        """Delete or evict the documents that were found."""
        for document in found:
            doc_id = str(document["_id"])
            if statement.kind == "delete":
                self._tx.delete(statement.source.name, doc_id)
            elif not self._tx.evict(statement.source.name, doc_id):
                self._note(f"{statement.source.name} {doc_id} stays: work on it is not sent yet.")
                continue
            self._ids.append(doc_id)
            self._return(statement.source, statement.returning, document)
        return self._result()

    def _insert_one(self, statement: Insert, document: Document) -> str | None:
        """The id that was written; None if nothing was."""
        tx, name = self._tx, statement.source.name
        if statement.initial:
            return tx.insert_initial(name, document)
        held = None if "_id" not in document else tx.get(name, document["_id"])
        if held is None or statement.on_conflict == "fail":
            return tx.insert(name, document)
        if statement.on_conflict == "nothing":
            return None
        if statement.on_conflict == "update":
            return tx.upsert(name, document)
        different = _difference(document, held)
        return tx.upsert(name, {**different, "_id": document["_id"]}) if different else None

    def _apply(self, source: Source, doc_id: str, apply: Apply, amount: Any) -> None:
        if not isinstance(amount, int) or isinstance(amount, bool):
            told = "MISSING" if amount is MISSING else repr(amount)
            raise StatementInvalid(f"{shown(apply.path)} counts whole numbers, not {told:.40}.")
        change = self._tx.restart if apply.kind == "restart" else self._tx.increment
        change(source.name, doc_id, apply.path, amount)

    def _set(
        self, source: Source, doc_id: str, path: Path, expr: Expr, value: Any, before: Document
    ) -> None:
        name = source.name
        if self._is_counter(source, doc_id, path):
            amount = self._counted(source, path, expr, before)
            if amount is not None:
                self._tx.increment(name, doc_id, path, amount)
                self._note(
                    f"{shown(path)} is a counter: SET {shown(path)} = … was carried out as an "
                    f"increment by {amount:+d}, which adds up with what others count."
                )
                return
            self._note(f"{shown(path)} is a counter: the value is written as a new count.")
        if value is MISSING:
            self._note(f"{shown(path)} was left as it is where its new value is MISSING.")
            return
        is_whole = isinstance(value, dict) and (path[0], "REGISTER") in source.types
        if is_whole and len(path) == 1:
            self._tx.unset(name, doc_id, path)
        fields: Any = copied(value)
        for step in reversed(path):
            fields = {step: fields}
        self._tx.update(name, doc_id, fields)

    def _is_counter(self, source: Source, doc_id: str, path: Path) -> bool:
        declared = dict(source.types).get(path[0]) if len(path) == 1 else None
        if declared is not None:
            return declared in ("COUNTER", "PN_COUNTER")
        return self._tx.is_counter(source.name, doc_id, path)

    def _counted(self, source: Source, path: Path, expr: Expr, before: Document) -> int | None:
        """What ``path + amount``, ``amount + path`` or ``path - amount`` counts; None if the
        expression is none of these, or ``InvalidValue`` if it counts no whole number."""
        own = Field(source.alias, path)
        match expr:
            case Binary("+", left, amount) if left == own:
                sign = 1
            case Binary("+", amount, right) if right == own:
                sign = 1
            case Binary("-", left, amount) if left == own:
                sign = -1
            case _:
                return None
        value = self._execution.compiled(amount)({source.alias: before})
        if not isinstance(value, int) or isinstance(value, bool):
            told = "MISSING" if value is MISSING else repr(value)
            raise InvalidValue(f"{shown(path)} counts whole numbers, not {told:.40}.")
        return sign * value

    def _now(self, collection: str, doc_id: str) -> Document | None:
        return self._tx.get(collection, doc_id)

    def _return(
        self, source: Source, returning: Projection | None, document: Document | None
    ) -> None:
        if returning is not None and document is not None:
            project = projector(returning, (source.alias,), self._execution.compiled)
            self._items.append(project({source.alias: document}))

    def _note(self, note: str) -> None:
        if len(self._notes) < NOTES_MAX:
            self._notes[note] = None

    def _result(self) -> Result:
        return Result(self._items, self._ids, None, list(self._notes))


def _checked_id(document: Document) -> str | None:
    """The ``_id`` of a document to be inserted; None if it has none and one is to be drawn."""
    if "_id" not in document:
        return None
    doc_id = document["_id"]
    if not isinstance(doc_id, str):
        raise StatementInvalid(f"An _id is a text, not {doc_id!r:.40}.")
    return doc_id


def _difference(document: Document, held: Document) -> Document:
    """The fields of a document that say something else than what is there."""
    different: Document = {}
    for name, value in document.items():
        here = lookup(held, (name,))
        if isinstance(value, dict) and isinstance(here, dict):
            inner = _difference(value, here)
            if inner:
                different[name] = inner
        elif here is MISSING or canonical(here) != canonical(value):
            different[name] = value
    return different
