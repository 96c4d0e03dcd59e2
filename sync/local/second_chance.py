"""Losing and refused writes, written again: always as a new write like any other (C5, S3)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sync.core.batch import Batch, Birth, Change
from sync.core.conflicts import Conflict
from sync.core.state import EXISTS, ROOT, Key, is_increment
from sync.core.values import TOMBSTONE, canonical
from sync.ids import Document
from sync.local.transaction import Transaction

Edits = Mapping[tuple[str, str], Document]


def restore(tx: Transaction, conflict: Conflict) -> None:
    """Write the losing value again; what was counted away is counted on, what was deleted returns.

    A revived document is deleted again. Raises ``DocumentMissing`` where a field's document is
    gone altogether.
    """
    name, doc_id, loser = conflict.collection, conflict.doc_id, conflict.loser
    match conflict.rule:
        case "absorbed":
            tx.increment(name, doc_id, conflict.path, loser.value)
        case "soft_deleted":
            tx.update(name, doc_id, {"deleted": False})
            tx.unset(name, doc_id, ("deleted_at",))
        case "revived":
            tx.delete(name, doc_id)
        case "deleted":
            tx.revive(name, doc_id)
            _put(tx, name, doc_id, conflict.path, loser.value, removed=loser.removed)
        case "overwritten":
            _put(tx, name, doc_id, conflict.path, loser.value, removed=loser.removed)


def resend(tx: Transaction, batch: Batch, edits: Edits) -> None:
    """The changes of a refused batch, on the documents as they are now."""
    for delta in batch.deltas:
        name, doc_id = delta.collection, delta.doc_id
        fields = json.loads(canonical(edits.get((name, doc_id), {})))
        if isinstance(delta, Birth):
            tx.upsert(name, {"_id": doc_id, **json.loads(delta.body)})
        else:
            _change(tx, delta, fields)
        if fields:
            tx.update(name, doc_id, fields)


def _change(tx: Transaction, delta: Change, edited: Document) -> None:
    """``edited`` loses what it says about counters: how many to count instead."""
    name, doc_id = delta.collection, delta.doc_id
    if ROOT in delta.keys:
        if tx.get(name, doc_id) is not None:
            tx.delete(name, doc_id)
        return
    if EXISTS in delta.keys and tx.get(name, doc_id) is None:
        tx.insert(name, {"_id": doc_id})
    for key, value in delta.ops():
        path = _fields(key)
        if is_increment(key):
            tx.increment(name, doc_id, path, _taken(edited, path, value))
        elif path:
            shown = {} if key[-1] is None and value is not TOMBSTONE else value
            _put(tx, name, doc_id, path, shown, removed=value is TOMBSTONE)


def _taken(edited: Document, path: tuple[str, ...], otherwise: int) -> int:
    """What an edit says at a path, removed from it; the rest is written as fields."""
    for step in path[:-1]:
        edited = edited.get(step, {})
    taken: int = edited.pop(path[-1], otherwise)
    return taken


def _put(
    tx: Transaction, name: str, doc_id: str, path: tuple[str, ...], value: Any, *, removed: bool
) -> None:
    if removed:
        tx.unset(name, doc_id, path)
        return
    fields: Any = value
    for step in reversed(path):
        fields = {step: fields}
    tx.update(name, doc_id, fields)


def _fields(key: Key) -> tuple[str, ...]:
    return tuple(step for step in key if isinstance(step, str))
