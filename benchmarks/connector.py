"""The connector between a hub's file and MongoDB, without the line between them.

*In* is one event of a one-field update, of the shapes a real change stream gave: read from the
driver's document, compared with the shadow, merged and committed. *Out* is one changed field of the
hub: found, compared, its intent made durable, its write handed out; *after* is the rest of such a
write, its answer and its echo. All in the portions in which a connector takes them, each timed by
itself. Processor time stands beside the time on the wall, which a busy machine stretches.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from statistics import mean
from typing import Any

from bson import Timestamp

from benchmarks.measure import Figure, duration
from sync.connector.engine import Engine
from sync.connector.events import Delivery, Event, Image, event_of
from sync.connector.outgoing import WRITES_MAX
from sync.connector.ports import Chunk, Write, WriteResult
from sync.connector.rules import CollectionRule, CounterRule, Rules
from sync.connector.stream import PAGE_EVENTS_MAX
from sync.local.replica import Replica
from sync.system import SystemClock, SystemEntropy

DOCUMENTS = 10_000
DELIVERED = PAGE_EVENTS_MAX
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
        events: tuple[Event, ...] = tuple(
            event for raw in raws if (event := event_of(raw)) is not None
        )
        self.engine.take("", Delivery(events, events[-1].token))

    def updates(self, kind: str, number: int, start: int) -> list[dict[str, Any]]:
        """One-field updates of different documents, as one request brings them."""
        ids = list(self.stock)
        places = range(start, start + DELIVERED)
        chosen = [ids[(number * 7_919 + place * 17) % DOCUMENTS] for place in places]
        if kind == "counter":
            for doc_id in chosen:
                self.stock[doc_id] -= 1
            return [self.raw(doc_id, {"stock_level": self.stock[doc_id]}) for doc_id in chosen]
        path = "notes" if kind == "field" else "location.aisle"
        return [self.raw(doc_id, {path: f"{number}"}) for doc_id in chosen]

    def change(self, number: int) -> None:
        """Devices change one field of many documents."""
        ids = list(self.stock)
        for start in range(0, WRITTEN, WRITES_MAX):
            with self.hub.transaction() as tx:
                for place in range(start, start + WRITES_MAX):
                    doc_id = ids[(number * 7_919 + place) % DOCUMENTS]
                    if number % 2:
                        tx.increment(NAME, doc_id, ("stock_level",), -1)
                    else:
                        tx.update(NAME, doc_id, {"notes": f"device {number}"})

    def echoes(self, writes: list[Write]) -> list[dict[str, Any]]:
        """MongoDB does what it was told, and tells so."""
        raws = []
        for write in writes:
            fields = dict(write.set)
            for path, by in write.inc.items():
                self.stock[write.doc_id] += by
                fields[path] = self.stock[write.doc_id]
            raws.append(self.raw(write.doc_id, fields))
        return raws

    def settle(self, writes: list[Write], raws: list[dict[str, Any]]) -> None:
        """Take the answers to writes, and their echoes."""
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
    out, after = _Timed(), _Timed()
    for number in range(rounds + 1):
        for kind, timed in taken.items():
            for start in range(0, WRITTEN, DELIVERED):
                raws = shop.updates(kind, number, start)
                timed.run(lambda raws=raws: shop.deliver(raws), DELIVERED)
        shop.change(number)
        for _ in range(0, WRITTEN, WRITES_MAX):
            writes = out.run(lambda: shop.engine.writes(WRITES_MAX), WRITES_MAX)
            assert len(writes) == WRITES_MAX, "every changed document is written"
            raws = shop.echoes(writes)
            after.run(lambda writes=writes, raws=raws: shop.settle(writes, raws), WRITES_MAX)
        assert not shop.engine.status()["under_way"], "the stream has shown every write"
        for timed in (*taken.values(), out, after):
            timed.end_round(is_warm=number > 0)
    for kind, timed in taken.items():
        yield from timed.told(f"in: event of one {kind}", "goal ≤ 100 µs")
    yield from out.told("out: prepared write of one field", "goal ≤ 50 µs")
    yield from after.told("after: answer and echo of a write")


class _Timed:
    """What rounds took, on the wall and of the processor, for each event."""

    def __init__(self) -> None:
        self.wall: list[float] = []
        self.busy: list[float] = []
        self._round: list[tuple[float, float]] = []

    def run(self, work: Callable[[], Any], many: int) -> Any:
        """One portion of a round."""
        started, began = time.perf_counter(), time.process_time()
        result = work()
        wall, busy = time.perf_counter() - started, time.process_time() - began
        self._round.append((wall / many, busy / many))
        return result

    def end_round(self, *, is_warm: bool) -> None:
        """Keep what the portions of a round took, unless it was there to warm up."""
        if is_warm:
            self.wall.append(mean(wall for wall, _ in self._round))
            self.busy.append(mean(busy for _, busy in self._round))
        self._round = []

    def told(self, name: str, goal: str = "") -> list[Figure]:
        """The figures of one kind of work."""
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
