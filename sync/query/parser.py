"""DQL's statements read from text into the tree of ``sync.query.syntax``.

What names mean is not judged here: see ``sync.query.binding``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias
from typing import Literal as OneOf

from sync.query.changes import Changes
from sync.query.errors import StatementInvalid, StatementUnreadable
from sync.query.expressions import ArrayOf, Call, Expr, ObjectOf, Parameter, Path
from sync.query.lexer import capitals
from sync.query.syntax import (
    CreateIndex,
    DropIndex,
    Explain,
    ExplainSync,
    Insert,
    Join,
    Query,
    Remove,
    Select,
    Statement,
    Update,
)

_OnConflict: TypeAlias = OneOf["fail", "nothing", "update", "update_local_diff"]

JOINS_MAX: Final = 10  # As many as Ditto allows; a loop in a loop is slow long before.

_SELECT_ORDER: Final = ("JOIN", "WHERE", "GROUP BY", "HAVING", "ORDER BY", "LIMIT", "OFFSET")
_UPDATE_ORDER: Final = (
    *("APPLY", "SET", "UNSET", "WHERE"),
    *("ORDER BY", "LIMIT", "OFFSET", "RETURNING"),
)
_REMOVE_ORDER: Final = ("WHERE", "LIMIT", "RETURNING")

_REFUSED: Final = {
    "ALTER": "ALTER SYSTEM is not part of DQL here, nor is strict mode: nothing needs setting.",
    "SHOW": "SHOW is not part of DQL here; there are no system parameters.",
    "UPSERT": "UPSERT is not part of DQL; write INSERT INTO … ON ID CONFLICT DO UPDATE.",
    "REPLACE": "REPLACE is not part of DQL; write INSERT INTO … ON ID CONFLICT DO UPDATE.",
    "MERGE": "MERGE is not part of DQL; write INSERT INTO … ON ID CONFLICT DO UPDATE.",
    "TRUNCATE": "TRUNCATE is not part of DQL; write DELETE FROM, or EVICT FROM to forget here.",
    "BEGIN": "Transactions are not part of DQL; use `replica.transaction()`.",
    "COMMIT": "Transactions are not part of DQL; use `replica.transaction()`.",
    "ROLLBACK": "Transactions are not part of DQL; use `replica.transaction()`.",
}
_COLLECTIONS: Final = (
    "Collections are neither created nor dropped: one comes with its first document."
)


def parse(text: str) -> Statement:
    """The tree of one statement; a ``;`` may end it. Raises ``StatementError``."""
    return _Parser(text).whole()


class _Parser(Changes):
    def whole(self) -> Statement:
        if self.token[0] == "end":
            raise StatementUnreadable("The statement is empty.", self.text, 0)
        statement = self.statement()
        if self.accept(";") and self.token[0] != "end":
            message = "Only one statement is run at a time."
            raise StatementUnreadable(message, self.text, self.token[2])
        if self.token[0] != "end":
            if self.token[0] == ")":
                message = "This closing parenthesis has no opening one."
                raise StatementUnreadable(message, self.text, self.token[2])
            self.fail(*self.open_clauses, "the end")
        return statement

    def statement(self) -> Statement:
        word = self._first_word()
        if word in ("EXPLAIN", "PROFILE", "ADVISE"):
            return self._explained(word)
        return self._query()

    def _first_word(self) -> str:
        kind, value, _ = self.token
        return capitals(value) if kind in ("name", "SELECT") else kind

    def _explained(self, word: str) -> Statement:
        self.advance()
        if word == "EXPLAIN":
            if self.at_word("SYNC"):
                return self._explain_sync()
            return Explain("explain", self._query())
        if word == "PROFILE":
            return Explain("profile", self._query())
        provision = self.accept("AND")
        if provision:
            self.expect_word("PROVISION")
        return Explain("advise", self._query(), provision)

    def _explain_sync(self) -> ExplainSync:
        self.advance()
        at = self.token[2]
        collection = self.name("a collection's name")
        doc_id = self.expression()
        self.open_clauses = ("ON",)
        if not self.accept("ON"):
            return ExplainSync(collection, doc_id, at=at)
        self.open_clauses = ()
        return ExplainSync(collection, doc_id, self.expression(), at)

    def _query(self) -> Query:
        word = self._first_word()
        read = _STATEMENTS.get(word)
        if read is None:
            if word in _REFUSED:
                self.not_supported(_REFUSED[word])
            self.fail(*_STATEMENTS, "EXPLAIN", "PROFILE", "ADVISE")
        return read(self)

    def select(self) -> Select:
        self.expect("SELECT")
        distinct = self.accept("DISTINCT")
        columns = self.projection()
        if self.token[0] != "FROM":
            self.fail("`,`", "AS", "FROM")
        self.advance()
        source, ids = self.hinted(self.source())
        joins = self._joins()
        where = self.condition()
        group_by = self._group_by()
        having = self.expression() if self.accept("HAVING") else None
        order_by = self.sorting()
        limit, offset = self.count("LIMIT"), self.count("OFFSET")
        parts = (joins, where, group_by, having, order_by, limit, offset)
        self.closing(_SELECT_ORDER, [part is not None and part != () for part in parts])
        return Select(
            columns, source, distinct, ids, joins, where, group_by, having, order_by, limit, offset
        )

    def _joins(self) -> tuple[Join, ...]:
        if self.token[0] == ",":
            self.not_supported("Collections are joined by a condition: `JOIN … ON …`.")
        joins: list[Join] = []
        while self.token[0] in ("JOIN", "INNER", "LEFT", "RIGHT"):
            if len(joins) == JOINS_MAX:
                message = f"A statement joins at most {JOINS_MAX} collections to its first."
                raise StatementInvalid(message, self.text, self.token[2])
            joins.append(self._join(first=not joins))
        return tuple(joins)

    def _join(self, first: bool) -> Join:
        kind, _, at = self.token
        if kind == "RIGHT" and not first:
            message = "RIGHT JOIN must be the first join; put the collection in FROM instead."
            raise StatementInvalid(message, self.text, at)
        if kind != "JOIN":
            self.advance()
            if kind != "INNER":
                self.accept_word("OUTER")
        self.expect("JOIN")
        source, ids = self.hinted(self.source())
        if ids is not None:
            self.not_supported("USE IDS stands only after FROM; compare `_id` in ON.", at)
        self.expect("ON")
        on = self.expression()
        if kind == "LEFT":
            return Join("left", source, on)
        return Join("right" if kind == "RIGHT" else "inner", source, on)

    def _group_by(self) -> tuple[Expr, ...]:
        if not self.accept("GROUP"):
            return ()
        self.expect("BY")
        keys = [self.expression()]
        while self.accept(","):
            keys.append(self.expression())
        return tuple(keys)

    def insert(self) -> Insert:
        self.advance()
        self.expect_word("INTO")
        source = self.source(aliased=False)
        initial = self.accept_word("INITIAL")
        if self.token[0] == "SELECT":
            if initial:
                self.fail("DOCUMENTS")
            select: Select | None = self.select()
            documents: tuple[Expr, ...] = ()
        else:
            documents, select = self._documents(initial), None
        at = self.token[2]
        on_conflict = self._on_conflict() if self.accept("ON") else "fail"
        if initial and on_conflict != "fail":
            message = "INITIAL documents never conflict: leave ON ID CONFLICT out."
            raise StatementInvalid(message, self.text, at)
        returning = self.returning()
        self.open_clauses = () if returning else ("ON ID CONFLICT", "RETURNING")
        return Insert(source, documents, select, initial, on_conflict, returning)

    def _documents(self, initial: bool) -> tuple[Expr, ...]:
        if self.token[0] == "(":
            self.not_supported("Columns are not listed: a document names its fields itself.")
        if not self.accept_word("DOCUMENTS") and (initial or not self.accept_word("VALUES")):
            self.fail(*(("DOCUMENTS",) if initial else ("DOCUMENTS", "VALUES", "SELECT")))
        documents: list[Expr] = []
        while not documents or self.accept(","):
            at = self.token[2]
            self.expect("(")
            document = self.expression()
            if not isinstance(document, ObjectOf | ArrayOf | Parameter | Call):
                message = "A document is a map {…}, a parameter, or an array of maps."
                raise StatementInvalid(message, self.text, at)
            if self.token[0] == ",":
                self.fail("`)`: each document has parentheses of its own")
            self.expect(")")
            documents.append(document)
        return tuple(documents)

    def _on_conflict(self) -> _OnConflict:
        self.expect_word("ID")
        self.expect_word("CONFLICT")
        if self.accept_word("FAIL"):
            return "fail"
        self.expect_word("DO")
        if self.accept_word("NOTHING"):
            return "nothing"
        if self.accept_word("UPDATE_LOCAL_DIFF"):
            return "update_local_diff"
        if not self.accept_word("UPDATE"):
            self.fail("NOTHING", "UPDATE", "UPDATE_LOCAL_DIFF")
        return "update"

    def update(self) -> Update:
        self.advance()
        source, ids = self.hinted(self.source())
        if self.token[0] in ("JOIN", "INNER", "LEFT", "RIGHT", ",", "FROM"):
            self.not_supported("UPDATE changes one collection; use WHERE … IN (SELECT …).")
        applies, sets, unsets = self.applies(), self.sets(), self.unsets()
        if not (applies or sets or unsets):
            self.fail("USE IDS", "APPLY", "SET", "UNSET")
        where = self.condition()
        order_by = self.sorting()
        limit, offset = self.count("LIMIT"), self.count("OFFSET")
        returning = self.returning()
        parts = (applies, sets, unsets, where, order_by, limit, offset, returning)
        self.closing(_UPDATE_ORDER, [part is not None and part != () for part in parts])
        return Update(source, ids, applies, sets, unsets, where, order_by, limit, offset, returning)

    def remove(self) -> Remove:
        kind = self._first_word()
        self.advance()
        self.expect("FROM")
        source, ids = self.hinted(self.source())
        if self.token[0] in ("JOIN", "INNER", "LEFT", "RIGHT", ","):
            self.not_supported(f"{kind} takes one collection; use WHERE … IN (SELECT …).")
        where = self.condition()
        if self.token[0] in ("ORDER", "OFFSET"):
            self.not_supported(f"{kind} has no order: choose by WHERE _id IN (SELECT …).")
        limit = self.count("LIMIT")
        returning = self.returning()
        seen = [part is not None for part in (where, limit, returning)]
        self.closing(_REMOVE_ORDER, seen)
        named = "delete" if kind == "DELETE" else "evict"
        return Remove(named, source, ids, where, limit, returning)  # type: ignore[arg-type]

    def create(self) -> CreateIndex:
        self.advance()
        if self.at_word("COLLECTION"):
            self.not_supported(_COLLECTIONS)
        self.expect_word("INDEX")
        missing_only = self.accept_word("IF")
        if missing_only:
            self.expect("NOT")
            self.expect("EXISTS")
        name = self.name("an index's name")
        self.expect("ON")
        source = self.source(aliased=False)
        self.expect("(")
        paths = [self._index_path()]
        while self.accept(","):
            paths.append(self._index_path())
        if self.token[0] != ")":
            self.fail("`,`", "ASC", "DESC", "`)`")
        self.advance()
        self.open_clauses = ()
        return CreateIndex(name, source, tuple(paths), missing_only)

    def _index_path(self) -> tuple[Path, bool]:
        path = self.path()
        if self.token[0] == "(":
            self.not_supported("An index is on fields, not on what a function makes of them.")
        descending = self.accept("DESC")
        if not descending:
            self.accept("ASC")
        return path, descending

    def drop(self) -> DropIndex:
        self.advance()
        if self.at_word("COLLECTION"):
            self.not_supported(_COLLECTIONS)
        self.expect_word("INDEX")
        present_only = self.accept_word("IF")
        if present_only:
            self.expect("EXISTS")
        name = self.name("an index's name")
        self.expect("ON")
        source = self.source(aliased=False)
        self.open_clauses = ()
        return DropIndex(name, source, present_only)


_STATEMENTS: Final[dict[str, Callable[[_Parser], Query]]] = {
    "SELECT": _Parser.select,
    "INSERT": _Parser.insert,
    "UPDATE": _Parser.update,
    "DELETE": _Parser.remove,
    "EVICT": _Parser.remove,
    "CREATE": _Parser.create,
    "DROP": _Parser.drop,
}
