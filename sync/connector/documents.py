"""Documents of MongoDB as replicas see them: without ``_id`` and without our reserved field."""

from __future__ import annotations

from sync.connector.events import BsonDocument
from sync.connector.ids import Unidentified
from sync.connector.paths import Path, value_at
from sync.connector.rules import GUARD_FIELD, CollectionRule
from sync.connector.values import MISSING, is_key, to_json
from sync.ids import Document, Json

_HIDDEN = ("_id", GUARD_FIELD)


def shown(document: BsonDocument) -> Document:
    """The fields a replica shows; ``Unidentified`` where it could store none of that name."""
    found: Document = {}
    for name, value in document.items():
        if name in _HIDDEN:
            continue
        if not is_key(name):
            raise Unidentified("unstorable", f"A field is named {name[:40]!r}.")
        found[name] = to_json(value, 1)
    return found


def shown_at(document: BsonDocument | None, path: Path) -> Json:
    """The value a replica shows at a path, the whole document at ``()``; ``MISSING`` for none."""
    if document is None:
        return MISSING
    if not path:
        return shown(document)
    value = value_at(document, path)
    return MISSING if value is MISSING else to_json(value, len(path))


def guard_of(document: BsonDocument | None, connector: str) -> int | None:
    """The number of the connector's last write that a document contains (M5)."""
    guards = None if document is None else document.get(GUARD_FIELD)
    number = guards.get(connector) if isinstance(guards, dict) else None
    return int(number) if isinstance(number, int) else None


def is_counter_value(value: Json) -> bool:
    """Whether a value can be counted on exactly (C4)."""
    return isinstance(value, int) and not isinstance(value, bool)


def counters_of(rule: CollectionRule) -> dict[Path, Path | None]:
    """The counters of a collection: path → the field that tells of a count."""
    return {each.path: each.counted for each in rule.counters}
