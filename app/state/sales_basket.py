"""The order being made: lines, amounts, what to watch out for, and placing it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any, Final

import flet as ft

from app.domain import money as amounts
from app.domain.collections import CUSTOMERS, PRODUCTS, STORES
from app.domain.errors import DomainError
from app.domain.orders import (
    LINE_UNITS_MAX,
    NO_DISCOUNT,
    Line,
    OrderDiscount,
    PricedOrder,
    price_order,
    tax_rate_bp,
)
from app.domain.stock import Age
from app.state.notices import Outcome
from app.state.sales_drafts import NOBODY, Drafts, Wanted
from app.state.sales_placing import Placed, place, seller
from app.state.sales_stock import Available, OwnStock
from app.state.workspace import Workspace

DISCOUNTS: Final = (0, 5, 10, 15, 20)
NOTE_LETTERS_MAX: Final = 500


@dataclass(frozen=True, slots=True)
class BasketLine:
    """One line as the review shows it; amounts in cents."""

    product_id: str
    name: str
    sku: str
    quantity: int
    discount_percent: int
    unit_cents: int
    discount_cents: int
    total_cents: int
    available: Available

    @property
    def over(self) -> bool:
        """Whether more is wanted than the store has, as far as is known."""
        return self.quantity > max(0, self.available.pieces)

    @property
    def stale(self) -> bool:
        """Whether the figure is too old to promise anything."""
        return self.available.age is Age.STALE


@ft.observable
@dataclass
class Basket:
    """The draft that is worked on, priced by the same code on every device."""

    workspace: Workspace
    customer_id: str = NOBODY
    customer_name: str = ""
    lines: tuple[BasketLine, ...] = ()
    gone: int = 0
    """Lines whose product has left the catalogue; they are not ordered."""
    subtotal_cents: int = 0
    line_discount_cents: int = 0
    order_discount: OrderDiscount = NO_DISCOUNT
    order_discount_cents: int = 0
    tax_cents: int = 0
    total_cents: int = 0
    tax_bp: int = 0
    note: str = ""
    placing: bool = False
    revision: int = 0
    _drafts: Any = field(init=False, repr=False)
    _stock: Any = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._drafts = Drafts(self.workspace.replica)
        self._stock = self.workspace.keep(OwnStock)
        self._stock.follow(self._show)
        self._show()

    @property
    def discount_cents(self) -> int:
        """What comes off the lines and off the whole order."""
        return self.line_discount_cents + self.order_discount_cents

    @property
    def net_cents(self) -> int:
        """What the lines cost after their own discounts: the most an order discount can be."""
        return self.subtotal_cents - self.line_discount_cents

    @property
    def pieces(self) -> int:
        """Pieces over all lines."""
        return sum(line.quantity for line in self.lines)

    @property
    def waiting(self) -> tuple[tuple[str, str, int], ...]:
        """Other drafts: customer id, name, number of lines."""
        return tuple(
            (key, self._name(key), len(each.lines))
            for key, each in self._drafts.all.items()
            if key not in (NOBODY, self.customer_id) and each.lines
        )

    def quantity(self, product_id: str) -> int:
        """How many of a product are in the order."""
        wanted = self._drafts.draft.lines.get(product_id)
        return wanted.quantity if wanted else 0

    def begin(self, customer_id: str) -> None:
        """Work on this customer's order: theirs if there is one, else a new one."""
        self._drafts.choose(customer_id)
        self._show()

    def set_quantity(self, product_id: str, quantity: int) -> None:
        """Set the pieces of a product; none takes the line away."""
        lines = self._drafts.draft.lines
        if quantity <= 0:
            lines.pop(product_id, None)
        else:
            kept = lines.get(product_id) or Wanted(0)
            lines[product_id] = Wanted(min(quantity, LINE_UNITS_MAX), kept.discount_percent)
        self._changed()

    def step(self, product_id: str, by: int) -> None:
        """Some pieces more or fewer, counted from what is in the order now."""
        self.set_quantity(product_id, self.quantity(product_id) + by)

    def add(self, product_id: str) -> Outcome:
        """One more piece, as a scan does."""
        self.step(product_id, 1)
        product = self.workspace.replica.get(PRODUCTS, product_id) or {}
        return Outcome(f"{product.get('product_name', 'Product')}: {self.quantity(product_id)}")

    def set_discount(self, product_id: str, percent: int) -> None:
        """The discount of a line in percent."""
        line = self._drafts.draft.lines[product_id]
        line.discount_percent = percent
        self._changed()

    def discount_order(self, discount: OrderDiscount) -> Outcome:
        """Set what comes off the whole order. Raises `DomainError` (order_discount_invalid)."""
        price_order(self._priceable(), self.tax_bp, discount)
        before = self._drafts.draft.discount
        self._put_order_discount(discount)
        told = f"{amounts.text(self.order_discount_cents)} off" if discount else "No discount"
        return Outcome(f"{told} the whole order.", lambda: self._put_order_discount(before))

    def remove(self, product_id: str) -> Outcome:
        """Take a line away; undo puts it back where it was."""
        before = dict(self._drafts.draft.lines)
        name = next((each.name for each in self.lines if each.product_id == product_id), "Line")

        def undo() -> None:
            self._drafts.draft.lines = before
            self._changed()

        self.set_quantity(product_id, 0)
        return Outcome(f"Removed: {name}.", undo)

    def clear(self) -> Outcome:
        """Give the whole draft up; undo brings it back."""
        customer = self.customer_id
        dropped = self._drafts.drop()

        def undo() -> None:
            self._drafts.current = customer
            self._drafts.all[customer] = dropped
            self._changed()

        self._show()
        return Outcome("Draft given up.", undo)

    def write_note(self, note: str) -> None:
        """A note for whoever picks the order."""
        self._drafts.draft.note = note[:NOTE_LETTERS_MAX]
        self._drafts.save()
        self.note = self._drafts.draft.note

    def fill(self, customer_id: str, pieces: dict[str, int]) -> None:
        """Begin a customer's order with these products, beside what their draft holds."""
        self._drafts.choose(customer_id)
        for product_id, quantity in pieces.items():
            kept = self._drafts.draft.lines.get(product_id)
            if kept is None or kept.quantity < quantity:
                self._drafts.draft.lines[product_id] = Wanted(quantity)
        self._changed()

    async def place(self) -> Placed | None:
        """Place the order on this device; None when a second press comes too late to matter.

        Raises `DomainError` (order_without_customer, and what `place` raises).
        """
        if self.placing or not self.lines:
            return None
        if not self.customer_id:
            raise DomainError(
                "order_without_customer",
                "This order has no customer yet.",
                "Choose the customer, then place it.",
            )
        self.placing = True
        try:
            await asyncio.sleep(0)  # the button is drawn disabled before the work begins
            return self._place()
        finally:
            self.placing = False

    def close(self) -> None:
        """Nothing to stop: the stock it follows is closed by itself."""

    def _place(self) -> Placed:
        workspace = self.workspace
        placed = place(
            workspace.replica,
            seller(workspace.profile),
            self.customer_id,
            self._priceable(),
            workspace.now(),
            workspace.entropy.draw,
            self.note,
            self.order_discount,
        )
        self._drafts.drop()
        self._show()
        return placed

    def _changed(self) -> None:
        self._drafts.save()
        self._show()

    def _priceable(self) -> list[Line]:
        wanted = self._drafts.draft.lines
        products = {pid: self.workspace.replica.get(PRODUCTS, pid) for pid in wanted}
        return [
            Line(product, wanted[pid].quantity, wanted[pid].discount_percent)
            for pid, product in products.items()
            if product is not None and not product.get("deleted")
        ]

    def _show(self) -> None:
        drafts, workspace = self._drafts, self.workspace
        self.customer_id = drafts.current
        self.customer_name = self._name(drafts.current)
        self.note = drafts.draft.note
        lines = self._priceable()
        self.gone = len(drafts.draft.lines) - len(lines)
        self.tax_bp = tax_rate_bp(workspace.replica.get(STORES, workspace.store_id or "") or {})
        priced = self._priced(lines)
        self.subtotal_cents = priced.subtotal_cents
        self.line_discount_cents = priced.line_discount_cents
        self.order_discount = priced.order_discount
        self.order_discount_cents = priced.order_discount_cents
        self.tax_cents = priced.tax_cents
        self.total_cents = priced.total_cents
        self.lines = tuple(
            BasketLine(
                product_id=str(each.product["_id"]),
                name=str(each.product.get("product_name", "")),
                sku=str(each.product.get("sku", "")),
                quantity=each.quantity,
                discount_percent=int(each.discount_percent),
                unit_cents=each.unit_cents,
                discount_cents=each.discount_cents,
                total_cents=each.total_cents,
                available=self._stock.of(str(each.product["_id"])),
            )
            for each in priced.lines
        )
        self.revision += 1

    def _put_order_discount(self, discount: OrderDiscount) -> None:
        self._drafts.draft.discount = discount
        self._changed()

    def _priced(self, lines: list[Line]) -> PricedOrder:
        """The lines with the order's discount; an amount shrinks with what it comes off."""
        plain = price_order(lines, self.tax_bp)
        discount = self._drafts.draft.discount
        net = plain.subtotal_cents - plain.line_discount_cents
        if discount.cents > net:
            discount = OrderDiscount(cents=net)
        return price_order(lines, self.tax_bp, discount) if discount else plain

    def _name(self, customer_id: str) -> str:
        customer = self.workspace.replica.get(CUSTOMERS, customer_id) if customer_id else None
        if customer is None:
            return ""
        return f"{customer.get('first_name', '')} {customer.get('last_name', '')}".strip()
