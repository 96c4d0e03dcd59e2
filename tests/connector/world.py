"""Devices, a hub, the connector's engine and a model of MongoDB, one step at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from sync.connector.engine import Engine
from sync.connector.ports import Write, WriteResult
from sync.connector.rules import CollectionRule, CounterRule, Rules
from sync.local.replica import Replica
from tests.connector.exchange import at, counted, exchange
from tests.connector.model import ModelMongo, without_ours
from tests.connector.people import IDS, NAME, PLAIN, People
from tests.helpers.clocks import NOON_MS, FixedClock, SeededEntropy

RULES = Rules(
    "zava",
    {
        NAME: CollectionRule(NAME, counters=(CounterRule(("n",), ("counted",)),)),
        PLAIN: CollectionRule(PLAIN),
    },
)
FIELDS = ("a", "b", "m.x", "m.y")
DEVICES = 2
SETTLING_ROUNDS_MAX = 60


@dataclass
class Pending:
    """A write on its way to MongoDB."""

    write: Write
    result: WriteResult | None = None


class World(People):
    """Everything together. Methods are the steps a test may take, in any order."""

    def __init__(self, *, describes: bool = True, initial: bool = False) -> None:
        self.clock = FixedClock(NOON_MS)
        self.hub = Replica.open(":memory:", clock=self.clock, entropy=SeededEntropy(1), kind="hub")
        self.hub.begin_epoch()
        self.clocks = [FixedClock(NOON_MS + 700 * i) for i in range(DEVICES)]
        self.devices = [
            Replica.open(":memory:", clock=clock, entropy=SeededEntropy(5 + i), kind="hub")
            for i, clock in enumerate(self.clocks)
        ]
        super().__init__(self.devices, ModelMongo(describes=describes))
        self.mongo.tick(NOON_MS // 1_000)
        self.pending: list[Pending] = []
        self.cursor: str | None = None
        self.sent: dict[int, int] = defaultdict(int)
        self.got: dict[int, int] = defaultdict(int)
        self.engine = Engine(self.hub, RULES)
        if not initial:
            self.snapshot()

    def close(self) -> None:
        for replica in (self.hub, *self.devices):
            replica.close()

    # Time and value.

    def pass_time(self, ms: int) -> None:
        for clock in (self.clock, *self.clocks):
            clock.move(ms)
        self.mongo.tick(self.clock.ms // 1_000)

    def meet(self, who: int) -> None:
        """A device and the hub exchange what they have."""
        exchange(self.devices[who], self.hub, self.sent, who)
        exchange(self.hub, self.devices[who], self.got, who)

    # What the connector does.

    def deliver(self, limit: int) -> None:
        mark = self.engine.mark()
        if self.cursor is None:
            self.cursor = self._token()
        delivery = self.mongo.deliver(self.cursor, limit)
        self.cursor = delivery.token
        self.engine.take("", delivery)
        if not delivery.events:
            self.engine.settle(mark)

    def write(self, limit: int) -> None:
        for write in self.engine.writes(limit):
            self.pending.append(Pending(write))

    def carry_out(self) -> None:
        """The oldest write reaches MongoDB."""
        for each in self.pending:
            if each.result is None:
                each.result = self._apply(each.write)
                return

    def answer(self, *, unknown: bool = False) -> None:
        """Answers of what was carried out come back, or the line breaks."""
        done = [each.result for each in self.pending if each.result is not None]
        self.pending = [each for each in self.pending if each.result is None]
        if unknown:
            done = [replace(result, outcome="unknown") for result in done]
        if done:
            self.engine.answered(done)

    def kill(self, arrives: int) -> None:
        """The connector dies; some of what it had sent still arrives."""
        for place, each in enumerate(self.pending):
            if each.result is None and (arrives >> place) & 1:
                self._apply(each.write)
        self.pending, self.cursor = [], None
        self.engine = Engine(self.hub, RULES)

    def reconnect(self) -> None:
        """The stream breaks and is opened anew where it was saved."""
        self.cursor = None

    def read_doubtful(self) -> None:
        for collection, key in self.engine.doubtful():
            self.engine.refresh(collection, [key], self.mongo.read(collection, [key]))

    def lose_token(self) -> None:
        self.engine.lost("", "The oplog has rolled over.")
        self.engine.start("", self.mongo.head())
        self.cursor = None

    def snapshot_chunk(self, limit: int = 2) -> None:
        """The next documents of a snapshot that is due."""
        for collection in self.engine.due()[:1]:
            if self.engine.position("") is None:
                self.engine.start("", self.mongo.head())
            after, _ = self.engine.resume_after(collection)
            chunk = self.mongo.chunk(collection, after, limit)
            if chunk.images:
                self.engine.images(collection, chunk)
            else:
                self.engine.finish(collection, self.mongo.now, force=True)

    def snapshot(self) -> None:
        while self.engine.due():
            self.snapshot_chunk()

    def settle(self) -> None:
        """Let everything flow until nothing moves any more."""
        for _ in range(SETTLING_ROUNDS_MAX):
            for who in range(DEVICES):
                self.meet(who)
            self.snapshot()
            before = (self.hub.identity.seq, len(self.mongo.log), self._token())
            self.write(100)
            while any(each.result is None for each in self.pending):
                self.carry_out()
            self.answer()
            self.deliver(100)
            self.deliver(100)
            self.read_doubtful()
            after = (self.hub.identity.seq, len(self.mongo.log), self._token())
            status = self.engine.status()
            if before == after and not status["due"] and not status["under_way"]:
                for who in range(DEVICES):
                    self.meet(who)
                return
        raise AssertionError(f"it never comes to rest: {self.engine.status()}")

    # What has to hold.

    def check(self) -> None:
        for collection in (NAME, PLAIN):
            for doc_id in IDS:
                self._check_document(collection, doc_id)
        for replica in self.devices:
            for collection in (NAME, PLAIN):
                assert replica.find(collection) == self.hub.find(collection)

    def _check_document(self, collection: str, doc_id: str) -> None:
        here, there = self.hub.get(collection, doc_id), self.mongo.find(collection, doc_id)
        if here is None:
            assert there is None or there.get("deleted") is True, (collection, doc_id, there)
            return
        assert there is not None, (collection, doc_id, here)
        assert {k: v for k, v in here.items() if k != "_id"} == without_ours(there), (doc_id,)
        for field in FIELDS if (collection, doc_id) not in self.deleted else ():
            assert at(here, field) not in self.overwritten[collection, doc_id, field] - {None}
        if collection == NAME and not self.has_restarts:
            assert here["n"] == 100 + self.moved[doc_id], "the counter is what the ledger says"
        if collection == NAME:
            assert here.get("n") == counted(self.hub, NAME, doc_id), "C4, from the log alone"

    def _apply(self, write: Write) -> WriteResult:
        result = self.mongo.write(write)
        if result.outcome == "applied" and write.kind == "update":
            for path, value in _leaves(write.set):
                known = self.outside_overwrote[write.collection, write.doc_id, path]
                assert value not in known, f"{value} of {path} was overwritten in MongoDB"
        return result

    def _token(self) -> str:
        return self.engine.position("") or self.mongo.head()


def _leaves(fields: dict[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    """The texts that a write sets, by dotted path."""
    for name, value in fields.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{above}{name}.")
        elif isinstance(value, str):
            yield f"{above}{name}", value
