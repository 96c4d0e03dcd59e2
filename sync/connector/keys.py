"""The order of ``_id`` in MongoDB, and a query for what comes after one. Pure.

A comparison finds values of one type only, so what follows a text is: greater texts, and all values
of the types that sort after text.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from bson import Binary, DatetimeMS, Decimal128, Int64, MinKey, ObjectId, Timestamp

_ORDER: Final = (
    ("null", (type(None),)),
    ("number", (int, float, Int64, Decimal128)),
    ("string", (str,)),
    ("object", (dict,)),
    ("binData", (bytes, Binary, UUID)),
    ("objectId", (ObjectId,)),
    ("bool", (bool,)),
    ("date", (datetime, DatetimeMS)),
    ("timestamp", (Timestamp,)),
)
"""Types that an ``_id`` can be of, in their order, by the names that ``$type`` knows."""


def later_types(key: Any) -> tuple[str, ...]:
    """The names of the types that sort after that of ``key``."""
    names = tuple(name for name, _ in _ORDER)
    if isinstance(key, MinKey):
        return names
    if isinstance(key, bool):  # which Python takes for a number
        return names[names.index("bool") + 1 :]
    for place, (_, kinds) in enumerate(_ORDER, 1):
        if isinstance(key, kinds):
            return names[place:]
    return ()


def greater(key: Any) -> dict[str, Any]:
    """A filter for the keys of the same type that follow ``key``."""
    return {"_id": {"$gt": key}}


def of_types(names: tuple[str, ...]) -> dict[str, Any]:
    """A filter for all keys of some types."""
    return {"$or": [{"_id": {"$type": name}} for name in names]}
