"""The audit (M7): both sides compared by a hash for each chunk, and documents where hashes differ.

While both sides change, what differs is often only under way; so it is looked at again until it has
had time to arrive.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from hashlib import blake2b
from typing import Any, Literal, TypeAlias

from sync.connector.desk import Desk
from sync.connector.documents import shown
from sync.connector.events import Bson, Image
from sync.connector.ids import Unidentified, hub_id
from sync.connector.moves import moves
from sync.connector.pace import Sleep
from sync.connector.rules import CollectionRule
from sync.connector.source import MongoSource
from sync.core.values import canonical
from sync.ids import Document
from sync.local.replica import Replica

CHUNK_DOCUMENTS = 500
LOOKS_MAX = 10
LOOK_AGAIN_MS = 500
"""Five seconds in all: several times what a change needs to arrive."""
TOLD_MAX = 100
"""Differences told one by one; all are counted."""

Kind: TypeAlias = Literal["differs", "missing_in_mongodb", "missing_in_hub"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One document that is not the same on both sides, and in which fields."""

    collection: str
    doc_id: str
    kind: Kind
    fields: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values."""
        names = {"collection": self.collection, "id": self.doc_id, "kind": self.kind}
        return {**names, "fields": list(self.fields)}


@dataclass(slots=True)
class Report:
    """What an audit of some collections found."""

    documents: int = 0
    chunks: int = 0
    unequal_chunks: int = 0
    unmapped: int = 0
    """Documents of MongoDB that have no id here; dead letters say why."""
    differences: list[Difference] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {
            "clean": not self.differences,
            "documents": self.documents,
            "chunks": self.chunks,
            "unequal_chunks": self.unequal_chunks,
            "unmapped": self.unmapped,
            "differences": len(self.differences),
            "told": [each.to_json() for each in self.differences[:TOLD_MAX]],
        }


class Audit:
    """Compares collections of one connector."""

    def __init__(self, replica: Replica, desk: Desk, source: MongoSource, sleep: Sleep) -> None:
        self._replica = replica
        self._desk = desk
        self._source = source
        self._sleep = sleep

    async def run(
        self, rules: Iterable[CollectionRule], told: Callable[[dict[str, Any]], None]
    ) -> Report:
        """Look at everything once, and at what differed again; ``told`` hears how far it is."""
        report = Report()
        for rule in rules:
            keys: dict[str, Bson] = {}
            suspects = await self._pass(rule, report, keys, told)
            for _ in range(LOOKS_MAX):
                if not suspects:
                    break
                await self._sleep(LOOK_AGAIN_MS)
                suspects = await self._again(rule, suspects, keys)
            report.differences += suspects.values()
        return report

    async def _pass(
        self,
        rule: CollectionRule,
        report: Report,
        keys: dict[str, Bson],
        told: Callable[[dict[str, Any]], None],
    ) -> dict[str, Difference]:
        """Everything of one collection; what differs, by id. ``keys`` gets its keys in MongoDB."""
        found: dict[str, Difference] = {}
        seen: set[str] = set()
        chunk = await self._source.chunk(rule.name, None, CHUNK_DOCUMENTS)
        while chunk.images:
            there = self._mapped(rule, chunk.images, report)
            here = await self._desk.do(partial(self._held, rule.name, there))
            report.chunks += 1
            report.documents += len(chunk.images)
            if _hash(there) != _hash(here):
                report.unequal_chunks += 1
                unequal = _differences(rule.name, here, there)
                found |= unequal
                keys |= {i: key for i, key in self._keys(rule, chunk.images) if i in unequal}
            seen |= there.keys()
            told({"collection": rule.name, "done": report.documents})
            chunk = await self._source.chunk(rule.name, chunk.last, CHUNK_DOCUMENTS)
        for doc_id in await self._desk.do(lambda _: self._ids(rule.name)):
            if doc_id not in seen:
                found[doc_id] = Difference(rule.name, doc_id, "missing_in_mongodb")
        return found

    async def _again(
        self, rule: CollectionRule, suspects: dict[str, Difference], keys: dict[str, Bson]
    ) -> dict[str, Difference]:
        """The same documents once more."""
        ids = list(suspects)
        bound = await self._desk.do(lambda engine: engine.keys(rule.name, ids))
        wanted = {**bound, **{doc_id: keys[doc_id] for doc_id in ids if doc_id in keys}}
        held, images = list(wanted.values()), list[Image]()
        for start in range(0, len(held), CHUNK_DOCUMENTS):
            images += await self._source.read(rule.name, held[start : start + CHUNK_DOCUMENTS])
        there = self._mapped(rule, images, Report())
        here = await self._desk.do(partial(self._held, rule.name, dict.fromkeys(ids)))
        return _differences(rule.name, here, {i: there.get(i) for i in ids})

    def _mapped(
        self, rule: CollectionRule, images: Iterable[Image], report: Report
    ) -> dict[str, Document | None]:
        """MongoDB's documents by their ids here, in our values; None for flagged as deleted."""
        found: dict[str, Document | None] = {}
        for image in images:
            try:
                doc_id = hub_id(rule.ids, image.key, image.document)
                found[doc_id] = _living(shown(image.document))
            except Unidentified:
                report.unmapped += 1
        return found

    def _keys(self, rule: CollectionRule, images: Iterable[Image]) -> Iterator[tuple[str, Bson]]:
        for image in images:
            with suppress(Unidentified):
                yield hub_id(rule.ids, image.key, image.document), image.key

    def _held(
        self, collection: str, ids: Iterable[str], _: object = None
    ) -> dict[str, Document | None]:
        """The hub's documents of these ids, without ``_id``."""
        documents = {doc_id: self._replica.get(collection, doc_id) for doc_id in ids}
        return {
            doc_id: None
            if held is None
            else _living({name: value for name, value in held.items() if name != "_id"})
            for doc_id, held in documents.items()
        }

    def _ids(self, collection: str) -> list[str]:
        living = (each for each in self._replica.find(collection) if _living(each) is not None)
        return [str(each["_id"]) for each in living]


def _living(document: Document) -> Document | None:
    """A document, or None if it is flagged as deleted: gone, and flagged as gone, are the same."""
    return None if document.get("deleted") is True else document


def _hash(documents: dict[str, Document | None]) -> bytes:
    found = blake2b(digest_size=16)
    for doc_id in sorted(documents):
        document = documents[doc_id]
        found.update(f"{doc_id}\0{'' if document is None else canonical(document)}\n".encode())
    return found.digest()


def _differences(
    collection: str, here: dict[str, Document | None], there: dict[str, Document | None]
) -> dict[str, Difference]:
    found: dict[str, Difference] = {}
    for doc_id, ours in here.items():
        theirs = there.get(doc_id)
        if ours is None and theirs is None:
            continue
        if ours is None or theirs is None:
            kind: Kind = "missing_in_hub" if ours is None else "missing_in_mongodb"
            found[doc_id] = Difference(collection, doc_id, kind)
        elif fields := tuple(".".join(move.path) for move in moves(ours, theirs)):
            found[doc_id] = Difference(collection, doc_id, "differs", fields)
    return found
