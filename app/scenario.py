"""The scenario: a worker and a rep of one store work offline on the same things, then agree.

    cast = choose_cast(worker)                      # who and what plays, the same on every replica
    counted = worker_offline(worker, cast, at)      # counts, moves, writes a note, removes a place
    sold = rep_offline(rep, cast, at, draw)         # places an order, writes the same note, edits
    ...                                             # both sync, in either order
    verify({"worker": worker, "rep": rep, "hub": hub}, cast, counted, sold).to_json()

Knows no screen and no network: the lab plays it step by step, `zava demo --check` and the tests in
one go. Every write goes through an ordinary transaction, as the screens make them.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from app.domain.codes import label_code
from app.domain.collections import CUSTOMERS, DEVICES, INVENTORY, PRODUCTS, STORES, Document
from app.domain.errors import DomainError
from app.domain.orders import Line
from app.domain.times import iso_z
from app.scenario_verdict import Counted, Sold, Verdict, verify
from app.state.sales_placing import STOCK, Draw, Placed, Seller, place
from sync.query import And, Equals

if TYPE_CHECKING:
    from sync.local import Replica

__all__ = [
    "COUNTED_PIECES",
    "SOLD_PIECES",
    "Cast",
    "Counted",
    "Sold",
    "Verdict",
    "choose_cast",
    "rep_offline",
    "verify",
    "worker_offline",
]

COUNTED_PIECES: Final = 37
SOLD_PIECES: Final = (3, 2, 1)
"""Pieces of the three lines; the first line is the product the worker counts."""
STOCK_MIN: Final = 10
"""Products with less would make the arithmetic look like an oversold order."""

SHOWY_PREFIX: Final = "prod_pwr_"

WORKER_NOTE: Final = "Counted and moved, the old label is torn"
REP_NOTE: Final = "Keep three for the order of today"
EDITED_NOTE: Final = "Customers ask for this one"


@dataclass(frozen=True, slots=True)
class Cast:
    """The documents the scenario plays with, all of one store."""

    store_id: str
    product_id: str
    inventory_id: str
    """The place of the product: counted, moved, noted by the worker; sold from and noted by the
    rep."""
    other_product_ids: tuple[str, str]
    """The products of the order's other two lines."""
    removed_inventory_id: str
    """A place the worker soft-deletes while the rep edits its note."""
    customer_id: str


def choose_cast(replica: Replica, store_id: str | None = None) -> Cast:
    """The cast, the same on every replica that holds the same documents.

    ``store_id`` is by default the store of the replica's own device. Raises `DomainError`
    (scenario_data_missing) where the replica does not hold enough to play with.
    """
    store = store_id or seller_of(replica).store_id
    present = Equals(("deleted",), False)
    rows = replica.find(INVENTORY, And((Equals(("store_id",), store), present)))
    once = {str(row["product_id"]): row for row in rows}
    places = Counter(str(row["product_id"]) for row in rows)
    stocked = [
        row
        for product_id, row in sorted(once.items(), key=_showy)
        if places[product_id] == 1
        and int(row.get("stock_level", 0)) >= STOCK_MIN
        and replica.get(PRODUCTS, product_id) is not None
        and (row.get("location") or {}).get("bin")
    ]
    customers = replica.find(CUSTOMERS, And((Equals(("primary_store_id",), store), present)))
    if len(stocked) < 4 or not customers:
        raise DomainError(
            "scenario_data_missing",
            "This device does not hold enough products and customers for the scenario.",
            "Load the demo data into the hub, and wait until both devices have it.",
        )
    hero, second, third, removed = stocked[:4]
    return Cast(
        store_id=store,
        product_id=str(hero["product_id"]),
        inventory_id=str(hero["_id"]),
        other_product_ids=(str(second["product_id"]), str(third["product_id"])),
        removed_inventory_id=str(removed["_id"]),
        customer_id=str(customers[0]["_id"]),
    )


def seller_of(replica: Replica) -> Seller:
    """Who sells on a device, as its own documents say. Raises `DomainError` (device_unknown)."""
    device = replica.get(DEVICES, replica.id) or {}
    store = replica.get(STORES, str(device.get("store_id"))) or {}
    if not store:
        raise DomainError(
            "device_unknown",
            "This device does not hold its own registration yet.",
            "Sign in and wait until the first download is done.",
        )
    return Seller(
        user_id=str(device["user_id"]),
        store_id=str(store["store_id"]),
        store_code=str(store["store_code"]),
        device_code=str(device["device_code"]),
    )


