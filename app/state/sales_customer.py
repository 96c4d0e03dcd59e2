"""One customer: how to reach them, what they ordered, what they usually take."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

import flet as ft

from app.domain.collections import PRODUCTS
from app.state.live import LiveRows
from app.state.sales_basket import Basket
from app.state.sales_customers import name_of
from app.state.sales_orders import NEWEST, OrderRow, order_row
from app.state.workspace import Workspace

ORDERS_SHOWN_MAX: Final = 5
USUAL_MAX: Final = 6


@dataclass(frozen=True, slots=True)
class Usual:
    """A product the customer takes again and again."""

    product_id: str
    name: str
    sku: str
    times: int
    quantity: int
    """How many they took last time."""


@ft.observable
@dataclass
class CustomerState:
    """What a rep wants to know before the customer speaks."""

    workspace: Workspace
    customer_id: str
    name: str = ""
    phone: str = ""
    email: str = ""
    store: str = ""
    mine: bool = False
    known: bool = False
    orders: tuple[OrderRow, ...] = ()
    order_count: int = 0
    usual: tuple[Usual, ...] = ()
    _lives: tuple[LiveRows, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        theirs = "customer_id = :customer AND deleted = false"
        self._lives = tuple(
            self.workspace.observe(each, self.refresh, customer=self.customer_id)
            for each in (
                "SELECT * FROM customers WHERE _id = :customer",
                f"SELECT * FROM orders WHERE {theirs} {NEWEST}",
                f"SELECT * FROM order_items WHERE {theirs} ORDER BY created_at DESC",
            )
        )
        self._unfollow = self.workspace.sync.follow(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Read the replica anew."""
        customers, orders, items = (live.rows for live in self._lives)
        self.known = bool(customers) and not customers[0].get("deleted")
        customer = customers[0] if customers else {}
        self.name = name_of(customer)
        self.phone, self.email = (str(customer.get(key, "")) for key in ("phone", "email"))
        self.mine = customer.get("assigned_rep_id") == self.workspace.profile.user_id
        store_id = str(customer.get("primary_store_id", ""))
        self.store = self.workspace.store_called(store_id) if store_id else ""
        self.order_count = len(orders)
        shown = orders[:ORDERS_SHOWN_MAX]
        self.orders = tuple(order_row(self.workspace, order) for order in shown)
        self.usual = self._usual(items)

    def reorder(self) -> bool:
        """Put everything of the last order into the draft; whether there was one."""
        _, orders, items = (live.rows for live in self._lives)
        last = next((each for each in orders if each.get("status") != "cancelled"), None)
        if last is None:
            return False
        taken = {
            str(item["product_id"]): int(item["quantity"])
            for item in items
            if item["order_id"] == last["_id"]
        }
        self.workspace.keep(Basket).fill(self.customer_id, taken)
        return True

    def begin(self) -> None:
        """Work on this customer's order."""
        self.workspace.keep(Basket).begin(self.customer_id)

    def add(self, usual: Usual) -> None:
        """Put a usual product into the customer's order."""
        self.workspace.keep(Basket).fill(self.customer_id, {usual.product_id: usual.quantity})

    def close(self) -> None:
        """Stop following the replica."""
        for live in self._lives:
            live.close()
        self._unfollow()

    def _usual(self, items: list[dict[str, Any]]) -> tuple[Usual, ...]:
        times = Counter(str(item["product_id"]) for item in items)
        last: dict[str, int] = {}
        for item in items:
            last.setdefault(str(item["product_id"]), int(item["quantity"]))
        found = []
        for product_id, count in times.most_common():
            product = self.workspace.replica.get(PRODUCTS, product_id)
            if product is not None and not product.get("deleted") and len(found) < USUAL_MAX:
                name, sku = str(product.get("product_name", "")), str(product.get("sku", ""))
                found.append(Usual(product_id, name, sku, count, last[product_id]))
        return tuple(found)
