"""Which documents of a scope a commit may have moved in or out without touching them: those that
rest on what it touched, by a SELECT within a condition (S4).

What came and went in the set of an inner SELECT is known from its journal. A commit from before
the journal, from before the hub last started, is judged by its deltas: whatever may have changed
the set, by the present values of the documents it touched.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from sync.core.batch import Birth, Delta
from sync.core.packing import stamps_in
from sync.core.slots import is_related
from sync.core.stamps import Stamp
from sync.core.state import EXISTS, ROOT, Key, anybodys
from sync.hub.bounds import Bounds, Link
from sync.ids import Collection, Document
from sync.local.documents import Row
from sync.local.parts import Parts
from sync.local.replica import Replica
from sync.query.nodes import Path
from sync.query.related import parts_of_key
from sync.query.values import Value

Name = tuple[str, str]

RIPPLE_DOCUMENTS_MAX = 1_000
"""That one commit may move and still be told in one message; of more the difference is made."""

TOUCHES_MAX = 1_000
"""Changes of which it is remembered what they touch, while every store's line is drawn through
them."""


@dataclass(slots=True)
class Ripple:
    """What a commit may have moved: documents by name, and, where that could be too many to tell,
    collections of which it could be any document."""

    names: dict[Name, None] = field(default_factory=dict)
    wide: set[Collection] = field(default_factory=set)


class Ripples:
    """Those of commits on the hub's replica, within some bounds."""

    def __init__(self, replica: Replica, bounds: Bounds) -> None:
        self._parts = replica.parts
        self._documents = replica.parts.documents
        self._related = replica.parts.related
        self._links = bounds.links

    def of(self, after: int, seq: int, deltas: Sequence[Delta]) -> Ripple:
        """The ripple of the commit at ``seq``, that of one before it ``after``."""
        ripple = Ripple()
        for link in self._links:
            keys = self._related.changes(link.probe.inner, after, seq)
            found = self._suspects(link, seq, deltas) if keys is None else map(parts_of_key, keys)
            for parts in found:
                self._spread(link, parts, ripple)
        return ripple

    def _suspects(self, link: Link, seq: int, deltas: Iterable[Delta]) -> Iterator[Sequence[Value]]:
        """The parts of the documents by which deltas may have changed what an inner SELECT yields;
        no parts at all where these may have been others."""
        inner = link.probe.inner
        for delta in deltas:
            if delta.collection != inner.collection:
                continue
            is_made = isinstance(delta, Birth) or any(k in delta.keys for k in (ROOT, EXISTS))
            if not is_made and not touches(delta, inner.selection.paths | inner.paths):
                continue
            row = self._documents.rows(delta.collection, [delta.doc_id]).get(delta.doc_id)
            fields = None if row is None else row.undeleted
            if row is None or fields is None:
                continue
            is_new = isinstance(delta, Birth) and not renews(self._parts, delta, seq, row)
            if touches(delta, inner.paths) and not is_new:
                yield ()
            else:
                yield inner.parts({"_id": delta.doc_id, **fields})

    def _spread(self, link: Link, parts: Sequence[Value], ripple: Ripple) -> None:
        """From a document of an inner SELECT outwards, to the documents of the scope."""
        found: list[str] | None = None
        if parts:
            found = self._related.lookups.by_parts(link.outer, link.probe.paths, parts)
        if found is None or len(found) > RIPPLE_DOCUMENTS_MAX:
            ripple.wide.add(_outermost(link).outer)
        elif link.above is None:
            ripple.names.update(dict.fromkeys((str(link.outer), doc_id) for doc_id in found))
            if len(ripple.names) > RIPPLE_DOCUMENTS_MAX:
                ripple.wide.update(Collection(name) for name, _ in ripple.names)
                ripple.names.clear()
        else:
            inner = link.above.probe.inner
            for doc_id, row in self._documents.rows(link.outer, found).items():
                fields: Document | None = row.undeleted
                if fields is not None:
                    self._spread(link.above, inner.parts({"_id": doc_id, **fields}), ripple)


def renews(parts: Parts, delta: Delta, seq: int, row: Row) -> bool:
    """Whether a document is made at ``seq`` that had been there before, in whatever scope."""
    if not isinstance(delta, Birth):
        return EXISTS in delta.keys
    stamps = (Stamp(h, parts.documents.replica_of(s)) for h, s in stamps_in(row.meta))
    sources = (parts.log.provenance(stamp) for stamp in stamps)
    return any(source is None or (source.hub_seq or 0) < seq for source in sources)


def touches(delta: Delta, paths: frozenset[Path]) -> bool:
    """Whether a delta writes any of some fields, or what they are part of."""
    if isinstance(delta, Birth):
        return _touch([key for key, _ in delta.ops()], paths)
    return _known_touch(anybodys(delta.keys), paths)


def _touch(keys: Iterable[Key], paths: frozenset[Path]) -> bool:
    return any(is_related(key, path) for key in keys if key != ROOT for path in paths)


@lru_cache(maxsize=TOUCHES_MAX)
def _known_touch(keys: tuple[Key, ...], paths: frozenset[Path]) -> bool:
    return _touch(keys, paths)


def _outermost(link: Link) -> Link:
    while link.above is not None:
        link = link.above
    return link
