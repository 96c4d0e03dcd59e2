"""Placing an order on this device, with or without a network.

The order, its items and the pieces taken from the shelves are one transaction, so no reader ever
sees one without the others. Stock goes down by increments (C4): two sales at once both count. No
controls and no page: the app, the scenario and the tests place orders through this module alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from app.domain.collections import CUSTOMERS, INVENTORY, ORDER_ITEMS, ORDERS, STORES, Document
from app.domain.errors import DomainError
from app.domain.ids import ULID_RANDOM_BITS, order_code, order_id, uuid4
from app.domain.orders import NO_DISCOUNT, Line, OrderDiscount, build_order
from app.domain.stock import walk_key
from app.domain.times import instant, iso_z
from sync.query import And, Equals

if TYPE_CHECKING:
    from sync.device import Profile
    from sync.local import Replica

STOCK: Final = ("stock_level",)
COUNTER_NOTE: Final = "sales.order_counter"
_ID_BYTES = 16

Draw = Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class Seller:
    """Who sells, in which store, on which device."""

    user_id: str
    store_id: str
    store_code: str
    device_code: str


@dataclass(frozen=True, slots=True)
class Placed:
    """A placed order, as the next screen shows it; amounts are in `order`."""

    order: Document
    items: tuple[Document, ...]
    taken: Mapping[str, int]
    """Pieces taken from each inventory row."""

    @property
    def order_id(self) -> str:
        """The id of the order."""
        return str(self.order["_id"])

    @property
    def code(self) -> str:
        """The code people use, such as `SEA-A7-0042`."""
        return str(self.order["order_code"])


def seller(profile: Profile) -> Seller:
    """The seller a device is signed in for."""
    return Seller(profile.user_id, profile.store_id, profile.store_code, profile.device_code)


def place(
    replica: Replica,
    who: Seller,
    customer_id: str,
    lines: Sequence[Line],
    at: str | datetime,
    draw: Draw,
    note: str = "",
    discount: OrderDiscount = NO_DISCOUNT,
) -> Placed:
    """Place an order; it is durable when this returns. ``draw`` gives random bytes.

    Raises `DomainError` (customer_gone, store_unknown, and what `build_order` raises).
    """
    customer, store = _customer(replica, customer_id), _store(replica, who.store_id)
    counter = next_counter(replica, who)
    code = order_code(who.store_code, who.device_code, counter)
    order, items = build_order(
        customer,
        store,
        lines,
        at,
        _new_order_id(at, draw),
        code,
        who.user_id,
        [uuid4(int.from_bytes(draw(_ID_BYTES), "big")) for _ in lines],
        discount,
    )
    if note.strip():
        order["notes"] = note.strip()
    taken = shelves(replica, who.store_id, lines)
    replica.set_note(COUNTER_NOTE, counter)
    with replica.transaction(author=who.user_id) as tx:
        tx.insert(ORDERS, order)
        for item in items:
            tx.insert(ORDER_ITEMS, item)
        for row_id, pieces in taken.items():
            tx.increment(INVENTORY, row_id, STOCK, -pieces)
            tx.update(INVENTORY, row_id, {"last_updated": iso_z(at)})
    return Placed(order, tuple(items), taken)


def next_counter(replica: Replica, who: Seller) -> int:
    """The number of this device's next order: above every one it gave, kept or only seen."""
    kept = replica.note(COUNTER_NOTE)
    if isinstance(kept, int):
        return kept + 1
    start = order_code(who.store_code, who.device_code, 0).rstrip("0")
    codes = (str(order.get("order_code") or "") for order in _orders_by(replica, who))
    numbers = (code.removeprefix(start) for code in codes if code.startswith(start))
    return max((int(number) for number in numbers if number.isdigit()), default=0) + 1


def shelves(replica: Replica, store_id: str, lines: Iterable[Line]) -> dict[str, int]:
    """Pieces to take from each inventory row of the store, the fullest place of a product first.

    What no place has left is taken from the first one all the same: an order is never refused for
    a figure that may be old, and a level below zero shows the manager what was oversold.
    """
    taken: dict[str, int] = {}
    for line in lines:
        wanted = line.quantity
        rows = places_of(replica, store_id, str(line.product["product_id"]))
        for row in sorted(rows, key=lambda row: -int(row.get("stock_level", 0))):
            pieces = min(wanted, max(0, int(row.get("stock_level", 0))))
            if pieces:
                taken[str(row["_id"])] = taken.get(str(row["_id"]), 0) + pieces
                wanted -= pieces
        if wanted and rows:
            first = str(rows[0]["_id"])
            taken[first] = taken.get(first, 0) + wanted
    return taken


def places_of(replica: Replica, store_id: str, product_id: str) -> list[dict[str, Any]]:
    """The inventory rows of a product in a store, in walking order, without removed ones."""
    held = And(
        (
            Equals(("product_id",), product_id),
            Equals(("store_id",), store_id),
            Equals(("deleted",), False),
        )
    )
    return sorted(replica.find(INVENTORY, held), key=walk_key)


def _new_order_id(at: str | datetime, draw: Draw) -> str:
    now_ms = int(instant(at).timestamp() * 1000)
    return order_id(now_ms, int.from_bytes(draw(ULID_RANDOM_BITS // 8), "big"))


def _orders_by(replica: Replica, who: Seller) -> list[dict[str, Any]]:
    return replica.find(ORDERS, Equals(("created_by",), who.user_id))


def _customer(replica: Replica, customer_id: str) -> Document:
    customer = replica.get(CUSTOMERS, customer_id)
    if customer is None or customer.get("deleted"):
        raise DomainError(
            "customer_gone",
            "This customer is no longer on the list.",
            "Go back and choose the customer again.",
        )
    return customer


def _store(replica: Replica, store_id: str) -> Document:
    store = replica.get(STORES, store_id)
    if store is None:
        raise DomainError(
            "store_unknown",
            "This device has not received its store yet.",
            "Connect once and wait until the first download is done.",
        )
    return store
