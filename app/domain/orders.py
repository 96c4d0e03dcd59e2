"""Pricing and building an order; the same code prices on every device and in generated data.

Rules: a line's discount is a percentage of its gross amount, rounded per line; the discount of the
whole order comes off what is left after them, a percentage rounded once or an amount, never more
than that; sales tax is due on what the customer pays after discounts, as Washington State taxes the
selling price, rounded once per order; total = subtotal - discount_total + tax. All in integer
cents, 2-decimal numbers only in documents.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.domain import money
from app.domain.collections import Document
from app.domain.errors import DomainError
from app.domain.ids import order_code, order_id
from app.domain.times import iso_z

__all__ = [
    "LINES_MAX",
    "LINE_UNITS_MAX",
    "NO_DISCOUNT",
    "WA_STATE_TAX_RATE_BP",
    "Line",
    "OrderDiscount",
    "PricedLine",
    "PricedOrder",
    "build_order",
    "order_code",
    "order_id",
    "price_line",
    "price_order",
    "tax_rate_bp",
]

WA_STATE_TAX_RATE_BP = 650
"""Washington's state-wide part, used for a store document that names no rate of its own."""

LINES_MAX = 200
"""One order is one transaction; far above any shop order, far below the batch caps of C7."""

LINE_UNITS_MAX = 99_999
"""Catches a barcode scanned into the quantity field."""


@dataclass(frozen=True, slots=True)
class Line:
    """What the customer wants: a product document, whole units, a discount of 0 to 100 percent."""

    product: Mapping[str, Any]
    quantity: int
    discount_percent: int | float = 0


@dataclass(frozen=True, slots=True)
class OrderDiscount:
    """What comes off the whole order: 0 to 100 percent, or an amount; one of them is zero."""

    percent: int | float = 0
    cents: int = 0

    def __bool__(self) -> bool:
        return bool(self.percent or self.cents)


NO_DISCOUNT = OrderDiscount()


@dataclass(frozen=True, slots=True)
class PricedLine:
    """A line with its amounts in cents; `total_cents` = `gross_cents` - `discount_cents`."""

    product: Mapping[str, Any]
    quantity: int
    discount_percent: int | float
    unit_cents: int
    gross_cents: int
    discount_cents: int
    total_cents: int


@dataclass(frozen=True, slots=True)
class PricedOrder:
    """An order's amounts in cents; total = subtotal - discount + tax.

    ``discount_cents`` is that of the lines and of the whole order together.
    """

    lines: tuple[PricedLine, ...]
    subtotal_cents: int
    line_discount_cents: int
    order_discount: OrderDiscount
    order_discount_cents: int
    tax_cents: int
    total_cents: int

    @property
    def discount_cents(self) -> int:
        """Everything that comes off the subtotal."""
        return self.line_discount_cents + self.order_discount_cents


def tax_rate_bp(store: Mapping[str, Any]) -> int:
    """The sales tax of a store document in basis points: `tax_rate_bp`, else the state's part."""
    rate = store.get("tax_rate_bp")
    return WA_STATE_TAX_RATE_BP if rate is None else int(rate)


def price_line(line: Line) -> PricedLine:
    """Amounts of a line. Raises `DomainError` (order_quantity_invalid, order_discount_invalid)."""
    if isinstance(line.quantity, bool) or not isinstance(line.quantity, int):
        raise _bad_quantity(line)
    if not 1 <= line.quantity <= LINE_UNITS_MAX:
        raise _bad_quantity(line)
    rate = money.basis_points(line.discount_percent)
    if not 0 <= rate <= money.BASIS_POINTS_PER_ONE:
        raise DomainError(
            "order_discount_invalid",
            f"A discount of {line.discount_percent} % is not possible.",
            "Enter a discount between 0 and 100 percent.",
        )
    unit = money.to_cents(line.product["base_price"])
    gross = unit * line.quantity
    discount = money.share(gross, rate)
    return PricedLine(
        line.product, line.quantity, line.discount_percent, unit, gross, discount, gross - discount
    )


def price_order(
    lines: Sequence[Line], rate_bp: int, discount: OrderDiscount = NO_DISCOUNT
) -> PricedOrder:
    """Amounts of a whole order at a tax rate in basis points; no lines cost nothing.

    Raises `DomainError` as `price_line` does, order_too_long above `LINES_MAX` lines, and
    order_discount_invalid for a discount that is larger than what it comes off.
    """
    if len(lines) > LINES_MAX:
        raise DomainError(
            "order_too_long",
            f"An order holds at most {LINES_MAX} lines, this one has {len(lines)}.",
            "Split it into two orders.",
        )
    priced = tuple(price_line(line) for line in lines)
    subtotal = sum(line.gross_cents for line in priced)
    off_lines = sum(line.discount_cents for line in priced)
    off_order = _off_order(discount, subtotal - off_lines)
    net = subtotal - off_lines - off_order
    tax = money.share(net, rate_bp)
    return PricedOrder(priced, subtotal, off_lines, discount, off_order, tax, net + tax)


