"""Identifiers made on a device without asking anybody; randomness and time are arguments.

An order's id is a ULID, so ids sort by the moment they were made and two offline devices never
collide; the code people read out aloud (`SEA-A7-0042`) is separate (DESIGN §2).
"""

from __future__ import annotations

from app.domain.errors import DomainError

ULID_RANDOM_BITS = 80
ULID_TIME_BITS = 48
ULID_CHARACTERS = 26
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PAIRS = [high + low for high in _CROCKFORD for low in _CROCKFORD]

_MARKS_OF_UUID4 = 0x4 << 76 | 0x2 << 62
_RANDOM_OF_UUID4 = (1 << 128) - 1 ^ (0xF << 76 | 0x3 << 62)
"""The six bits that say which kind of UUID it is, and the others (RFC 9562)."""


def ulid(now_ms: int, random_bits: int) -> str:
    """26 Crockford characters from Unix milliseconds and 80 random bits.

    Raises `DomainError` (id_invalid) when either does not fit its bits.
    """
    if not (0 <= now_ms < 1 << ULID_TIME_BITS and 0 <= random_bits < 1 << ULID_RANDOM_BITS):
        raise DomainError(
            "id_invalid",
            "The time or the random part of an id is out of range.",
            "Check the clock of this device.",
        )
    number = now_ms << ULID_RANDOM_BITS | random_bits
    shifts = range(5 * (ULID_CHARACTERS - 2), -1, -10)
    return "".join([_PAIRS[number >> shift & 1023] for shift in shifts])


def order_id(now_ms: int, random_bits: int) -> str:
    """The id of a new order: `order_` and a ULID."""
    return f"order_{ulid(now_ms, random_bits)}"


def customer_id(now_ms: int, random_bits: int) -> str:
    """The id of a customer met on this device: `cust_` and a ULID."""
    return f"cust_{ulid(now_ms, random_bits)}"


def uuid4(random_bits: int) -> str:
    """A version 4 UUID from 128 random bits, as inventory rows and order items carry it."""
    digits = f"{random_bits & _RANDOM_OF_UUID4 | _MARKS_OF_UUID4:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def order_code(store_code: str, device_code: str, counter: int) -> str:
    """The code people use: store, device, and the device's own counter, e.g. `SEA-A7-0042`."""
    return f"{store_code}-{device_code}-{counter:04d}"
