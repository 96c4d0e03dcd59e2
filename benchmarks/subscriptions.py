"""Subscriptions: the bytes a changed one costs, packed as on the wire, and what it costs a hub to
size and to follow one that rests on other documents.

Bytes are the same on every machine but for the ids that are drawn by chance; seconds are not.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from benchmarks.measure import Figure, duration, interleaved, of_bytes
from sync.hub import Account, Hub
from sync.hub.bounds import bounds_of
from sync.hub.sizes import sizes_of
from sync.ids import Document, UserId
from sync.local import Replica
from sync.query.subscription import Subscription
from sync.system import SystemClock, SystemEntropy
from sync.wire.codec import decode, encode
from sync.wire.frames import Deflater
from sync.wire.messages import Cursor

PRODUCTS, ORDERS, ITEMS_AN_ORDER = 20_000, 2_000, 3
CHUNK_DOCUMENTS = 2_000
OWN, OTHER = "store_0", "store_1"
PASSWORD = "drill-42"
CLEO = Account("cleo", UserId("user_cleo"), "manager", OWN, "SEA", "Cleo")

CATALOGUE = Subscription.of("SELECT * FROM products")
OF_STORE = Subscription.of("SELECT * FROM orders WHERE store_id = :s", {"s": OWN})
OPEN = Subscription.of("SELECT * FROM orders WHERE store_id = :s AND status = 'open'", {"s": OWN})
SAME = Subscription.of("SELECT * FROM orders WHERE status = 'open' AND store_id = :s", {"s": OWN})
ITEMS_OF_OPEN = Subscription.of(
    "SELECT * FROM order_items WHERE order_id IN"
    " (SELECT order_id FROM orders WHERE store_id = :s AND status = 'open')",
    {"s": OWN},
)
ALL_ITEMS = Subscription.of("SELECT * FROM order_items WHERE quantity > 0")


def figures(rounds: int) -> list[Figure]:
    """Every figure of this suite."""
    with tempfile.TemporaryDirectory(prefix="zava-bench-") as folder:
        clock, entropy = SystemClock(), SystemEntropy()
        hub = Hub.open(Path(folder) / "hub.sqlite3", clock=clock, entropy=entropy)
        with closing(hub):
            fill(hub.replica)
            hub.accounts.add(CLEO, PASSWORD)
            device = Replica.open(Path(folder) / "a.sqlite3", clock=clock, entropy=entropy)
            with closing(device):
                told = list(bytes_told(Line(hub, device)))
            return [*told, *costs(hub, rounds)]


def fill(replica: Replica) -> None:
    """A catalogue, and orders of two stores with their items; every other order is open."""
    for collection, documents in (
        ("products", (_product(number) for number in range(PRODUCTS))),
        ("orders", (_order(number) for number in range(ORDERS))),
        ("order_items", (_item(number) for number in range(ORDERS * ITEMS_AN_ORDER))),
    ):
        waiting = list(documents)
        for start in range(0, len(waiting), CHUNK_DOCUMENTS):
            with replica.transaction() as tx:
                for document in waiting[start : start + CHUNK_DOCUMENTS]:
                    tx.insert(collection, document)


def _product(number: int) -> Document:
    return {
        "_id": f"prod_{number:06}",
        "sku": f"SKU-{number * 7919 % 1_000_003:07}",
        "product_name": f"Product {number} of a series of {number * 31 % 97}",
        "base_price": number * 37 % 90_000 / 100,
        "category_id": f"cat_{number % 9}",
    }


def _order(number: int) -> Document:
    order_id = f"order_{number * 104_729 % 10**9:09}"
    return {
        "_id": order_id,
        "order_id": order_id,
        "store_id": OWN if number % 2 else OTHER,
        "status": "open" if number % 4 < 2 else "closed",
        "order_date": f"2026-11-{1 + number % 28:02}T08:00:00Z",
        "total": number * 53 % 70_000 / 100,
    }


def _item(number: int) -> Document:
    order = _order(number // ITEMS_AN_ORDER)
    return {
        "_id": f"{order['_id']}_{number % ITEMS_AN_ORDER}",
        "order_id": order["order_id"],
        "store_id": order["store_id"],
        "product_id": f"prod_{number * 6_151 % PRODUCTS:06}",
        "quantity": 1 + number % 5,
    }


class Line:
    """One device and the hub, without a network."""

    def __init__(self, hub: Hub, device: Replica) -> None:
        self.hub = hub
        self.device = device
        hub.sign_in(CLEO.login, PASSWORD, device.id, "Bench")

    def pull(self) -> int:
        """Take in all there is; the bytes it took, packed."""
        here = self.device.identity
        cursor = Cursor(
            replica=here.replica,
            name="Bench",
            epoch=here.hub_epoch,
            seq=here.cursor,
            chain=here.cursor_chain,
            scope=here.scope,
            subscriptions=self.device.subscriptions.asked(),
            held=(),
        )
        packer, size = Deflater(), 0
        for frame in self._frames(json.loads(encode(cursor))):
            size += len(packer.pack(frame))
            self.device.receive([decode(frame)])
        return size

    def _frames(self, request: dict[str, object]) -> Iterator[bytes]:
        feed = self.hub.feed(CLEO.identity, request)
        yield from map(encode, feed.opening())
        while page := feed.more():
            yield from (each.line for each in page)

    def asks(self, *subscriptions: Subscription) -> None:
        """From here on for these and nothing else."""
        for each in self.device.subscriptions.asked():
            if each not in subscriptions:
                self.device.subscriptions.cancel(each)
        for each in subscriptions:
            self.device.subscriptions.add(each)


def bytes_told(line: Line) -> Iterator[Figure]:
    """What each change of mind costs, and each move of an order."""
    steps = {
        "first download: the catalogue": (CATALOGUE,),
        "the open orders of the store are added": (CATALOGUE, OPEN),
        "widened to all its orders": (CATALOGUE, OF_STORE),
        "narrowed to the open ones again": (CATALOGUE, OPEN),
        "the same in other words": (CATALOGUE, SAME),
        "the items of open orders, by IN (SELECT …)": (CATALOGUE, SAME, ITEMS_OF_OPEN),
        "everything but the catalogue cancelled": (CATALOGUE,),
        "orders and items again, and no catalogue": (OPEN, ITEMS_OF_OPEN),
    }
    for name, wanted in steps.items():
        line.asks(*wanted)
        yield of_bytes(name, line.pull())
    order, other = _order(1)["_id"], _order(0)["_id"]
    for name, doc_id, fields in (
        ("an order is closed: its 3 items go", order, {"status": "closed"}),
        ("and opened again: they come", order, {"status": "open"}),
        ("an order moves here from elsewhere", other, {"store_id": OWN}),
        ("a total changes", order, {"total": 1}),
    ):
        with line.hub.replica.transaction() as tx:
            tx.update("orders", doc_id, dict(fields))
        yield of_bytes(name, line.pull())
    line.hub.replica.parts.database.execute("DELETE FROM scopes")
    line.asks(CATALOGUE)
    yield of_bytes("the hub does not know the old scope: all again", line.pull())


def costs(hub: Hub, rounds: int) -> list[Figure]:
    """Sizing subscriptions, and following a set while orders change."""
    bounds = {
        name: bounds_of(CLEO.identity, [subscription])
        for name, subscription in (("IN (SELECT …)", ITEMS_OF_OPEN), ("a range", ALL_ITEMS))
    }
    order = _order(1)["_id"]

    def change(status: str) -> None:
        with hub.replica.transaction() as tx:
            tx.update("orders", order, {"status": status, "total": 2})

    def follow(call: int) -> None:
        change("open" if call % 2 else "closed")
        for link in bounds["IN (SELECT …)"].links:
            hub.replica.parts.related.answers(link.probe.inner)

    def make(_: int) -> None:
        hub.replica.parts.related.forget()
        for link in bounds["IN (SELECT …)"].links:
            hub.replica.parts.related.answers(link.probe.inner)

    sized = {
        f"size of a subscription by {name}": lambda _, each=each: sizes_of(hub.replica, each)
        for name, each in bounds.items()
    }
    seconds = interleaved(sized, rounds)  # type: ignore[arg-type]
    seconds |= interleaved({"a commit, and the set that follows it": follow}, rounds)
    seconds |= interleaved({f"the set of {ORDERS:,} orders made anew": make}, rounds)
    return [duration(name, each) for name, each in seconds.items()]
