"""The connector between a hub's file and MongoDB, without the line between them.

*In* is one event of a one-field update, of the shapes a real change stream gave: read from the
driver's document, compared with the shadow, merged and committed, a thousand events a delivery.
*Out* is one changed field of the hub: found, compared, its intent made durable, its write handed
out. Processor time stands beside the time on the wall, which a busy machine stretches.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from bson import Timestamp

from benchmarks.measure import Figure, duration
from sync.connector.engine import Engine
from sync.connector.events import Delivery, Event, Image, event_of
from sync.connector.ports import Chunk, Write, WriteResult
from sync.connector.rules import CollectionRule, CounterRule, Rules
from sync.local.replica import Replica
from sync.system import SystemClock, SystemEntropy

DOCUMENTS = 10_000
DELIVERED = 1_000
WRITTEN = 5_000
NAME = "inventory"
RULES = Rules(
    "bench",
    {NAME: CollectionRule(NAME, counters=(CounterRule(("stock_level",), ("last_counted",)),))},
)


class Shop:
    """A hub that has read all of its inventory from MongoDB, and the stream that goes on."""

    def __init__(self, path: Path) -> None:
        self.hub = Replica.open(path, clock=SystemClock(), entropy=SystemEntropy(), kind="hub")
        self.hub.begin_epoch()
        self.engine = Engine(self.hub, RULES)
        self.stock = {f"inv_{n:06}": 50 for n in range(DOCUMENTS)}
        self.seconds = int(time.time())
        self.count = 0
        for start in range(0, DOCUMENTS, DELIVERED):
            ids = list(self.stock)[start : start + DELIVERED]
            images = tuple(Image(doc_id, _document(doc_id)) for doc_id in ids)
            self.engine.images(NAME, Chunk(images, ids[-1]))
        self.engine.finish(NAME, 0)
        self.engine.start("", "0")

    def close(self) -> None:
        self.hub.close()

    def raw(self, doc_id: str, fields: dict[str, Any]) -> dict[str, Any]:
        """A document of a change stream."""
        self.count += 1
        return {
            "_id": {"_data": f"{self.count:024X}"},
            "operationType": "update",
            "clusterTime": Timestamp(
                self.seconds + self.count // DELIVERED, self.count % DELIVERED
            ),
            "fullDocument": None,
            "ns": {"db": "zava", "coll": NAME},
            "documentKey": {"_id": doc_id},
            "updateDescription": {"updatedFields": fields, "removedFields": []},
        }

    def deliver(self, raws: list[dict[str, Any]]) -> None:
        """Take what the driver gave."""
        for start in range(0, len(raws), DELIVERED):
            found = (event_of(raw) for raw in raws[start : start + DELIVERED])
            events: tuple[Event, ...] = tuple(event for event in found if event is not None)
            self.engine.take("", Delivery(events, events[-1].token))

    def updates(self, kind: str, number: int) -> list[dict[str, Any]]:
        """One-field updates of different documents."""
        ids = list(self.stock)
        chosen = [ids[(number * 7_919 + place * 17) % DOCUMENTS] for place in range(WRITTEN)]
        if kind == "counter":
            for doc_id in chosen:
                self.stock[doc_id] -= 1
            return [self.raw(doc_id, {"stock_level": self.stock[doc_id]}) for doc_id in chosen]
        path = "notes" if kind == "field" else "location.aisle"
        return [self.raw(doc_id, {path: f"{number}"}) for doc_id in chosen]

    def change(self, number: int) -> None:
        """Devices change one field of many documents."""
        ids = list(self.stock)
        for start in range(0, WRITTEN, DELIVERED):
            with self.hub.transaction() as tx:
                for place in range(start, start + DELIVERED):
                    doc_id = ids[(number * 7_919 + place) % DOCUMENTS]
                    if number % 2:
                        tx.increment(NAME, doc_id, ("stock_level",), -1)
                    else:
                        tx.update(NAME, doc_id, {"notes": f"device {number}"})

    def echo(self, writes: list[Write]) -> None:
        """MongoDB does what it was told, and tells so."""
        raws = []
        for write in writes:
            fields = dict(write.set)
            for path, by in write.inc.items():
                self.stock[write.doc_id] += by
                fields[path] = self.stock[write.doc_id]
            raws.append(self.raw(write.doc_id, fields))
        self.engine.answered([WriteResult(write.number, "applied") for write in writes])
        self.deliver(raws)


def figures(rounds: int) -> list[Figure]:
    """Every figure of this suite, each for one event or one changed field."""
    with (
        tempfile.TemporaryDirectory(prefix="zava-bench-") as folder,
        closing(Shop(Path(folder) / "hub.sqlite3")) as shop,
    ):
        return list(_figures(shop, rounds))


def _figures(shop: Shop, rounds: int) -> Iterator[Figure]:
    taken = {"field": _Timed(), "dotted": _Timed(), "counter": _Timed()}
    out = _Timed()
    for number in range(1, rounds + 2):
        for kind, timed in taken.items():
            raws = shop.updates(kind, number)
            timed.run(lambda raws=raws: shop.deliver(raws), warm=number > 1)
        shop.change(number)
        writes = out.run(lambda: shop.engine.writes(WRITTEN), warm=number > 1)
        assert len(writes) == WRITTEN, "every changed document is written"
        shop.echo(writes)
        assert not shop.engine.status()["under_way"], "the stream has shown every write"
    for kind, timed in taken.items():
        yield from timed.told(f"in: event of one {kind}", "goal ≤ 100 µs")
    yield from out.told("out: prepared write of one field", "goal ≤ 50 µs")


class _Timed:
    """What rounds took, on the wall and of the processor, for each event."""

    def __init__(self) -> None:
        self.wall: list[float] = []
        self.busy: list[float] = []

    def run(self, work: Callable[[], Any], *, warm: bool) -> Any:
        started, began = time.perf_counter(), time.process_time()
        result = work()
        if warm:
            self.wall.append((time.perf_counter() - started) / WRITTEN)
            self.busy.append((time.process_time() - began) / WRITTEN)
        return result

    def told(self, name: str, goal: str) -> list[Figure]:
        return [duration(name, self.wall, goal), duration(f"{name}, processor", self.busy)]


def _document(doc_id: str) -> dict[str, Any]:
    return {
        "_id": doc_id,
        "store_id": "store_seattle",
        "product_id": "prod_pwr_drill_001",
        "location": {"aisle": "3", "shelf": "B", "bin": "12"},
        "stock_level": 50,
        "reorder_threshold": 10,
        "last_updated": "2024-12-05T14:22:00Z",
        "last_counted": "2024-12-01T09:00:00Z",
        "notes": None,
        "deleted": False,
    }
