"""Indexes made, dropped and compared. Two are the same if their fields and filters are, whatever
they are called.

A server that speaks the protocol without being MongoDB may accept an index and keep another one. So
what this server can tell of an index is tried first, and what it cannot is held against nobody.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, Literal, TypeAlias

from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import OperationFailure

from datagen.database.indexes import COLLECTIONS, GIVEN, INDEXES, Index
from sync.connector.connection import told, translated
from sync.errors.mongo import MongoRefused, MongoUnreachable

Done: TypeAlias = Literal[
    "made", "there", "unkept", "differs", "refused", "dropped", "missing", "extra"
]
Database: TypeAlias = AsyncDatabase[dict[str, Any]]
Reported: TypeAlias = Mapping[str, Mapping[str, Any]]

TRIAL: Final = "zava_index_trial"
_PARTIAL: Final = "partialFilterExpression"


@dataclass(frozen=True, slots=True)
class Tells:
    """What a server reports of its indexes."""

    unique: bool = True
    descending: bool = True
    filters: bool = True
    texts: bool = True

    def missing(self) -> list[str]:
        """What it does not report, in words."""
        words = ("uniqueness", "direction", "filter", "text fields")
        told = zip(words, fields(self), strict=True)
        return [word for word, each in told if not getattr(self, each.name)]


@dataclass(frozen=True, slots=True)
class Told:
    """What became of one index, or how it differs."""

    collection: str
    name: str
    done: Done
    why: str = ""


async def tried(database: Database) -> Tells:
    """Make indexes of every kind in a collection of their own and read them back. Somebody who may
    not do that is asked nothing: the server is taken for a MongoDB."""
    place = database[TRIAL]
    try:
        await place.create_index([("a", 1)], unique=True, partialFilterExpression={"a": GIVEN})
        await place.create_index([("b", -1)])
        await place.create_index([("c", "text")])
        found = [*(await place.index_information()).values()]
        await place.drop()
    except OperationFailure as error:
        named = told(error)
        if isinstance(named, MongoRefused):
            return Tells()
        raise named from None
    keys = [list(map(tuple, each["key"])) for each in found]
    return Tells(
        unique=any(each.get("unique") for each in found),
        descending=[("b", -1)] in keys,
        filters=any(_PARTIAL in each for each in found),
        texts=any(way == "text" for key in keys for _, way in key),
    )


async def create(database: Database) -> AsyncIterator[Told]:
    """Make what is missing, one after the other; what is there stays as it is."""
    with translated():
        tells = await tried(database)
        reported = await _reported(database)
    for index in INDEXES:
        if _found(index, reported[index.collection], tells) is not None:
            yield Told(index.collection, index.name, "there")
        else:
            yield await _made(database, index, tells)


async def _made(database: Database, index: Index, tells: Tells) -> Told:
    place = database[index.collection]
    try:
        await place.create_index(list(index.keys), **index.options)
        reported: Reported = await place.index_information()
    except OperationFailure as error:
        named = told(error)
        if isinstance(named, MongoRefused | MongoUnreachable):
            raise named from None
        return Told(index.collection, index.name, "refused", str(named))
    if _found(index, reported, tells) is not None:
        return Told(index.collection, index.name, "made")
    return Told(index.collection, index.name, "unkept", "The server took it and does not list it.")


async def drop(database: Database) -> AsyncIterator[Told]:
    """Drop those of the table, by whatever name, and no others."""
    with translated():
        tells = await tried(database)
        reported = await _reported(database)
        for index in INDEXES:
            name = _found(index, reported[index.collection], tells)
            if name is not None:
                await database[index.collection].drop_index(name)
                yield Told(index.collection, name, "dropped")


async def difference(database: Database) -> tuple[list[Told], Tells]:
    """(where the server differs from the table, what it can tell of an index at all)."""
    with translated():
        tells = await tried(database)
        reported = await _reported(database)
    return list(differing(reported, tells)), tells


def differing(reported: Mapping[str, Reported], tells: Tells) -> Iterable[Told]:
    """Where what each collection reports differs from the table. Pure."""
    for collection in COLLECTIONS:
        left = dict(reported.get(collection, {}))
        left.pop("_id_", None)
        for index in (each for each in INDEXES if each.collection == collection):
            name = _found(index, left, tells)
            there = left.pop(name, {}) if name is not None else None
            if there is None:
                if tells.texts or not index.is_text:
                    yield Told(collection, index.name, "missing")
            elif tells.unique and bool(there.get("unique")) != index.unique:
                why = "It is unique." if there.get("unique") else "It is not unique."
                yield Told(collection, str(name), "differs", why)
        for name in sorted(left):
            yield Told(collection, name, "extra", "Not in the table; it may be somebody else's.")


async def _reported(database: Database) -> dict[str, Reported]:
    return {name: await database[name].index_information() for name in COLLECTIONS}


def _found(index: Index, reported: Reported, tells: Tells) -> str | None:
    """The name under which a server has this index."""
    wanted = _shape(index.keys, index.partial, tells)
    for name, each in reported.items():
        keys = _text_keys(each) if index.is_text else tuple(map(tuple, each.get("key", ())))
        if _shape(keys, each.get(_PARTIAL) or {}, tells) == wanted:
            return name
    return None


def _text_keys(reported: Mapping[str, Any]) -> tuple[tuple[str, Any], ...]:
    """A text index reports its fields as weights, in the order of their names."""
    return tuple((path, "text") for path in reported.get("weights") or {})


def _shape(keys: Iterable[tuple[str, Any]], partial: Mapping[str, Any], tells: Tells) -> object:
    ways = [(path, way if tells.descending or way == "text" else 1) for path, way in keys]
    if any(way == "text" for _, way in ways):
        ways.sort()
    return ways, dict(partial) if tells.filters else {}
