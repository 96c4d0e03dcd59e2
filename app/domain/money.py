"""Money: integers of cents inside calculations, 2-decimal numbers in documents.

`half_up` is the only place where anything is rounded, so totals agree on every device (DESIGN §2).
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from app.domain.errors import DomainError

BASIS_POINTS_PER_ONE = 10_000
"""A basis point is a hundredth of a percent: 9.75 % is 975."""

MARGIN_COST_PERCENT = 67
"""Retail price = cost / 0.67, which leaves the gross margin of 33 % the data model prescribes."""

GROSS_MARGIN_PERCENT = 33.0

_WRITTEN_EXACTLY_MAX = 10.0**12
"""Below it two decimals need at most 15 digits, so no two amounts share a float."""


def half_up(numerator: int, denominator: int) -> int:
    """The quotient to the nearest integer; a half goes away from zero, so refunds mirror sales."""
    magnitude = (2 * abs(numerator) + abs(denominator)) // (2 * abs(denominator))
    return magnitude if (numerator < 0) == (denominator < 0) else -magnitude


def to_cents(amount: int | float | Decimal) -> int:
    """Cents of an amount as it is written: 1.005 is 101 although its binary value is a hair below.

    Raises `DomainError` (money_invalid) for anything that is not a finite number.
    """
    return _scaled(amount, 100)


def from_cents(cents: int) -> float:
    """The 2-decimal number a document holds, the nearest float to the exact amount."""
    return cents / 100


def basis_points(percent: int | float | Decimal) -> int:
    """Basis points of a percentage, at most two decimals counted: 12.5 is 1,250."""
    return _scaled(percent, 100)


def share(cents: int, rate_bp: int) -> int:
    """The part of an amount that a rate in basis points takes, in cents."""
    return half_up(cents * rate_bp, BASIS_POINTS_PER_ONE)


def retail_cents(cost_cents: int) -> int:
    """The retail price for a wholesale cost: cost / 0.67, to the cent."""
    return half_up(cost_cents * 100, MARGIN_COST_PERCENT)


def text(cents: int) -> str:
    """An amount for people: `$1,234.50`, `-$3.00`."""
    dollars, rest = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}${dollars:,}.{rest:02d}"


def _scaled(amount: int | float | Decimal, factor: int) -> int:
    if isinstance(amount, bool) or not isinstance(amount, int | float | Decimal):
        raise _refused(amount)
    if isinstance(amount, int):
        return amount * factor
    if isinstance(amount, float) and abs(amount) < _WRITTEN_EXACTLY_MAX:
        nearest = round(amount * factor)
        if nearest / factor == amount:  # what it is written as, without the way through a text
            return nearest
    try:
        numerator, denominator = Decimal(str(amount)).as_integer_ratio()
    except (ValueError, OverflowError, InvalidOperation) as error:
        raise _refused(amount) from error
    return half_up(numerator * factor, denominator)


def _refused(amount: object) -> DomainError:
    return DomainError(
        "money_invalid",
        f"{amount!r} is not an amount of money.",
        "Enter a plain number such as 12.50.",
    )
