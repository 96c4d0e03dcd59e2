"""The seam between what decides and what touches a network: reading MongoDB and writing to it.

The one that runs the engine keeps four promises. Deliveries of a stream are handed over in order,
each together with a ``mark`` taken before it was asked for. Writes are carried out as they are:
none is repeated by its own decision, and two of one document never overlap (the engine hands out
no second one before the first is answered). Every write is answered, with ``unknown`` if need be.

Writes and answers are not frozen because there are many: freezing costs more than what is in them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeAlias

from sync.connector.events import Bson, BsonDocument, Delivery, Image

Kind: TypeAlias = Literal["insert", "update", "delete"]
Outcome: TypeAlias = Literal["applied", "missed", "refused", "unknown"]


@dataclass(slots=True)
class Guard:
    """A write of a document with counters (M5). It is done only where the field ``path`` of the
    document (``_zava.<connector>``) equals ``before``, or is absent if that is None."""

    path: str
    before: int | None


@dataclass(slots=True)
class Write:
    """One write to one document, to be acknowledged by a majority.

    ``insert``: ``document`` as it stands, ``_id`` included; an ``_id`` that is taken answers
    ``missed``. ``update``: ``$set``, ``$unset`` and ``$inc`` of dotted paths in one update that
    never upserts, filtered by key and guard (the guard's new value is in ``set`` already).
    ``delete``: by key and guard. What matches nothing answers ``missed``.
    """

    number: int
    collection: str
    doc_id: str
    key: Bson
    kind: Kind
    document: BsonDocument | None = None
    set: dict[str, Bson] = field(default_factory=dict)
    unset: tuple[str, ...] = ()
    inc: dict[str, int] = field(default_factory=dict)
    guard: Guard | None = None


@dataclass(slots=True)
class WriteResult:
    """What became of a write. ``applied`` includes updates that changed nothing; ``refused`` is
    MongoDB's last word, with a code (``duplicate_key``, ``validator`` …) and its sentence;
    ``unknown`` when the line broke: the stream will tell."""

    number: int
    outcome: Outcome
    code: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Documents in the order of ``_id``, from a snapshot. ``last`` is the newest key read, the
    place to go on from; no images: the end."""

    images: tuple[Image, ...]
    last: Bson


@dataclass(frozen=True, slots=True)
class Features:
    """What a server gives, each proved by an effect that was read back (M6)."""

    version: str
    database_stream: bool
    descriptions: bool
    resumes: bool
    details: dict[str, Any] = field(default_factory=dict)


class Source(Protocol):
    """Reads MongoDB."""

    def watch(self, stream: str, after: str | None) -> AsyncIterator[Delivery]:
        """Deliveries of a stream ("" is the database's, else a collection's) after a token, or
        from now on. An empty one says that nothing happened before its request was answered.
        Raises ``PositionLost`` when it cannot be resumed."""
        ...

    async def chunk(self, collection: str, after: Bson | None, limit: int) -> Chunk:
        """The next documents after a key."""
        ...

    async def read(self, collection: str, keys: Sequence[Bson]) -> tuple[Image, ...]:
        """Some documents as they are now; those that are gone are left out."""
        ...

    async def features(self) -> Features:
        """What this server gives, by trial."""
        ...


class Sink(Protocol):
    """Writes to MongoDB."""

    async def write(self, writes: Sequence[Write]) -> list[WriteResult]:
        """Carry out writes of different documents in any order; one result each."""
        ...
