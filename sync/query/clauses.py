"""The parts that statements share: collections, columns, WHERE to OFFSET, RETURNING, paths."""

from __future__ import annotations

from typing import Final

from sync.query.cursor import NAMES, REFUSED
from sync.query.directives import directed_index
from sync.query.errors import StatementInvalid, StatementUnreadable, quoted
from sync.query.expressions import Constant, Expr, Field, Parameter, Path
from sync.query.lexer import capitals
from sync.query.pratt import Expressions
from sync.query.syntax import Column, MissingColumn, Projection, Sort, Source, Star

CRDT_TYPES: Final = ("REGISTER", "MAP", "COUNTER", "PN_COUNTER")
SYSTEM_COLLECTIONS: Final = ("collections", "conflicts", "indexes", "outbox", "peers", "quarantine")
"""What may follow ``system:``."""

_FIRST: Final = {"GROUP": "GROUP BY", "ORDER": "ORDER BY"}


class Clauses(Expressions):
    """Reads the parts of statements."""

    def source(self, aliased: bool = True) -> Source:
        """``name``, ``COLLECTION name (field TYPE, …)`` or ``system:name``, and its alias."""
        at = self.token[2]
        if self.at_word("SYSTEM") and self.ahead()[0] == "parameter":
            self.advance()
            return self._system_source(at, aliased)
        types: tuple[tuple[str, str], ...] = ()
        if self.at_word("COLLECTION") and self.ahead()[0] in NAMES:
            self.advance()
            at = self.token[2]
            name = self.name("a collection's name")
            types = self._types()
        else:
            if self.token[0] == "(":
                self.not_supported("FROM takes a collection; a SELECT follows only IN or EXISTS.")
            name = self.name("a collection's name")
        return Source(name, self._alias(name) if aliased else name, types, at=at)

    def _system_source(self, at: int, aliased: bool) -> Source:
        name = self.advance()[1]
        if name not in SYSTEM_COLLECTIONS:
            known = ", ".join(f"system:{each}" for each in SYSTEM_COLLECTIONS)
            self.not_supported(f"There is no system:{name}; there are {known}.", at)
        return Source(name, self._alias(name) if aliased else name, system=True, at=at)

    def _alias(self, name: str) -> str:
        if self.accept("AS"):
            return self.name("an alias")
        if self.token[0] == "name" and capitals(self.token[1]) in REFUSED:
            self.fail()
        if self.token[0] in NAMES and not self._joins_by_word():
            self.bare_alias = self.advance()
            return self.bare_alias[1]
        return name

    def _joins_by_word(self) -> bool:
        return capitals(self.token[1]) == "OUTER" and self.ahead()[0] == "JOIN"

    def _types(self) -> tuple[tuple[str, str], ...]:
        """``(field TYPE, …)``"""
        if not self.accept("("):
            return ()
        types: dict[str, str] = {}
        while True:
            at = self.token[2]
            field = self.step()
            if field in types:
                raise StatementInvalid(f"{quoted(field)} stands twice.", self.text, at)
            kind = capitals(self.token[1])
            if kind == "ATTACHMENT":
                self.not_supported("ATTACHMENT is not part of DQL here; keep a link to the file.")
            if kind not in CRDT_TYPES:
                self.fail(*CRDT_TYPES)
            self.advance()
            if self.token[0] == "(":
                self.not_supported("Only whole fields are declared, not those inside a MAP.")
            types[field] = kind
            if not self.accept(","):
                break
        if self.token[0] != ")":
            self.fail("`,`", "`)`")
        self.advance()
        return tuple(types.items())

    def hinted(self, source: Source) -> tuple[Source, tuple[Expr, ...] | None]:
        """The source with what ``USE IDS``, ``USE INDEX`` and ``USE DIRECTIVES`` say after it."""
        ids: tuple[Expr, ...] | None = None
        while self.accept("USE"):
            if self.accept_word("IDS"):
                if ids is not None:
                    self.fail("INDEX")
                ids = self._ids()
            elif self.accept_word("INDEX"):
                source = self._indexed(source, self._text("the name of an index in quotes"))
            elif self.accept_word("DIRECTIVES"):
                source = self._directed(source)
            else:
                self.fail("IDS", "INDEX", "DIRECTIVES")
        return source, ids

    def _ids(self) -> tuple[Expr, ...]:
        if self.at_word("LIST") and self.ahead()[0] not in (".", ",", "("):
            self.advance()
            return (self.expression(),)
        ids = [self.expression()]
        while self.accept(","):
            ids.append(self.expression())
        return tuple(ids)

    def _text(self, what: str) -> str:
        if self.token[0] not in ("string", *NAMES):
            self.fail(what)
        return self.advance()[1]

    def _indexed(self, source: Source, index: str) -> Source:
        return Source(source.name, source.alias, source.types, source.system, index, source.at)

    def _directed(self, source: Source) -> Source:
        """``USE DIRECTIVES '{"#index": "name"}'``: a second way to say USE INDEX."""
        kind, said, at = self.token
        if kind != "string":
            self.fail('\'{"#index": "name"}\'')
        self.advance()
        index = directed_index(said, self.text, at)
        return source if index is None else self._indexed(source, index)

    def projection(self) -> Projection:
        """The columns of SELECT or RETURNING."""
        columns = [self._column(1)]
        while self.accept(","):
            columns.append(self._column(len(columns) + 1))
        return tuple(columns)

    def _column(self, position: int) -> Star | Column | MissingColumn:
        kind, value, at = self.token
        if kind == "*":
            self.advance()
            return Star()
        if kind in NAMES and self.ahead()[0] == "." and self.ahead(2)[0] == "*":
            for _ in range(3):
                self.advance()
            return Star(value)
        if kind == "MISSING" and self.ahead()[0] in NAMES:
            self.advance()
            at = self.token[2]
            return MissingColumn(Field("", self.path(), at))
        expr = self.expression()
        if self.accept("AS"):
            return Column(expr, self.name("a column's name"))
        if self.token[0] in NAMES:
            self.fail("AS", "`,`", "FROM")
        return Column(expr, default_name(expr, position))

    def condition(self) -> Expr | None:
        """``[WHERE …]``"""
        return self.expression() if self.accept("WHERE") else None

    def sorting(self) -> tuple[Sort, ...]:
        """``[ORDER BY …]``"""
        if not self.accept("ORDER"):
            return ()
        self.expect("BY")
        terms = []
        while True:
            expr = self.expression()
            descending = self.accept("DESC")
            if not descending:
                self.accept("ASC")
            terms.append(Sort(expr, descending))
            if self.at_word("NULLS"):
                self.not_supported("Null and missing come last, and first where DESC is said.")
            if not self.accept(","):
                return tuple(terms)

    def count(self, word: str) -> Expr | None:
        """``[LIMIT n]`` or ``[OFFSET n]``: a whole number from 0, or a parameter."""
        if not self.accept(word):
            return None
        kind, _, at = self.token
        if kind not in ("number", "parameter", "-", "+"):
            message = f"{word} takes a whole number or a parameter."
            raise StatementUnreadable(message, self.text, at)
        expr = self.atom()
        if isinstance(expr, Constant):
            if not isinstance(expr.value, int):
                raise StatementInvalid(f"{word} takes a whole number.", self.text, at)
            if expr.value < 0:
                raise StatementInvalid(f"{word} cannot be negative.", self.text, at)
        elif not isinstance(expr, Parameter):
            raise StatementInvalid(f"{word} takes a number or a parameter.", self.text, at)
        if word == "LIMIT" and self.token[0] == ",":
            self.not_supported("Write LIMIT n OFFSET m instead of LIMIT m, n.")
        return expr

    def returning(self) -> Projection | None:
        """``[RETURNING …]``"""
        return self.projection() if self.accept("RETURNING") else None

    def path(self) -> Path:
        """A path to a field that is changed, indexed or left out."""
        if self.token[0] == "parameter":
            self.not_supported("A path is written out; only values can be parameters.")
        steps = [self.name("a field")]
        while self.token[0] in (".", "["):
            if self.advance()[0] == ".":
                steps.append(self.step())
                continue
            kind, value, at = self.token
            if kind == "parameter":
                self.not_supported("A path is written out; only values can be parameters.", at)
            if kind == "number":
                message = "Items of an array have no path; set the whole array, or use a map."
                self.not_supported(message, at)
            if kind != "string":
                self.fail("a name in quotes")
            steps.append(value)
            self.advance()
            self.expect("]")
        return tuple(steps)

    def closing(self, order: tuple[str, ...], seen: list[bool]) -> None:
        """After the last clause of a statement: note which may follow, refuse those out of order.
        ``seen`` tells for each clause of ``order`` whether it was there."""
        last = max((index for index, each in enumerate(seen) if each), default=-1)
        self.open_clauses = order[last + 1 :]
        kind, _, at = self.token
        clause = _FIRST.get(kind, kind)
        if clause in order:
            if seen[order.index(clause)]:
                raise StatementInvalid(f"{clause} stands twice.", self.text, at)
            after = order[last]
            raise StatementInvalid(f"{clause} stands before {after}.", self.text, at)


def default_name(expr: Expr, position: int) -> str:
    """The name of a column that was given none; positions count from 1."""
    return expr.path[-1] if isinstance(expr, Field) and expr.path else f"(${position})"
