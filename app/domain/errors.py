"""The one error of the domain: a stable code, a sentence of cause, a sentence of remedy.

The domain cannot see the error tree of `sync`, so it has a leaf of its own; the app shows both
alike. Codes: money_invalid, instant_invalid, id_invalid, order_empty, order_too_long,
order_quantity_invalid, order_discount_invalid, field_invalid, order_items_mismatch,
barcode_invalid, label_invalid, role_unknown, customer_incomplete.
"""

from __future__ import annotations


class DomainError(ValueError):
    """A value the shop's rules refuse; `code` is stable, `message` and `remedy` are for people."""

    def __init__(self, code: str, message: str, remedy: str) -> None:
        super().__init__(f"{message} {remedy}")
        self.code = code
        self.message = message
        self.remedy = remedy
