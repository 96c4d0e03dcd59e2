"""Orders as a list with how far each has come, and one order with its lines."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, Literal

import flet as ft

from app.domain.collections import ORDERS
from app.domain.money import to_cents
from app.domain.stock import age_text
from app.state.live import LiveRows
from app.state.order_journey import OrderStep, order_steps
from app.state.workspace import Workspace

LOOKED_AT_MAX: Final = 200
"""Newest orders whose way out is looked up; older ones went long ago."""
SHOWN_MAX: Final = 60
NEWEST: Final = "ORDER BY order_date DESC, _id DESC"

Filter = Literal["all", "waiting", "sent", "needs_you"]
FILTERS: Final[tuple[tuple[Filter, str], ...]] = (
    ("all", "All"),
    ("waiting", "Waiting"),
    ("sent", "Sent"),
    ("needs_you", "Needs you"),
)
_MARKS: Final[dict[str, Filter]] = {
    "saved": "waiting",
    "sent": "sent",
    "synced": "sent",
    "needs_you": "needs_you",
}


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One order in a list."""

    order_id: str
    code: str
    customer: str
    total_cents: int
    items: int
    status: str
    when: str
    mark: str


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One line of an order."""

    product_id: str
    name: str
    sku: str
    quantity: int
    unit_cents: int
    discount_percent: int
    total_cents: int


def order_row(workspace: Workspace, order: dict[str, Any]) -> OrderRow:
    """An order document as a row."""
    return OrderRow(
        order_id=str(order["_id"]),
        code=str(order.get("order_code", "")),
        customer=str(order.get("customer_name", "")),
        total_cents=to_cents(order.get("total", 0)),
        items=int(order.get("item_count", 0)),
        status=str(order.get("status", "")),
        when=age_text(order.get("order_date"), workspace.now()),
        mark=workspace.replica.state_of(ORDERS, str(order["_id"])),
    )


@ft.observable
@dataclass
class OrderList:
    """The orders of the store, newest first; filtered by how far they have come."""

    workspace: Workspace
    filter: Filter = "all"
    rows: tuple[OrderRow, ...] = ()
    counts: dict[str, int] = field(default_factory=dict)
    total: int = 0
    _live: LiveRows = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._live = self.workspace.observe_store("SELECT * FROM orders", self.refresh, NEWEST)
        self._unfollow = self.workspace.sync.follow(self.refresh)
        self.refresh()

    def choose(self, wanted: Filter) -> None:
        """Show only these."""
        self.filter = wanted
        self.refresh()

    def refresh(self) -> None:
        """Read the replica anew."""
        rows = [order_row(self.workspace, each) for each in self._live.rows[:LOOKED_AT_MAX]]
        self.counts = {
            key: sum(_MARKS[row.mark] == key for row in rows) for key in ("waiting", "needs_you")
        }
        chosen = [row for row in rows if self.filter in ("all", _MARKS[row.mark])]
        self.total = len(self._live.rows)
        self.rows = tuple(chosen[:SHOWN_MAX])

    def close(self) -> None:
        """Stop following the replica."""
        self._live.close()
        self._unfollow()


@ft.observable
@dataclass
class OrderState:
    """One order."""

    workspace: Workspace
    order_id: str
    row: OrderRow | None = None
    items: tuple[ItemRow, ...] = ()
    subtotal_cents: int = 0
    discount_cents: int = 0
    """Of the lines and of the whole order together."""
    order_discount_cents: int = 0
    order_discount_percent: float = 0
    tax_cents: int = 0
    note: str = ""
    seller: str = ""
    customer_id: str = ""
    steps: tuple[OrderStep, ...] = ()
    """How far it has come."""
    _lives: tuple[LiveRows, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        orders = "SELECT * FROM orders WHERE _id = :order"
        items = "SELECT * FROM order_items WHERE order_id = :order ORDER BY product_name"
        self._lives = tuple(
            self.workspace.observe(each, self.refresh, order=self.order_id)
            for each in (orders, items)
        )
        self._unfollow = self.workspace.sync.follow(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Read the replica anew."""
        orders, items = (live.rows for live in self._lives)
        if not orders:
            self.row = None
            return
        order = orders[0]
        self.row = order_row(self.workspace, order)
        self.steps = order_steps(self.workspace, self.order_id)
        self.subtotal_cents = to_cents(order.get("subtotal", 0))
        self.discount_cents = to_cents(order.get("discount_total", 0))
        self.order_discount_cents = to_cents(order.get("order_discount", 0))
        self.order_discount_percent = order.get("order_discount_percent", 0)
        self.tax_cents = to_cents(order.get("tax", 0))
        self.note = str(order.get("notes") or "")
        self.seller = self.workspace.person(str(order.get("created_by", "")))
        self.customer_id = str(order.get("customer_id", ""))
        self.items = tuple(_item(each) for each in items)

    def close(self) -> None:
        """Stop following the replica."""
        for live in self._lives:
            live.close()
        self._unfollow()


def _item(item: dict[str, Any]) -> ItemRow:
    return ItemRow(
        product_id=str(item.get("product_id", "")),
        name=str(item.get("product_name", "")),
        sku=str(item.get("sku", "")),
        quantity=int(item.get("quantity", 0)),
        unit_cents=to_cents(item.get("unit_price", 0)),
        discount_percent=int(item.get("discount_percent", 0)),
        total_cents=to_cents(item.get("line_total", 0)),
    )
