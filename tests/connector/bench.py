"""A hub with an engine, fed by hand: what unit tests of the connector share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sync.connector.engine import Engine
from sync.connector.events import Delivery, Event, Image
from sync.connector.ports import Chunk, Write, WriteResult
from sync.connector.rules import CollectionRule, CounterRule, IdRule, Rules
from sync.core.batch import Batch
from sync.core.decode import decode
from sync.core.state import is_increment
from sync.core.values import TOMBSTONE
from sync.local.replica import Replica
from tests.helpers.clocks import NOON_MS, FixedClock, SeededEntropy

COUNTED = CounterRule(("stock_level",), ("last_counted",))
INVENTORY = CollectionRule("inventory", counters=(COUNTED,))
SHOP = (
    CollectionRule("customers", IdRule("single_field", ("customer_id",))),
    INVENTORY,
    CollectionRule("orders", IdRule("single_field", ("order_id",))),
    CollectionRule("order_items"),
    CollectionRule("products", IdRule("single_field", ("product_id",))),
    CollectionRule("categories"),
)


class Bench:
    """One hub, one engine. Collections are live from the start unless they are to be read."""

    def __init__(self, *rules: CollectionRule, live: bool = True) -> None:
        self.clock = FixedClock(NOON_MS)
        self.hub = Replica.open(":memory:", clock=self.clock, entropy=SeededEntropy(), kind="hub")
        self.hub.begin_epoch()
        self.rules = Rules("zava", {rule.name: rule for rule in rules or SHOP})
        self.engine = Engine(self.hub, self.rules)
        if live:
            for name in self.engine.due():
                self.engine.finish(name, 0)
        self.seen = self.hub.identity.seq

    def restart(self) -> None:
        """The connector is killed and comes back."""
        self.engine = Engine(self.hub, self.rules)

    def take(self, *events: Event, stream: str = "") -> None:
        """One delivery, and then an empty one, so that a transaction at its end is complete."""
        token = events[-1].token if events else "0"
        self.engine.take(stream, Delivery(events, token))
        self.engine.take(stream, Delivery((), token))

    def read(self, collection: str, documents: Iterable[dict[str, Any]], at: int = 0) -> None:
        """One chunk of a snapshot."""
        images = tuple(Image(each["_id"], each, at) for each in documents)
        self.engine.images(collection, Chunk(images, images[-1].key))

    def get(self, collection: str, doc_id: str) -> dict[str, Any] | None:
        """What the hub shows, without ``_id``."""
        found = self.hub.get(collection, doc_id)
        return found and {name: value for name, value in found.items() if name != "_id"}

    def batches(self) -> list[Batch]:
        """Batches of the hub's log since the last call."""
        entries = self.hub.parts.log.since(self.seen, 10_000)
        self.seen = self.hub.identity.seq
        return [decode(entry.payload) for entry in entries]

    def ops(self) -> dict[tuple[str, str], dict[str, Any]]:
        """The ops of those batches in words: {document: {"path": value}}; ``+n`` counts, ``-`` is
        removed, ``{}`` is a map that came to be. A document that was born is its fields."""
        told: dict[tuple[str, str], dict[str, Any]] = {}
        for batch in self.batches():
            for delta in batch.deltas:
                words = told.setdefault((delta.collection, delta.doc_id), {})
                for key, value in delta.ops():
                    names = ".".join(step for step in key if isinstance(step, str))
                    if is_increment(key):
                        words[names] = f"{value:+}"
                    elif value is TOMBSTONE:
                        words[names or "document"] = "-"
                    elif key[-1] is None:
                        words[names or "document"] = {}
                    else:
                        words[names] = value
        return told

    def writes(self) -> list[Write]:
        """What goes out."""
        return self.engine.writes(100)

    def answer(self, *writes: Write, outcome: Any = "applied", code: str = "") -> None:
        """MongoDB's answers."""
        self.engine.answered([WriteResult(w.number, outcome, code, "because") for w in writes])

    def quiet(self) -> None:
        """The stream has nothing to tell."""
        mark = self.engine.mark()
        token = self.engine.position("") or "0"
        self.engine.take("", Delivery((), token))
        self.engine.settle(mark)