def worker_offline(replica: Replica, cast: Cast, at: str | datetime) -> Counted:
    """Everything the worker does."""
    counted = count_product(replica, cast, at)
    move_product(replica, cast, at)
    write_note(replica, cast, WORKER_NOTE, at)
    remove_place(replica, cast, at)
    return counted


def rep_offline(replica: Replica, cast: Cast, at: str | datetime, draw: Draw | None = None) -> Sold:
    """Everything the rep does; ``draw`` gives random bytes, by default the replica's own."""
    sold = place_order(replica, cast, at, draw)
    write_note(replica, cast, REP_NOTE, at)
    edit_removed(replica, cast, at)
    return sold


def count_product(
    replica: Replica, cast: Cast, at: str | datetime, pieces: int = COUNTED_PIECES
) -> Counted:
    """A physical count: the counter restarts, and the row says when it was counted."""
    row = _held(replica, cast.inventory_id)
    stamp = iso_z(at)
    with replica.transaction() as tx:
        tx.restart(INVENTORY, cast.inventory_id, STOCK, pieces)
        tx.update(INVENTORY, cast.inventory_id, {"last_counted": stamp, "last_updated": stamp})
    return Counted(replica.id, replica.identity.clock.last, int(row.get("stock_level", 0)), pieces)


def move_product(replica: Replica, cast: Cast, at: str | datetime) -> dict[str, Any]:
    """Into the next bin of the shelf, with the label that belongs there; the new location."""
    row = _held(replica, cast.inventory_id)
    location = dict(row["location"])
    location["bin"] = str(int(location["bin"]) + 1) if location["bin"].isdigit() else "1"
    store = replica.get(STORES, cast.store_id) or {}
    fields: Document = {"location": location, "last_updated": iso_z(at)}
    if store.get("store_code"):
        fields["label_code"] = label_code(str(store["store_code"]), location)
    with replica.transaction() as tx:
        tx.update(INVENTORY, cast.inventory_id, fields)
    return location


def write_note(replica: Replica, cast: Cast, note: str, at: str | datetime) -> None:
    """The note both of them edit."""
    with replica.transaction() as tx:
        tx.update(INVENTORY, cast.inventory_id, {"notes": note, "last_updated": iso_z(at)})


def remove_place(replica: Replica, cast: Cast, at: str | datetime) -> None:
    """The worker soft-deletes a place (C6)."""
    fields = {"deleted": True, "deleted_at": iso_z(at), "last_updated": iso_z(at)}
    with replica.transaction() as tx:
        tx.update(INVENTORY, cast.removed_inventory_id, fields)


def edit_removed(replica: Replica, cast: Cast, at: str | datetime) -> None:
    """The rep edits the place the worker removes."""
    fields = {"notes": EDITED_NOTE, "last_updated": iso_z(at)}
    with replica.transaction() as tx:
        tx.update(INVENTORY, cast.removed_inventory_id, fields)


def place_order(replica: Replica, cast: Cast, at: str | datetime, draw: Draw | None = None) -> Sold:
    """An order of three lines, placed as the app places it."""
    wanted = (cast.product_id, *cast.other_product_ids)
    lines = [
        Line(replica.get(PRODUCTS, product_id) or {}, pieces)
        for product_id, pieces in zip(wanted, SOLD_PIECES, strict=True)
    ]
    drawn = draw or replica.parts.entropy.draw
    placed = place(replica, seller_of(replica), cast.customer_id, lines, at, drawn)
    return sold_by(replica, cast, placed)


def sold_by(replica: Replica, cast: Cast, placed: Placed) -> Sold:
    """What `verify` needs to know of an order that was placed just now."""
    return Sold(
        replica_id=replica.id,
        hlc=replica.identity.clock.last,
        order_id=placed.order_id,
        order_code=placed.code,
        item_ids=tuple(str(item["_id"]) for item in placed.items),
        pieces=placed.taken.get(cast.inventory_id, 0),
    )


def _showy(held: tuple[str, Document]) -> tuple[bool, str]:
    """Power tools first: everybody sees that three drills are not nothing."""
    return not held[0].startswith(SHOWY_PREFIX), held[0]


def _held(replica: Replica, inventory_id: str) -> Document:
    row = replica.get(INVENTORY, inventory_id)
    if row is None:
        raise DomainError(
            "place_gone",
            "A place of the scenario is no longer on this device.",
            "Reset the lab, or load the demo data anew.",
        )
    return row
