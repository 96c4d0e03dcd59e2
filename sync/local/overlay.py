"""The documents of a source with some of them replaced: what a transaction has made of them, or
what they were when a snapshot was taken."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping
from typing import TypeAlias

from sync.ids import Document
from sync.query.nodes import Node
from sync.query.plan import Index, Place
from sync.query.run import Order, Source

Instead: TypeAlias = Mapping[str, Mapping[str, Document | None]]
"""Documents by collection and id; None where there is none."""


class Overlay:
    """``query.run.Source``. The planner is told not to ask for orders and counts of the collections
    that are named in ``instead``."""

    def __init__(self, source: Source, instead: Instead) -> None:
        self._source = source
        self._instead = instead

    def scan(self, place: Place, condition: Node) -> Iterable[Document]:
        """Every document that may meet a condition."""
        return self._merged(place, self._source.scan(place, condition))

    def by_id(self, place: Place, ids: Iterable[str]) -> Iterable[Document]:
        """The documents of some ids."""
        wanted = list(ids)
        found = self._merged(place, self._source.by_id(place, wanted))
        return (each for each in found if each["_id"] in wanted)

    def by_index(
        self, place: Place, index: Index, condition: Node, order: Order | None
    ) -> Iterable[Document]:
        """The documents that an index finds, and all that are replaced."""
        found = self._source.by_index(place, index, condition, order)
        return found if order is not None else self._merged(place, found)

    def count(self, place: Place) -> int:
        """How many documents there are; not asked for what is replaced."""
        return self._source.count(place)

    def _merged(self, place: Place, found: Iterable[Document]) -> Iterable[Document]:
        instead = {} if place.system else self._instead.get(place.name, {})
        if not instead:
            return found
        kept = (each for each in found if each["_id"] not in instead)
        put = [each for _, each in sorted(instead.items()) if each is not None]
        return heapq.merge(kept, put, key=lambda each: str(each["_id"]))
