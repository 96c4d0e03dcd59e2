"""What one device of the lab shows: one product, the place beside it, the newest order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from app.domain.collections import INVENTORY, ORDER_ITEMS, ORDERS, PRODUCTS, Document
from app.domain.money import to_cents
from app.state.sync_status import Pill, pill
from app.state.wake import Wake
from sync.query import Equals

if TYPE_CHECKING:
    from app.scenario import Cast
    from sync.device import Device


@dataclass(frozen=True, slots=True)
class ShelfView:
    """One place of the store as a device sees it."""

    product: str
    location: dict[str, Any]
    stock: int
    note: str
    removed: bool
    mark: str


@dataclass(frozen=True, slots=True)
class OrderView:
    """The newest order as a device sees it."""

    code: str
    customer: str
    items: int
    items_here: int
    total_cents: int
    mark: str


@dataclass(frozen=True, slots=True)
class PaneView:
    """Everything a pane draws; equal values draw the same."""

    key: str
    device_name: str
    person: str
    role: str
    online: bool
    pill: Pill
    loading: str
    shelf: ShelfView | None
    beside: ShelfView | None
    order: OrderView | None


def pane(
    key: str,
    name: str,
    device: Device,
    cast: Cast | None,
    newest: NewestOrder | None,
    now_ms: int,
) -> PaneView:
    """What a device shows now."""
    profile, status = device.profile, device.status
    return PaneView(
        key=key,
        device_name=name,
        person=profile.display_name if profile else "Nobody",
        role=profile.role if profile else "",
        online=status.online,
        pill=pill(status, now_ms),
        loading=_loading(status),
        shelf=_shelf(device, cast.inventory_id) if cast else None,
        beside=_shelf(device, cast.removed_inventory_id) if cast else None,
        order=newest.now() if newest else None,
    )


def show_the_same(one: PaneView, other: PaneView) -> bool:
    """Whether two devices show the same content, however far each has brought it."""
    return _content(one) == _content(other)


class NewestOrder:
    """The order placed last in a store, as a device sees it; read anew only when orders moved.

    It follows orders by an observer of its own: one that is woken by somebody else's may look
    before its own has heard of the change.
    """

    def __init__(
        self, device: Device, store_id: str, wake: Wake, changed: Callable[[], object]
    ) -> None:
        """``changed`` is called in the tab's turn after the order has moved."""
        newest = (
            "SELECT * FROM orders WHERE store_id = :store AND deleted = false "
            "ORDER BY order_date DESC, _id DESC LIMIT 1"
        )
        self._replica = device.replica
        self._observer = device.replica.register_observer(newest, {"store": store_id})
        self._changed = changed
        self._view: OrderView | None = None
        self._order_id = ""
        self._observer.on_wake(lambda: wake.soon(self._moved))
        self.read()

    def read(self) -> None:
        """Orders or their items moved."""
        self._observer.refresh()
        orders = self._observer.items
        self._order_id = str(orders[0]["_id"]) if orders else ""
        self._view = self._seen(orders[0]) if orders else None

    def now(self) -> OrderView | None:
        """The order with how far it has come by now."""
        if self._view is None:
            return None
        return replace(self._view, mark=self._replica.state_of(ORDERS, self._order_id))

    def close(self) -> None:
        """Stop following."""
        self._observer.cancel()

    def _moved(self) -> None:
        if not self._observer.is_cancelled:
            self.read()
            self._changed()

    def _seen(self, order: Document) -> OrderView:
        return OrderView(
            code=str(order.get("order_code", "")),
            customer=str(order.get("customer_name", "")),
            items=int(order.get("item_count", 0)),
            items_here=self._replica.count(ORDER_ITEMS, Equals(("order_id",), order["_id"])),
            total_cents=to_cents(order.get("total", 0)),
            mark="",
        )


def _content(view: PaneView) -> list[object]:
    shown = (view.shelf, view.beside, view.order)
    return [each and replace(each, mark="") for each in shown]


def _loading(status: Any) -> str:
    if status.expected > status.loaded:
        return f"{status.loaded:,} of {status.expected:,} documents"
    return ""


def _shelf(device: Device, inventory_id: str) -> ShelfView | None:
    replica = device.replica
    row = replica.get(INVENTORY, inventory_id)
    if row is None:
        return None
    product = replica.get(PRODUCTS, str(row.get("product_id"))) or {}
    return ShelfView(
        product=str(product.get("product_name", "")),
        location=dict(row.get("location") or {}),
        stock=int(row.get("stock_level", 0)),
        note=str(row.get("notes") or ""),
        removed=bool(row.get("deleted")),
        mark=replica.state_of(INVENTORY, inventory_id),
    )
