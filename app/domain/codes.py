"""Barcodes and shelf labels: check digits, in-store numbers, and how a location reads.

A barcode is an EAN-13 or UPC-A (GS1: weights 3 and 1 from the right). Zava's own numbers
use the in-store prefixes 20-29, which no manufacturer is ever given. A label code names one
location of one store.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from app.domain.errors import DomainError

EAN13_DIGITS = 13
UPC_A_DIGITS = 12
IN_STORE_PREFIXES = range(20, 30)
IN_STORE_NUMBER_DIGITS = 10

_LABEL = re.compile(r"([A-Z]{2,4})-([A-Z0-9]+)-([A-Z0-9]+)(?:-([A-Z0-9]+))?")


def check_digit(body: str) -> str:
    """The GS1 check digit of the digits before it (12 of an EAN-13, 11 of a UPC-A)."""
    if not _is_digits(body):
        raise _bad_barcode(body)
    odd = sum(int(digit) for digit in body[::-2])
    even = sum(int(digit) for digit in body[-2::-2])
    return str(-(3 * odd + even) % 10)


def is_valid_barcode(text: str) -> bool:
    """Whether the text is 12 or 13 digits whose last one is the right check digit."""
    if not _is_digits(text) or len(text) not in (EAN13_DIGITS, UPC_A_DIGITS):
        return False
    return check_digit(text[:-1]) == text[-1]


def is_in_store(text: str) -> bool:
    """Whether the text is a valid EAN-13 with an in-store prefix, so a number Zava gave itself."""
    return (
        len(text) == EAN13_DIGITS and is_valid_barcode(text) and int(text[:2]) in IN_STORE_PREFIXES
    )


def in_store_barcode(number: int, prefix: int = 20) -> str:
    """The EAN-13 of Zava's own number: prefix 20-29, ten digits, check digit.

    Raises `DomainError` (barcode_invalid) when the number or the prefix does not fit.
    """
    if prefix not in IN_STORE_PREFIXES or not 0 <= number < 10**IN_STORE_NUMBER_DIGITS:
        raise _bad_barcode(f"{prefix} {number}")
    body = f"{prefix}{number:0{IN_STORE_NUMBER_DIGITS}d}"
    return body + check_digit(body)


def read_barcode(scan: str) -> str:
    """The barcode in what was scanned or typed: spaces and hyphens gone, check digit right.

    A UPC-A is answered as the EAN-13 it is part of, so both compare equal.
    Raises `DomainError` (barcode_invalid).
    """
    digits = re.sub(r"[\s-]", "", scan)
    if not is_valid_barcode(digits):
        raise _bad_barcode(scan)
    return digits.zfill(EAN13_DIGITS)


def label_code(store_code: str, location: Mapping[str, Any]) -> str:
    """The code on a shelf label: store, aisle, shelf, bin, with two digits each: `SEA-03-B-12`."""
    parts = [store_code, str(location["aisle"]).zfill(2), str(location["shelf"])]
    if location.get("bin"):
        parts.append(str(location["bin"]).zfill(2))
    return "-".join(parts).upper()


def read_label_code(label: str) -> tuple[str, dict[str, str]]:
    """Store code and location of a scanned label; the inverse of `label_code`.

    Raises `DomainError` (label_invalid).
    """
    found = _LABEL.fullmatch(label.strip().upper())
    if not found:
        raise DomainError(
            "label_invalid",
            f"{label!r} is not a shelf label.",
            "Scan the label on the shelf, or type it like SEA-03-B-12.",
        )
    store_code, aisle, shelf, bin_ = found.groups()
    location = {"aisle": aisle.lstrip("0") or "0", "shelf": shelf}
    return store_code, location | ({"bin": bin_.lstrip("0") or "0"} if bin_ else {})


def location_text(location: Mapping[str, Any] | None) -> str:
    """A location as workers read it: `A3 · B · 12` (aisle, shelf, bin), without what it lacks."""
    if not location:
        return "No location"
    aisle = str(location.get("aisle") or "")
    if aisle.isdigit():
        aisle = f"A{aisle}"
    parts = [aisle, str(location.get("shelf") or ""), str(location.get("bin") or "")]
    return " · ".join(part for part in parts if part) or "No location"


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _bad_barcode(text: str) -> DomainError:
    return DomainError(
        "barcode_invalid",
        f"{text!r} is not a valid barcode.",
        "Scan it again, or type the 12 or 13 digits under the bars.",
    )
