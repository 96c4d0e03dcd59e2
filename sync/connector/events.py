"""What MongoDB told us, as values of our own: changes of documents and ends of collections.

``event_of`` reads the documents of a change stream; nothing else knows how those look. Nobody
changes an event, and yet they are not frozen: that would take longer than all the reading.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from bson import Binary, Timestamp, json_util

from sync.core.stamps import hlc_of_ms

Bson: TypeAlias = Any
"""A value as the driver decodes it."""
BsonDocument: TypeAlias = dict[str, Any]
Steps: TypeAlias = tuple[str | int, ...]
"""A path as MongoDB means it: names of fields, numbers for places in arrays."""


@dataclass(slots=True)
class Event:
    """What all events have. ``at`` is the cluster time as a clock reading (``at_of``), 0 where the
    server has none; ``token`` resumes the stream after this event; events of one MongoDB
    transaction share ``transaction``."""

    collection: str
    at: int
    token: str
    transaction: str | None


@dataclass(slots=True)
class Inserted(Event):
    """A document came to be. ``document`` is as it was then."""

    key: Bson
    document: BsonDocument


@dataclass(slots=True)
class Replaced(Event):
    """A document was replaced as a whole. ``document`` is as it was then."""

    key: Bson
    document: BsonDocument


@dataclass(slots=True)
class Description:
    """What an update changed: dotted paths as MongoDB names them, and what they stand for where
    the server says so (6.0 on). ``truncated`` holds arrays that were cut to a length."""

    updated: Mapping[str, Bson]
    removed: tuple[str, ...] = ()
    truncated: tuple[tuple[str, int], ...] = ()
    steps: Mapping[str, Steps] | None = None


@dataclass(slots=True)
class Updated(Event):
    """Fields of a document changed. ``description`` is None where the server gives none;
    ``document`` was looked up afterwards, perhaps newer than the event, None when it was gone by
    then or was not asked for."""

    key: Bson
    description: Description | None
    document: BsonDocument | None


@dataclass(slots=True)
class Deleted(Event):
    """A document was removed."""

    key: Bson
    document: None = None


@dataclass(slots=True)
class Dropped(Event):
    """The collection is gone; that says nothing about its documents (M2)."""


@dataclass(slots=True)
class Renamed(Event):
    """The collection has another name now."""

    to: str


@dataclass(slots=True)
class Invalidated(Event):
    """The stream is over and cannot be resumed; ``collection`` is empty if it was the database's,
    as it is when the database was dropped."""


@dataclass(frozen=True, slots=True)
class Image:
    """A document as it was read, not older than ``at`` (0 where that is not known)."""

    key: Bson
    document: BsonDocument
    at: int = 0


@dataclass(frozen=True, slots=True)
class Delivery:
    """What one request to a stream brought: events in order, and where to resume after them.
    No events: the server had nothing that happened before the request was answered."""

    events: tuple[Event, ...]
    token: str


def at_of(seconds: int, increment: int) -> int:
    """A cluster time as a reading of the hybrid clock (M4)."""
    return hlc_of_ms(seconds * 1_000) + increment


def event_of(raw: Mapping[str, Any]) -> Event | None:
    """The event in one document of a change stream; None for kinds that are nobody's data.

    Raises ``KeyError`` where the document has not the form MongoDB gives it.
    """
    namespace = raw.get("ns") or {}
    head = (
        namespace.get("coll", ""),
        _at(raw.get("clusterTime")),
        token_text(raw["_id"]),
        _transaction(raw),
    )
    match raw["operationType"]:
        case "insert":
            return Inserted(*head, raw["documentKey"]["_id"], raw["fullDocument"])
        case "replace":
            return Replaced(*head, raw["documentKey"]["_id"], raw["fullDocument"])
        case "update":
            told = raw.get("updateDescription")
            description = None if told is None else _description(told)
            return Updated(*head, raw["documentKey"]["_id"], description, raw.get("fullDocument"))
        case "delete":
            return Deleted(*head, raw["documentKey"]["_id"])
        case "drop":
            return Dropped(*head)
        case "rename":
            return Renamed(*head, raw["to"]["coll"])
        case "invalidate":
            return Invalidated(*head)
        case _:
            return None


def token_text(token: Mapping[str, Any]) -> str:
    """A resume token as text; ``token_of`` makes a token of it again."""
    data = token.get("_data")
    plain = len(token) == 1 and isinstance(data, str)
    return (
        str(data)
        if plain
        else json_util.dumps(token, json_options=json_util.CANONICAL_JSON_OPTIONS)
    )


def token_of(text: str) -> dict[str, Any]:
    """The inverse of ``token_text``."""
    if not text.startswith("{"):
        return {"_data": text}
    token: dict[str, Any] = json_util.loads(text, json_options=json_util.CANONICAL_JSON_OPTIONS)
    return token


def _at(time: Timestamp | None) -> int:
    return 0 if time is None else at_of(time.time, time.inc)


def _transaction(raw: Mapping[str, Any]) -> str | None:
    number, session = raw.get("txnNumber"), raw.get("lsid")
    if number is None or session is None:
        return None
    identity = session["id"]
    name = identity.hex() if isinstance(identity, bytes | Binary) else str(identity)
    return json.dumps([name, int(number)])


def _description(told: Mapping[str, Any]) -> Description:
    updated, removed = told.get("updatedFields") or {}, tuple(told.get("removedFields") or ())
    truncated, meant = told.get("truncatedArrays"), told.get("disambiguatedPaths")
    if not truncated and not meant:
        return Description(updated, removed)
    cut = tuple((each["field"], each["newSize"]) for each in truncated or ())
    steps = {name: tuple(steps) for name, steps in (meant or {}).items()}
    return Description(updated, removed, cut, steps or None)
