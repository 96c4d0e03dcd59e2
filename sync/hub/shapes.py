"""What every device computes with has the type they all expect, or the hub refuses it (S3). Pure.

Documents are free to carry any field. These are the few that sums, orders and searches are made of:
a text where a number belongs would stop the screens of everybody who receives it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from sync.errors import ChangeInvalid
from sync.ids import Document, Json


def _is_whole(value: Json) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_text(value: Json) -> bool:
    return isinstance(value, str)


def _is_flag(value: Json) -> bool:
    return isinstance(value, bool)


def _is_map(value: Json) -> bool:
    return isinstance(value, dict)


def _is_threshold(value: Json) -> bool:
    return value is None or _is_whole(value)


_KINDS: Final[tuple[tuple[str, Callable[[Json], bool], tuple[str, ...]], ...]] = (
    ("a whole number", _is_whole, ("stock_level", "quantity", "item_count")),
    ("a whole number or nothing", _is_threshold, ("reorder_threshold",)),
    (
        "a number",
        _is_number,
        (
            *("base_price", "unit_price", "line_total", "discount_percent", "discount_amount"),
            *("subtotal", "tax", "discount_total", "total"),
            *("order_discount", "order_discount_percent"),
        ),
    ),
    (
        "text",
        _is_text,
        (
            *("store_id", "primary_store_id", "customer_id", "product_id", "order_id"),
            *("first_name", "last_name", "product_name", "sku", "order_code", "status"),
        ),
    ),
    ("yes or no", _is_flag, ("deleted",)),
    ("a group of fields", _is_map, ("location", "specifications")),
)
_FIELDS: Final[Mapping[str, tuple[str, Callable[[Json], bool]]]] = {
    name: (words, fits) for words, fits, names in _KINDS for name in names
}


def judge_shape(collection: str, before: Document | None, after: Document | None) -> None:
    """Raise ``ChangeInvalid`` where a change gives a field a value that nobody can compute with.

    What was so before is not this change's fault and does not hold it up.
    """
    for name, value in (after or {}).items():
        known = _FIELDS.get(name)
        if known is None:
            continue
        words, fits = known
        if fits(value):
            continue
        if before is None or name not in before or before[name] != value:
            raise ChangeInvalid(f"The field {name} of {collection} has to be {words}.")