def build_order(
    customer: Mapping[str, Any],
    store: Mapping[str, Any],
    lines: Sequence[Line],
    at: str | datetime,
    order_id: str,
    order_code: str,
    created_by: str,
    item_ids: Sequence[str],
    discount: OrderDiscount = NO_DISCOUNT,
) -> tuple[Document, list[Document]]:
    """The order (status `pending`) and one item document a line, ready for one transaction.

    `item_ids` gives one fresh UUID a line. Nothing is looked up and nothing is written.
    Raises `DomainError` (order_empty, order_items_mismatch, and what `price_order` raises).
    """
    if not lines:
        raise DomainError(
            "order_empty", "This order has no lines.", "Add at least one product to it."
        )
    if len(item_ids) != len(lines) or len(set(item_ids)) != len(item_ids):
        raise DomainError(
            "order_items_mismatch",
            f"{len(lines)} lines need as many different item ids.",
            "Make one new id for each line.",
        )
    priced = price_order(lines, tax_rate_bp(store), discount)
    order = _order_document(customer, store, priced, iso_z(at), order_id, order_code, created_by)
    items = [
        _item_document(item_id, line, order)
        for item_id, line in zip(item_ids, priced.lines, strict=True)
    ]
    return order, items


def _order_document(
    customer: Mapping[str, Any],
    store: Mapping[str, Any],
    priced: PricedOrder,
    at: str,
    order_id: str,
    order_code: str,
    created_by: str,
) -> Document:
    return {
        "_id": order_id,
        "order_id": order_id,
        "order_code": order_code,
        "customer_id": customer["customer_id"],
        "store_id": store["store_id"],
        "order_date": at,
        "customer_name": f"{customer['first_name']} {customer['last_name']}",
        "customer_email": customer.get("email", ""),
        "store_name": store["store_name"],
        "item_count": len(priced.lines),
        "subtotal": money.from_cents(priced.subtotal_cents),
        "tax": money.from_cents(priced.tax_cents),
        "discount_total": money.from_cents(priced.discount_cents),
        **_order_discount_fields(priced),
        "total": money.from_cents(priced.total_cents),
        "status": "pending",
        "created_by": created_by,
        "created_at": at,
        "updated_at": at,
        "deleted": False,
    }


def _order_discount_fields(priced: PricedOrder) -> Document:
    """The part of `discount_total` that is the whole order's; orders without one say nothing."""
    if not priced.order_discount:
        return {}
    return {
        "order_discount": money.from_cents(priced.order_discount_cents),
        "order_discount_percent": priced.order_discount.percent,
    }


def _item_document(item_id: str, line: PricedLine, order: Document) -> Document:
    return {
        "_id": item_id,
        "order_id": order["order_id"],
        "store_id": order["store_id"],
        "customer_id": order["customer_id"],
        "product_id": line.product["product_id"],
        "sku": line.product["sku"],
        "product_name": line.product["product_name"],
        "quantity": line.quantity,
        "unit_price": money.from_cents(line.unit_cents),
        "discount_percent": line.discount_percent,
        "discount_amount": money.from_cents(line.discount_cents),
        "line_total": money.from_cents(line.total_cents),
        "created_at": order["created_at"],
        "deleted": False,
    }


def _off_order(discount: OrderDiscount, net_cents: int) -> int:
    """Cents the whole order's discount takes off the net amount of its lines."""
    rate = money.basis_points(discount.percent)
    cents = money.share(net_cents, rate) if rate else discount.cents
    both = bool(discount.percent) and bool(discount.cents)
    if both or not 0 <= rate <= money.BASIS_POINTS_PER_ONE or not 0 <= cents <= net_cents:
        raise DomainError(
            "order_discount_invalid",
            "This discount is not possible on this order.",
            f"Enter 0 to 100 percent, or an amount up to {money.text(net_cents)}.",
        )
    return cents


def _bad_quantity(line: Line) -> DomainError:
    return DomainError(
        "order_quantity_invalid",
        f"{line.quantity!r} is not a quantity an order can hold.",
        f"Enter whole units from 1 to {LINE_UNITS_MAX:,}.",
    )
