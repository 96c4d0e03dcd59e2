"""What a SELECT looks at, so that a change it cannot see is known as such without running it.

Each FROM and JOIN, those of SELECTs within included, is one ``Reads``. A document that fails the
part of the condition which it decides alone counts for the statement as if it were not there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sync.ids import Document, Json
from sync.query.difference import is_same
from sync.query.errors import NotSupported
from sync.query.evaluate import lookup
from sync.query.functions import FUNCTIONS
from sync.query.meaning import Compiled, compile_expr
from sync.query.meaning.compiling import operands
from sync.query.meaning.subqueries import names_beyond
from sync.query.nodes import Path
from sync.query.planner import right_joins_turned
from sync.query.prepared import Prepared
from sync.query.syntax import Call, Expr, Field, Select, Source, Star
from sync.query.walk import nodes_in


@dataclass(frozen=True, slots=True, eq=False)
class Reads:
    """One collection a statement reads: which fields (None: all) of which documents, and whether a
    SELECT within it does."""

    collection: str
    alias: str
    is_within: bool
    paths: frozenset[Path] | None
    holds: tuple[Compiled, ...]

    def sees(self, document: Document | None) -> bool:
        """Whether a document, with its ``_id``, may count for the answer."""
        if document is None:
            return False
        row = {self.alias: document}
        return all(part(row) is True for part in self.holds)

    def matters(self, before: Document | None, after: Document | None) -> bool:
        """Whether the change of a document may change the answer."""
        was, now = self.sees(before), self.sees(after)
        if was is not now:
            return True
        if not was or before is None or after is None:
            return False
        if self.paths is None:
            return not is_same(before, after)
        return any(not is_same(lookup(before, p), lookup(after, p)) for p in self.paths)


def observable(statement: Prepared) -> Select:
    """The SELECT of a statement; ``NotSupported`` if its answer cannot be kept true."""
    select = statement.statement
    if not isinstance(select, Select):
        raise NotSupported("Only a SELECT can be observed.", statement.text)
    for each in nodes_in(select):
        if isinstance(each, Source) and each.system:
            message = "System collections cannot be observed: they change without a commit."
            raise NotSupported(message, statement.text, each.at)
    return select


def reads_of(select: Select, args: Mapping[str, Json]) -> tuple[Reads, ...]:
    """Everything a bound SELECT reads, with values for its parameters."""
    found = (each for each in nodes_in(select) if isinstance(each, Select))
    return tuple(reads for each in found for reads in _reads(select, each, args))


def asks_the_clock(select: Select) -> bool:
    """Whether the answer depends on when, or by whom, it is asked for."""
    calls = (each for each in nodes_in(select) if isinstance(each, Call))
    return any(_is_contextual(call) for call in calls)


def _reads(whole: Select, select: Select, args: Mapping[str, Json]) -> Iterator[Reads]:
    turned = right_joins_turned(select)
    for source in (turned.source, *(join.source for join in turned.joins)):
        alone = [part for part in _deciding(turned, source) if _is_about(part, source.alias)]
        holds = tuple(compile_expr(part, args) for part in alone)
        paths = _paths(whole, turned, source)
        yield Reads(source.name, source.alias, select is not whole, paths, holds)


def _deciding(select: Select, source: Source) -> Iterator[Expr]:
    """Conditions without which there is no row with a document of the source. Of a LEFT JOIN's
    inner side these are its own: WHERE may be waiting for the row without it."""
    own = [join for join in select.joins if join.source is source]
    if own and own[0].kind == "left":
        yield from operands("AND", own[0].on)
        return
    for condition in (select.where, *(j.on for j in select.joins if j.kind == "inner")):
        if condition is not None:
            yield from operands("AND", condition)


def _is_about(part: Expr, alias: str) -> bool:
    """Whether a document of ``alias`` decides this part, alone and at any time."""
    if names_beyond(part, frozenset((alias,))):
        return False
    return not any(
        isinstance(node, Select) or (isinstance(node, Call) and _is_contextual(node))
        for node in nodes_in(part)
    )


def _is_contextual(call: Call) -> bool:
    function = FUNCTIONS.get(call.name)  # an aggregate is none of them
    return function is not None and function.contextual


def _paths(whole: Select, select: Select, source: Source) -> frozenset[Path] | None:
    """The fields that are looked at anywhere, under this alias."""
    stars = (each for each in select.columns if isinstance(each, Star))
    if any(each.alias in (None, source.alias) for each in stars):
        return None
    nodes: Iterator[Any] = nodes_in(whole)
    found = {n.path for n in nodes if isinstance(n, Field) and n.alias == source.alias}
    return None if () in found else frozenset(found)
