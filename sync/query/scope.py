"""Which names a part of a statement can use, and what each of them means there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sync.query.errors import AmbiguousName, UnknownName, nearest, quoted
from sync.query.expressions import Expr, Field, Member, Path, Variable
from sync.query.syntax import Source


@dataclass(frozen=True, slots=True)
class Scope:
    """The names of one SELECT, or of one comprehension within it, inside those of ``outer``.

    ``sources`` maps aliases to collections; ``columns`` are the names that ORDER BY may use."""

    sources: Mapping[str, Source] = field(default_factory=dict)
    variable: str | None = None
    columns: Mapping[str, Expr] = field(default_factory=dict)
    outer: Scope | None = None

    def within(self, variable: str) -> Scope:
        """The names inside a comprehension that binds ``variable``."""
        return Scope(variable=variable, outer=self)

    def without_columns(self) -> Scope:
        """The names inside an aggregate, which knows no columns."""
        if not self.columns:
            return self
        return Scope(self.sources, self.variable, {}, self.outer)

    def resolve(self, name: Field, text: str) -> Expr:
        """What a name as parsed means: a field of a collection, a variable, or a column.

        Raises ``UnknownName``, ``AmbiguousName``."""
        path = name.path
        scope: Scope | None = self
        home: Scope | None = None
        while scope is not None:
            if scope.variable == path[0]:
                return members(Variable(path[0]), path[1:])
            if path[0] in scope.columns and (len(path) == 1 or path[0] not in scope.sources):
                return members(scope.columns[path[0]], path[1:])
            # A bare name within a SELECT is its own field sooner than a whole outer document.
            if path[0] in scope.sources and (home is None or len(path) > 1):
                return Field(path[0], path[1:], name.at)
            if home is None and scope.sources:
                home = scope
            scope = scope.outer
        if home is None:
            raise _nothing_to_read(name, text)
        if len(home.sources) > 1:
            raise _ambiguous(name, home, text)
        return home._own(name, text)

    def _own(self, name: Field, text: str) -> Field:
        """A field without alias, of the only collection here."""
        (alias,) = self.sources
        called = self.sources[alias].name
        if name.path[0] == called and len(name.path) > 1:
            message = f"{quoted(called)} is called {quoted(alias)} in this statement."
            raise UnknownName(message, text, name.at, expected=(alias,), nearest=alias)
        return Field(alias, name.path, name.at)


def members(base: Expr, path: Path) -> Expr:
    """``base.a.b``"""
    if path and isinstance(base, Field):
        return Field(base.alias, (*base.path, *path), base.at)
    for key in path:
        base = Member(base, key)
    return base


def _nothing_to_read(name: Field, text: str) -> UnknownName:
    shown = ".".join(name.path)
    message = f"There is no document here to take {quoted(shown)} from; as text, write '{shown}'."
    return UnknownName(message, text, name.at)


def _ambiguous(name: Field, scope: Scope, text: str) -> AmbiguousName | UnknownName:
    shown = ".".join(name.path)
    near = nearest(name.path[0], scope.sources) if len(name.path) > 1 else None
    if near is not None:
        message = f"No collection is called {quoted(name.path[0])} here; did you mean {near}?"
        return UnknownName(message, text, name.at, expected=scope.sources, nearest=near)
    ways = " or ".join(f"{alias}.{shown}" for alias in scope.sources)
    message = f"{quoted(shown)} could belong to several collections; write {ways}."
    return AmbiguousName(message, text, name.at, expected=scope.sources)
