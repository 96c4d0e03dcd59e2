"""Which rows there are, known by the document of FROM that they begin with."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from typing import TypeAlias

from sync.ids import Document
from sync.query.evaluate import lookup
from sync.query.keeping.shape import Shape
from sync.query.keys import id_of
from sync.query.meaning import Compiled, Row
from sync.query.nodes import Path
from sync.query.plan import NestedLoop
from sync.query.run import NO_ROW, Runner
from sync.query.syntax import Select
from sync.query.terms import Among, Same, parts_of, terms_of
from sync.query.values import hashable
from sync.query.walk import aliases_in

Ids: TypeAlias = tuple[str | None, ...]
"""The ids of a row's documents in the order of the joins: its key, and its place without ORDER BY,
because every plan reads documents by id."""
Delta: TypeAlias = tuple[set[Ids], dict[Ids, Row]]
"""Rows that go, and rows that come; one that is both has been worked out anew."""


class Joined:
    """The rows before GROUP BY. Each is found anew with its first document. Which first documents a
    change of another one touches is known, for each join, from the documents it has found and from
    the values it was looking for."""

    def __init__(self, runner: Runner, shape: Shape) -> None:
        self._runner = runner
        self._shape = shape
        self._aliases = shape.project.aliases
        known: frozenset[str] = frozenset((shape.first.place.alias,))
        self._found: dict[str, _Sought] = {}
        self._wanted: dict[str, _Wanted | None] = {}
        for loop in shape.loops:
            alias = loop.inner.place.alias
            self._found[alias] = _Sought()
            self._wanted[alias] = _wanted_by(loop, known, runner)
            known |= {alias}
        self._ids: dict[str, list[Ids]] = {}

    def load(self, most: int | None) -> dict[Ids, Row] | None:
        """Every row; None if there are more than ``most``."""
        found: dict[Ids, Row] = {}
        for ids, row in self._through(self._runner.rows(self._shape.first, NO_ROW)):
            found[ids] = row
            if most is not None and len(found) > most:
                return None
        self.put(found)
        return found

    def put(self, rows: Iterable[Ids]) -> None:
        """Know rows that were found already."""
        for ids in rows:
            self._ids.setdefault(str(ids[0]), []).append(ids)

    def touched(self, alias: str, doc_ids: set[str]) -> Iterable[str] | None:
        """The first documents whose rows a change of documents under an alias may change; None if
        that is not known."""
        if alias == self._aliases[0]:
            return doc_ids
        wanted = self._wanted[alias]
        if wanted is None:
            return None
        place = next(p for p in (e.inner.place for e in self._shape.loops) if p.alias == alias)
        touched: set[str] = set()
        for doc_id in doc_ids:
            touched.update(self._found[alias].by(doc_id))
        for document in self._runner.source.by_id(place, sorted(doc_ids)):
            touched.update(wanted.by(document))
        return touched

    def renew(self, first: Iterable[str]) -> Delta:
        """Find the rows of some first documents anew."""
        wanted = sorted(first)
        gone: set[Ids] = set()
        for doc_id in wanted:
            gone.update(self._forget(doc_id))
        place = self._shape.first.place
        documents = self._runner.source.by_id(place, wanted)
        come = dict(self._through({place.alias: document} for document in documents))
        self.put(come)
        return gone, come

    def _through(self, rows: Iterable[Row]) -> Iterator[tuple[Ids, Row]]:
        for step in self._shape.steps:
            if isinstance(step, NestedLoop):
                rows = self._found_by(step, self._runner.through(step, self._looking(step, rows)))
            else:
                rows = self._runner.through(step, rows)
        return ((tuple([id_of(row[each]) for each in self._aliases]), row) for row in rows)

    def _looking(self, loop: NestedLoop, rows: Iterable[Row]) -> Iterator[Row]:
        """Rows on their way into a join; what they look for is noted."""
        wanted = self._wanted[loop.inner.place.alias]
        for row in rows:
            if wanted is not None:
                wanted.note(self._first(row), row)
            yield row

    def _found_by(self, loop: NestedLoop, rows: Iterable[Row]) -> Iterator[Row]:
        """Rows on their way out; what they have found is noted, because a LEFT JOIN has another row
        when it goes, whatever becomes of this one."""
        alias = loop.inner.place.alias
        found = self._found[alias]
        for row in rows:
            if row[alias] is not None:
                found.note(self._first(row), row[alias]["_id"])
            yield row

    def _first(self, row: Row) -> str:
        return str(row[self._aliases[0]]["_id"])

    def _forget(self, doc_id: str) -> Iterable[Ids]:
        for sought in (*self._found.values(), *self._wanted.values()):
            if sought is not None:
                sought.forget(doc_id)
        return self._ids.pop(doc_id, ())


class _Sought:
    """What rows that begin with a document have to do with, and the way back."""

    def __init__(self) -> None:
        self._first_of: dict[Hashable, set[str]] = {}
        self._keys_of: dict[str, set[Hashable]] = {}

    def note(self, first: str, key: Hashable) -> None:
        """A row that begins with this document has to do with this."""
        self._first_of.setdefault(key, set()).add(first)
        self._keys_of.setdefault(first, set()).add(key)

    def forget(self, first: str) -> None:
        """Its rows are found anew, or not at all."""
        for key in self._keys_of.pop(first, ()):
            self._first_of[key].discard(first)
            if not self._first_of[key]:
                del self._first_of[key]

    def by(self, key: Hashable) -> Iterable[str]:
        """The first documents of the rows that have to do with it."""
        return self._first_of.get(key, ())


class _Wanted:
    """The values of one field of a join's inner side that rows look for on their way in."""

    def __init__(self, path: Path, value: Compiled, *, is_list: bool) -> None:
        self._path = path
        self._value = value
        self._is_list = is_list
        self._sought = _Sought()
        self.forget = self._sought.forget

    def note(self, first: str, row: Row) -> None:
        """A row that begins with this document is on its way."""
        value = self._value(row)
        for each in value if self._is_list and isinstance(value, list) else (value,):
            self._sought.note(first, hashable(each))

    def by(self, document: Document) -> Iterable[str]:
        """The first documents of the rows that look for this one."""
        return self._sought.by(hashable(lookup(document, self._path)))


def _wanted_by(loop: NestedLoop, known: frozenset[str], runner: Runner) -> _Wanted | None:
    """What the ON of a join compares for equality; None if nothing of the rows that come in."""
    for part in parts_of(terms_of(loop.on, loop.inner.place.alias, known)):
        if isinstance(part, Same) and aliases_in(part.value):
            return _Wanted(part.path, runner.of(part.value), is_list=False)
        if isinstance(part, Among) and not isinstance(part.values, Select):
            return _Wanted(part.path, runner.of(part.values), is_list=True)
    return None
