"""JSON values as the engine accepts them, and their one canonical spelling.

The canonical bytes of a value decide between writes with equal stamps (C2), feed every digest, and
are what a document row stores, so that equal documents are equal bytes on every replica.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

from sync.core.text import canonical as canonical
from sync.errors import DocumentTooLarge, InvalidPath, InvalidValue
from sync.ids import Json

INT_MIN, INT_MAX = -(1 << 63), (1 << 63) - 1
VALUE_DEPTH_MAX = 32
"""Deeper documents are a mistake or an attack; recursion stays far from Python's own limit."""
KEY_BYTES_MAX = 512
ID_BYTES_MAX = 1_024
DOCUMENT_BYTES_MAX = 5 * 1_048_576
"""Ditto's hard limit for a local write, so data moves between the two."""


class Tombstone:
    """The value of a leaf that says: nothing here (C2)."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "TOMBSTONE"


TOMBSTONE: Final = Tombstone()


def rank(value: Json) -> bytes:
    """Bytes that order values under equal stamps; a tombstone is lowest (C2)."""
    return b"" if value is TOMBSTONE else canonical(value).encode()


def is_same(one: Json, other: Json) -> bool:
    """Whether two leaves say the same: 1, 1.0 and True are three different values."""
    if isinstance(one, list) and isinstance(other, list):
        return rank(one) == rank(other)
    return type(one) is type(other) and bool(one == other)


def check_key(key: object) -> None:
    """Raise ``InvalidPath`` unless ``key`` can be one step of a field path."""
    if not isinstance(key, str) or not key:
        raise InvalidPath(f"A field name must be non-empty text, not {describe(key)}.")
    if key.isascii() and len(key) <= KEY_BYTES_MAX:
        return
    _check_text(key)
    if len(key.encode()) > KEY_BYTES_MAX:
        raise InvalidPath(f"The field name {key[:40]!r}… is over {KEY_BYTES_MAX} bytes.")


def check_id(doc_id: object) -> None:
    """Raise ``InvalidValue`` unless ``doc_id`` can name a document."""
    if not isinstance(doc_id, str) or not doc_id:
        raise InvalidValue(f"An _id must be non-empty text, not {describe(doc_id)}.")
    _check_text(doc_id)
    if len(doc_id.encode()) > ID_BYTES_MAX:
        raise InvalidValue(f"The _id {doc_id[:40]!r}… is over {ID_BYTES_MAX} bytes.")


def check_ids(ids: Sequence[str]) -> None:
    """``check_id`` for many texts; ``InvalidValue`` too where one occurs twice. Where all are
    plain, as ours are, none is looked at alone. ``TypeError`` where one is no text."""
    joined = "".join(ids)
    if not (joined.isascii() and all(ids) and max(map(len, ids), default=0) <= ID_BYTES_MAX):
        for doc_id in ids:
            check_id(doc_id)
    if len(set(ids)) != len(ids):
        raise InvalidValue("An _id occurs twice.")


def check_value(value: object, depth: int = 0) -> None:
    """Raise ``InvalidValue`` unless ``value`` is JSON that every replica stores alike."""
    if value is None or value is True or value is False:
        return
    if isinstance(value, str):
        _check_text(value)
    elif isinstance(value, int):
        check_int(value)
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise InvalidValue(f"{value!r} is not a number JSON can carry.")
    elif not isinstance(value, dict | list):
        raise InvalidValue(f"{type(value).__name__} is not a JSON value.")
    elif depth >= VALUE_DEPTH_MAX:
        raise InvalidValue(f"The value is nested deeper than {VALUE_DEPTH_MAX} levels.")
    elif isinstance(value, list):
        for item in value:
            check_value(item, depth + 1)
    else:
        for key, item in value.items():
            if not (type(key) is str and key.isascii() and 0 < len(key) <= KEY_BYTES_MAX):
                check_key(key)
            kind = type(item)  # what most values are needs no call
            if not (kind is bool or item is None or (kind is str and item.isascii())):
                check_value(item, depth + 1)


def check_values(values: Sequence[Any], depth: int = 0) -> None:
    """``check_value`` for many. Where all are of one plain kind, none is looked at alone."""
    kinds = set(map(type, values))
    if kinds == {str}:
        is_plain = "".join(values).isascii()
    elif kinds == {int}:
        is_plain = min(values) >= INT_MIN and max(values) <= INT_MAX
    else:
        is_plain = kinds <= {bool, type(None)}
    if not is_plain:
        for value in values:
            check_value(value, depth)


def check_size(text: str) -> None:
    """Raise ``DocumentTooLarge`` if the canonical text of a document is over the limit.

    Judged on local writes alone: two documents of allowed size may merge into a larger one.
    """
    if len(text) * 4 > DOCUMENT_BYTES_MAX and len(text.encode()) > DOCUMENT_BYTES_MAX:
        raise DocumentTooLarge(f"The document is over {DOCUMENT_BYTES_MAX} bytes.")


def check_int(value: object) -> None:
    """Raise ``InvalidValue`` unless ``value`` is a 64-bit integer, as counters need (C4)."""
    if not isinstance(value, int) or isinstance(value, bool) or not INT_MIN <= value <= INT_MAX:
        raise InvalidValue(f"{describe(value)} is not a 64-bit integer.")


def describe(value: object) -> str:
    """A short name of any value for an error message; never fails, however strange the value."""
    if isinstance(value, str):
        return repr(value[:40]) + ("…" if len(value) > 40 else "")
    if value is None or isinstance(value, bool | float):
        return repr(value)
    if isinstance(value, int):
        return str(value) if abs(value) < 10**18 else "a very large integer"
    return f"a {type(value).__name__}"


def is_number(value: object) -> bool:
    """Whether a value can be a counter's base: int or float, not a boolean (C4)."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _check_text(text: str) -> None:
    if text.isascii():
        return
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InvalidValue(f"The text {text[:40]!r} is not valid Unicode.") from error
