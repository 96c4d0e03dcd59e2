"""A batch the hub refused, as a person reads it and as a document to keep or send on (S3).

The exported document is stable: fields may be added under the same ``version``, none change their
meaning. ``docs/local.md`` describes it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sync.core.batch import Batch, Birth, Change, Delta
from sync.core.decode import decode
from sync.core.state import ROOT, Key, is_increment
from sync.core.values import TOMBSTONE
from sync.errors import ZavaError, from_json
from sync.ids import Document
from sync.local.entries import Entry

EXPORT_FORMAT: Final = "zava-refused-change"
EXPORT_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A batch the hub refused, with the reason and what it would have changed."""

    n: int
    code: str
    message: str
    remedy: str
    at_ms: int
    changes: list[tuple[str, str, Document]]


def quarantined(entry: Entry) -> Quarantined:
    """A rejected entry of the log for people: dotted names, +n for increments, None for removals.

    The fields of a document that would have been made are nested as they are in it.
    """
    error = _reason(entry)
    batch = decode(entry.payload)
    return Quarantined(
        n=entry.n,
        code=error.code,
        message=str(error),
        remedy=error.remedy,
        at_ms=entry.at_ms,
        changes=[(d.collection, d.doc_id, _fields(d)) for d in batch.deltas],
    )


def exported(entry: Entry, device_name: str) -> Document:
    """Everything about a rejected entry as one JSON document."""
    batch = decode(entry.payload)
    return {
        "format": EXPORT_FORMAT,
        "version": EXPORT_VERSION,
        "reason": _reason(entry).to_json(),
        "person": batch.user,
        "device": {"replica": batch.replica, "name": device_name},
        "number": batch.n,
        "digest": entry.digest,
        "made_at": datetime.fromtimestamp(entry.at_ms / 1_000, UTC).isoformat(),
        "made_at_ms": entry.at_ms,
        "stamp": batch.hlc,
        "changes": [_exported(batch, delta) for delta in batch.deltas],
    }


def _exported(batch: Batch, delta: Delta) -> Document:
    removed = isinstance(delta, Change) and ROOT in delta.keys
    kind = "created" if isinstance(delta, Birth) else "removed" if removed else "changed"
    fields = [] if removed else list(_ops(delta))
    return {"collection": delta.collection, "id": delta.doc_id, "kind": kind, "fields": fields}


def _ops(delta: Delta) -> Iterator[Document]:
    """Each field with what the change does to it: set, unset or increment."""
    ops = delta.ops() if isinstance(delta, Change) else json.loads(delta.body).items()
    for key, value in ops:
        path = [key] if isinstance(key, str) else [step for step in key if isinstance(step, str)]
        if isinstance(key, tuple) and is_increment(key):
            yield {"path": path, "op": "increment", "value": value}
        elif value is TOMBSTONE:
            yield {"path": path, "op": "unset"}
        elif path and not (isinstance(key, tuple) and key[-1] is None):
            yield {"path": path, "op": "set", "value": value}


def _reason(entry: Entry) -> ZavaError:
    return from_json(json.loads(entry.reason or "null"))


def _fields(delta: Delta) -> Document:
    if isinstance(delta, Birth):
        born: Document = json.loads(delta.body)
        return born
    shown: Document = {}
    ops: dict[Key, Any] = dict(delta.ops())
    for key, value in ops.items():
        name = ".".join(step for step in key if isinstance(step, str)) or "(document)"
        if is_increment(key):
            shown[name] = f"{value:+d}"
        elif key[-1:] != (None,):
            shown[name] = None if value is TOMBSTONE else value
    return shown
