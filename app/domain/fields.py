"""The fields of documents for people: what they are called, how they are typed in and checked.

A form shows `text_of` a value and gives back what `read` makes of the text. Fields nobody named are
called after their key and typed after the value they hold.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from app.domain.errors import DomainError
from app.domain.money import from_cents, to_cents

TEXT_LETTERS_MAX: Final = 500
WHOLE_MAX: Final = 999_999
AMOUNT_MAX: Final = 10_000_000
EMAIL_LETTERS_MAX: Final = 254
PHONE_DIGITS: Final = range(7, 16)
"""As E.164 counts them, from a local number without its area to the longest international one."""

_EMAIL = re.compile(r"[^@\s,;<>\"]+@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}")
_PHONE = re.compile(r"\+?[\d\s().\-/]+")


class Kind(StrEnum):
    """How a field is typed in."""

    TEXT = "text"
    WHOLE = "whole"
    CHANGE = "change"
    """Pieces that came or went: a whole number with its sign."""
    AMOUNT = "amount"
    PERCENT = "percent"
    FLAG = "flag"
    EMAIL = "email"
    PHONE = "phone"
    STORE = "store"
    """The name of a store, which stands for its id; only who knows the stores can read it."""
    FIXED = "fixed"
    """Shown and not typed: lists, and what identifies the document."""


@dataclass(frozen=True, slots=True)
class Named:
    """A field's name for people, and how it is typed."""

    label: str
    kind: Kind


_NAMES: Final = {
    "first_name": Named("First name", Kind.TEXT),
    "last_name": Named("Last name", Kind.TEXT),
    "email": Named("E-mail", Kind.EMAIL),
    "customer_email": Named("E-mail", Kind.EMAIL),
    "phone": Named("Phone", Kind.PHONE),
    "store_id": Named("Store", Kind.STORE),
    "primary_store_id": Named("Store", Kind.STORE),
    "stock_level": Named("Stock", Kind.WHOLE),
    "reorder_threshold": Named("Reorder at", Kind.WHOLE),
    "quantity": Named("Pieces", Kind.WHOLE),
    "item_count": Named("Lines", Kind.WHOLE),
    "notes": Named("Note", Kind.TEXT),
    "last_reason": Named("Reason", Kind.TEXT),
    "location.aisle": Named("Aisle", Kind.TEXT),
    "location.shelf": Named("Shelf", Kind.TEXT),
    "location.bin": Named("Bin", Kind.TEXT),
    "product_name": Named("Product", Kind.TEXT),
    "base_price": Named("Price", Kind.AMOUNT),
    "unit_price": Named("Price each", Kind.AMOUNT),
    "line_total": Named("Line total", Kind.AMOUNT),
    "subtotal": Named("Subtotal", Kind.AMOUNT),
    "tax": Named("Sales tax", Kind.AMOUNT),
    "order_discount": Named("Order discount", Kind.AMOUNT),
    "order_discount_percent": Named("Order discount in percent", Kind.PERCENT),
    "discount_total": Named("Discount", Kind.AMOUNT),
    "discount_amount": Named("Discount", Kind.AMOUNT),
    "discount_percent": Named("Discount in percent", Kind.PERCENT),
    "total": Named("Total", Kind.AMOUNT),
    "status": Named("Status", Kind.TEXT),
    "_id": Named("Id", Kind.FIXED),
    "deleted": Named("Removed", Kind.FLAG),
}


def named(path: str, value: Any) -> Named:
    """The field at a dotted path that holds a value. `+3` is pieces that came."""
    known = _NAMES.get(path)
    if known is not None and known.kind is Kind.WHOLE and isinstance(value, str):
        return Named(known.label, Kind.CHANGE) if re.fullmatch(r"[+-]\d+", value) else known
    if known is not None:
        return known
    label = path.rpartition(".")[2].replace("_", " ").strip().capitalize() or path
    if isinstance(value, bool):
        return Named(label, Kind.FLAG)
    if isinstance(value, int):
        return Named(label, Kind.WHOLE)
    if isinstance(value, float):
        return Named(label, Kind.AMOUNT)
    return Named(label, Kind.TEXT if isinstance(value, str) else Kind.FIXED)


def rank(path: str) -> int:
    """Where a field stands in a form: people and places first, whether it is removed last."""
    names = list(_NAMES)
    return names.index(path) if path in names else names.index("deleted")


def text_of(kind: Kind, value: Any) -> str:
    """A value as it stands in a form."""
    if value is None:
        return ""
    if kind is Kind.AMOUNT and isinstance(value, int | float) and not isinstance(value, bool):
        return f"{from_cents(to_cents(value)):.2f}"
    if kind is Kind.FLAG:
        return "yes" if value else "no"
    if isinstance(value, dict):
        return " · ".join(str(part) for part in value.values())
    if isinstance(value, list):
        return ", ".join(str(part) for part in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def read(label: str, kind: Kind, text: str) -> Any:
    """The value a person typed. Raises `DomainError` (field_invalid) that says what would do."""
    text = text.strip()
    match kind:
        case Kind.WHOLE:
            return _whole(label, text, 0)
        case Kind.CHANGE:
            return _whole(label, text.replace("−", "-"), -WHOLE_MAX)
        case Kind.AMOUNT:
            return from_cents(to_cents(_number(label, text, AMOUNT_MAX)))
        case Kind.PERCENT:
            percent = _number(label, text.removesuffix("%"), 100)
            return int(percent) if percent == int(percent) else percent
        case Kind.FLAG:
            return text == "yes"
        case Kind.EMAIL:
            return read_email(label, text)
        case Kind.PHONE:
            return read_phone(label, text)
        case _:
            if len(text) > TEXT_LETTERS_MAX:
                raise _refused(label, f"is longer than {TEXT_LETTERS_MAX} letters", "Shorten it.")
            return text


def read_email(label: str, text: str) -> str:
    """An e-mail address, or nothing. Raises `DomainError` (field_invalid)."""
    if text and (len(text) > EMAIL_LETTERS_MAX or not _EMAIL.fullmatch(text)):
        raise _refused(label, "is no e-mail address", "Write it like rose@example.com.")
    return text


def read_phone(label: str, text: str) -> str:
    """A phone number as people write it, or nothing. Raises `DomainError` (field_invalid)."""
    digits = sum(letter.isdigit() for letter in text)
    if text and (digits not in PHONE_DIGITS or not _PHONE.fullmatch(text)):
        raise _refused(label, "is no phone number", "Write it like (206) 555-0111.")
    return text


def _whole(label: str, text: str, least: int) -> int:
    digits = text.replace(",", "").removeprefix("+")
    if not re.fullmatch(r"-?\d{1,9}", digits) or not least <= int(digits) <= WHOLE_MAX:
        raise _refused(
            label,
            "is no whole number",
            f"Enter one from {least:,} to {WHOLE_MAX:,}.",
        )
    return int(digits)


def _number(label: str, text: str, most: int) -> float:
    plain = text.replace(",", "").replace("$", "").strip()
    if not re.fullmatch(r"\d{1,9}(\.\d*)?|\.\d+", plain) or float(plain) > most:
        raise _refused(label, "is no amount", f"Enter a number from 0 to {most:,}, such as 12.50.")
    return float(plain)


def _refused(label: str, cause: str, remedy: str) -> DomainError:
    return DomainError("field_invalid", f"“{label}” {cause}.", remedy)
