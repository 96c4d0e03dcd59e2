"""From bytes to a batch, believing nothing: everything a stranger can send is checked here.

Each check names what is wrong. Nothing is built until the whole batch is known to be sound, so a
refused message leaves no trace.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from sync.core.batch import (
    BATCH_BYTES_MAX,
    BATCH_OPS_MAX,
    BIRTHS,
    FORMAT,
    Batch,
    Birth,
    Column,
    Context,
    Delta,
    Known,
    Origin,
    encode,
)
from sync.core.columns import changes_in
from sync.core.stamps import HLC_MAX, Stamp
from sync.core.state import Key, leaves_of
from sync.core.values import (
    INT_MAX,
    VALUE_DEPTH_MAX,
    canonical,
    check_id,
    check_key,
    check_value,
    describe,
)
from sync.errors import DataError, MessageGarbage, MessageTooLarge, VersionUnknown
from sync.ids import Collection, DocId, Document, Json, ReplicaId, UserId

COLLECTION_PATTERN = re.compile(r"[a-z][a-z0-9_]{0,62}")
"""Collection names become SQL table names; this keeps them harmless."""
_REPLICA_PATTERN = re.compile(r"[0-9a-f]{32}")
_DIGEST_PATTERN = re.compile(r"(?:[0-9a-f]{32})?")
NAME_BYTES_MAX = 128
BESIDE_MAX = 1_000
"""Batches one context names. A writer that knows of more leaves some out: a conflict too many is
shown, and none is missed."""


def decode(payload: bytes) -> Batch:
    """The batch in ``payload``; ``MessageGarbage``, ``MessageTooLarge`` or ``VersionUnknown``.

    Only the bytes that ``encode`` makes are accepted: one batch, one digest (C8).
    """
    if len(payload) > BATCH_BYTES_MAX:
        raise MessageTooLarge(f"A batch of {len(payload)} bytes is over {BATCH_BYTES_MAX}.")
    message = parse_object(payload)
    version = message.get("v")
    if version != FORMAT:
        known = f"this program knows {FORMAT}"
        raise VersionUnknown(f"A batch has format {describe(version)}; {known}.")
    replica = replica_id(message.get("r"))
    n = whole(message.get("n"), 1, INT_MAX, "batch number")
    try:
        deltas = unpack_deltas(message.get("d"), replica, n)
    except DataError as error:
        raise MessageGarbage(f"A batch holds a value we cannot store: {error}") from error
    batch = Batch(
        replica=replica,
        n=n,
        hlc=whole(message.get("t"), 1, HLC_MAX, "stamp"),
        user=UserId(short_text(message.get("u"), "user")),
        context=context_of(message.get("c")),
        prev=_matching(message.get("p"), _DIGEST_PATTERN, "digest"),
        deltas=deltas,
        origin=origin_of(message.get("o")),
    )
    if encode(batch) != payload:
        raise MessageGarbage("A batch is not in its canonical form.")
    return batch


def origin_of(raw: object) -> Origin | None:
    """The first name of a batch, or None, or ``MessageGarbage``."""
    if raw is None:
        return None
    replica, n, digest = _tuple(raw, 3, "origin")
    number = whole(n, 1, INT_MAX, "batch number")
    return replica_id(replica), number, _matching(digest, _DIGEST_PATTERN, "digest")


def parse_object(payload: bytes) -> dict[str, Any]:
    """The JSON object in ``payload``; ``MessageGarbage`` for anything else."""
    try:
        message = parse_text(payload.decode())
    except UnicodeDecodeError as error:
        raise MessageGarbage("A message is not Unicode text.") from error
    fields: dict[str, Any] = _typed(message, dict, "message")
    return fields


def parse_text(text: object) -> Any:
    """The JSON value in a text; ``MessageGarbage`` for anything else."""
    try:
        return _decoder.decode(_typed(text, str, "text"))
    except (ValueError, RecursionError) as error:
        raise MessageGarbage("A text is not JSON.") from error


def unpack_deltas(groups: object, replica: ReplicaId, n: int) -> tuple[Delta, ...]:
    """Deltas from JSON groups; ids and paths may occur once only."""
    deltas: list[Delta] = []
    seen: dict[Collection, set[str]] = {}
    ops = 0
    for group in _typed(groups, list, "groups"):
        name, shape, rows = _tuple(group, 3, "group")
        collection = collection_name(name)
        listed = _typed(rows, list, "rows")
        if shape == BIRTHS:
            births = [_birth(collection, row) for row in listed]
            found: Sequence[Delta] = [birth for birth, _ in births]
            ops += sum(size for _, size in births)
        else:
            columns = columns_of(shape)
            found = changes_in(collection, columns, listed, (replica, n))
            ops += len(columns) * len(listed)
        if ops > BATCH_OPS_MAX:
            raise MessageTooLarge(f"A batch has more than {BATCH_OPS_MAX} ops.")
        _note_once(seen.setdefault(collection, set()), collection, found)
        deltas += found
    return tuple(deltas)


def _note_once(seen: set[str], collection: Collection, deltas: Sequence[Delta]) -> None:
    named = {delta.doc_id for delta in deltas}
    if len(named) == len(deltas) and seen.isdisjoint(named):
        seen |= named
        return
    for delta in deltas:
        if delta.doc_id in seen:
            name = f"{collection} {describe(delta.doc_id)}"
            raise MessageGarbage(f"{name} occurs twice in a batch.")
        seen.add(delta.doc_id)


def _birth(collection: Collection, row: object) -> tuple[Delta, int]:
    doc_id, text = _tuple(row, 2, "row")
    check_id(doc_id)
    fields = body_of(text)
    return Birth(collection, DocId(doc_id), text), len(leaves_of(fields))


def body_of(text: object) -> Document:
    """The fields in the canonical text of a document, or a ``WireError`` or ``DataError``."""
    fields: Document = _typed(parse_text(text), dict, "body")
    check_value(fields)
    if "_id" in fields or canonical(fields) != text:
        raise MessageGarbage("The body of a document is not canonical.")
    return fields


def columns_of(shape: object) -> tuple[Column, ...]:
    """The columns that the rows of a group share, or a ``WireError`` or ``DataError``."""
    columns: list[Column] = []
    places: set[Key] = set()
    for item in _typed(shape, list, "columns"):
        kind, raw = _tuple(item, 2, "column")
        if kind not in ("=", "o", "-", "+"):
            raise MessageGarbage(f"There is no op of kind {describe(kind)}.")
        path = tuple(_typed(raw, list, "path"))
        exists = kind == "-" and path[-1:] == (None,)
        for step in path[:-1] if exists else path:
            check_key(step)
        place = (*path, None) if kind == "o" else path
        if len(place) > VALUE_DEPTH_MAX or path[:1] == ("_id",):
            raise MessageGarbage("A path is too deep, or changes the _id.")
        if not path and kind in "=+":
            raise MessageGarbage("A whole document cannot be a register or a counter.")
        columns.append((kind, path))
        places.add(place)
    if not columns or len(places) != len(columns):
        raise MessageGarbage("A group of changes has no columns, or the same one twice.")
    return tuple(columns)


def context_of(raw: object) -> Context:
    """A causal context from ``[epoch, seq, [[hlc, replica], …]]`` (C5)."""
    epoch, seq, beside = _tuple(raw, 3, "context")
    return Context(
        epoch=short_text(epoch, "epoch"),
        seq=whole(seq, 0, INT_MAX, "seq"),
        beside=tuple(_known(item) for item in _listed(beside, BESIDE_MAX, "context")),
    )


def _known(raw: object) -> Known:
    first, second = _tuple(raw, 2, "context")
    if isinstance(first, str):  # by number, as batches were named once
        return replica_id(first), whole(second, 1, INT_MAX, "batch number")
    return Stamp(whole(first, 1, HLC_MAX, "stamp"), replica_id(second))


def pairs_of(raw: object, limit: int, what: str) -> tuple[tuple[ReplicaId, int], ...]:
    """Batches by replica and number from ``[[replica, n], …]``."""
    return tuple(
        (replica_id(author), whole(n, 1, INT_MAX, "batch number"))
        for author, n in (_tuple(pair, 2, what) for pair in _listed(raw, limit, what))
    )


def _listed(raw: object, limit: int, what: str) -> list[Any]:
    items: list[Any] = _typed(raw, list, what)
    if len(items) > limit:
        raise MessageTooLarge(f"A {what} names more than {limit} batches.")
    return items


def replica_id(value: object) -> ReplicaId:
    """A replica id, or ``MessageGarbage``."""
    return ReplicaId(_matching(value, _REPLICA_PATTERN, "replica id"))


def collection_name(value: object) -> Collection:
    """A collection name, or ``MessageGarbage``."""
    return Collection(_matching(value, COLLECTION_PATTERN, "collection name"))


def whole(value: object, low: int, high: int, what: str) -> int:
    """An integer within bounds, or ``MessageGarbage``."""
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise MessageGarbage(f"{describe(value)} is not a {what}.")
    return value


def short_text(value: object, what: str) -> str:
    """Text of at most 128 bytes, or ``MessageGarbage``."""
    text: str = _typed(value, str, what)
    try:
        if len(text.encode()) <= NAME_BYTES_MAX:
            return text
    except UnicodeEncodeError as error:
        raise MessageGarbage(f"A {what} is not Unicode text.") from error
    raise MessageGarbage(f"A {what} is longer than {NAME_BYTES_MAX} bytes.")


def _matching(value: object, pattern: re.Pattern[str], what: str) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise MessageGarbage(f"{describe(value)} is not a {what}.")
    return value


def _tuple(value: object, size: int, what: str) -> list[Any]:
    items: list[Any] = _typed(value, list, what)
    if len(items) != size:
        raise MessageGarbage(f"A {what} has {len(items)} parts where {size} belong.")
    return items


def _typed(value: object, kind: type[Any], what: str) -> Any:
    if not isinstance(value, kind):
        raise MessageGarbage(f"A {what} is {type(value).__name__}, not {kind.__name__}.")
    return value


def _no_constant(name: str) -> Json:
    raise ValueError(f"{name} is not JSON")


_decoder = json.JSONDecoder(parse_constant=_no_constant)
