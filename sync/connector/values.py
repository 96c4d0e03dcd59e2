"""BSON as the JSON of a replica, and back without loss for what nobody changed (docs/connector.md).

``to_json`` gives what apps read: plain numbers, dates as ISO text, ids as hexadecimal text.
``to_bson`` goes back beside the value MongoDB holds: what says the same is that very value, and
what changed keeps its type wherever the new value fits it exactly.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from bson import Binary, Decimal128, Int64, ObjectId, json_util
from bson.binary import UUID_SUBTYPE

from sync.connector.events import Bson
from sync.core.values import KEY_BYTES_MAX, VALUE_DEPTH_MAX, canonical
from sync.ids import Json


class Missing:
    """The value of a field that is not there."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = Missing()

_PLAIN = frozenset({str, int, bool, type(None)})
_EXACT_DIGITS_MAX = 15
"""Decimal digits that a double keeps, so that a Decimal128 of so many is shown as a number."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EJSON = json_util.CANONICAL_JSON_OPTIONS


def same(one: Json, other: Json) -> bool:
    """Whether two values say the same; 1, 1.0 and True are three different values."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict | list):
        return canonical(one) == canonical(other)
    return bool(one == other)


def to_json(value: Bson, depth: int = 0) -> Json:
    """What a replica shows of a value. What JSON cannot say is text in extended JSON."""
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind is dict:
        if depth >= VALUE_DEPTH_MAX or not all(map(is_key, value)):
            return opaque(value)
        return {key: to_json(item, depth + 1) for key, item in value.items()}
    if kind is list:
        too_deep = depth >= VALUE_DEPTH_MAX
        return opaque(value) if too_deep else [to_json(item, depth + 1) for item in value]
    reader = _READERS.get(kind)
    return opaque(value) if reader is None else reader(value)


def is_key(name: str) -> bool:
    """Whether a replica can name a field so."""
    return bool(name) and (len(name) * 4 <= KEY_BYTES_MAX or len(name.encode()) <= KEY_BYTES_MAX)


def opaque(value: Bson) -> str:
    """Any BSON as text: canonical extended JSON."""
    return json_util.dumps(value, json_options=_EJSON, separators=(",", ":"))


def of_opaque(text: str) -> Bson:
    """The inverse of ``opaque``."""
    return json_util.loads(text, json_options=_EJSON)


def to_bson(value: Json, like: Bson = MISSING) -> Bson:
    """What to write for ``value`` where MongoDB holds ``like``, by the rules of this module."""
    if like is MISSING or like is None:
        return value
    kind = type(like)
    if kind is list and isinstance(value, list):
        return _elements(value, like)
    if kind is dict and isinstance(value, dict):
        return {key: to_bson(item, like.get(key, MISSING)) for key, item in value.items()}
    if kind in _PLAIN:
        return value
    if same(to_json(like), value):
        return like
    writer = _WRITERS.get(kind)
    found = None if writer is None else writer(value, like)
    return found if found is not None and same(to_json(found), value) else value


def _elements(value: list[Json], like: list[Bson]) -> list[Bson]:
    """An array beside the one it was: an element that is still there keeps its type wherever it
    stands now, a changed one that of its place, a new one that of the last."""
    shown = [to_json(item) for item in like]
    found: list[Bson] = []
    for place, item in enumerate(value):
        hint = like[min(place, len(like) - 1)] if like else MISSING
        if not (place < len(like) and same(shown[place], item)):
            equal = (held for held, seen in zip(like, shown, strict=True) if same(seen, item))
            hint = next(equal, hint)
        found.append(to_bson(item, hint))
    return found


def iso_of(moment: datetime) -> str:
    """A date as text: UTC with ``Z``, milliseconds where there are any."""
    utc = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    exact = "milliseconds" if utc.microsecond else "seconds"
    return utc.replace(tzinfo=None).isoformat(timespec=exact) + "Z"


def iso_of_ms(ms: int) -> str:
    """Unix milliseconds as text."""
    return iso_of(_EPOCH + timedelta(milliseconds=ms))


def _date(value: Json, like: Bson) -> datetime | None:
    if not isinstance(value, str) or not value.endswith("Z"):
        return None
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None


def _decimal_json(value: Decimal128) -> Json:
    exact = value.to_decimal()
    if not exact.is_finite():
        return opaque(value)
    if len(exact.normalize().as_tuple().digits) > _EXACT_DIGITS_MAX:
        return str(value)
    return float(exact)


def _decimal(value: Json, like: Bson) -> Decimal128 | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return Decimal128(repr(value)) if is_number else None


def _binary_json(value: Bson) -> Json:
    if isinstance(value, Binary) and value.subtype == UUID_SUBTYPE and len(value) == 16:
        return str(UUID(bytes=bytes(value)))
    return opaque(value)


def _binary(value: Json, like: Bson) -> Binary | None:
    try:
        return Binary(UUID(value).bytes, UUID_SUBTYPE)
    except (TypeError, ValueError, AttributeError):
        return None


def _object_id(value: Json, like: Bson) -> ObjectId | None:
    return ObjectId(value) if isinstance(value, str) and ObjectId.is_valid(value) else None


def _int64(value: Json, like: Bson) -> Int64 | None:
    return Int64(value) if type(value) is int else None


_READERS: dict[type, Callable[[Any], Json]] = {
    float: lambda value: value if math.isfinite(value) else opaque(value),
    Int64: int,
    ObjectId: str,
    datetime: iso_of,
    Decimal128: _decimal_json,
    Binary: _binary_json,
}
_WRITERS: dict[type, Callable[[Json, Bson], Bson]] = {
    Int64: _int64,
    ObjectId: _object_id,
    datetime: _date,
    Decimal128: _decimal,
    Binary: _binary,
}
