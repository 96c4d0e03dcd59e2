"""Those who change things: people with devices, and other programs that write to MongoDB.

Every value anybody writes is used once, so that a value that comes back is seen to have come back.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from sync.local.replica import Replica
from tests.connector.exchange import at, nested
from tests.connector.model import ModelMongo

NAME = "inventory"
PLAIN = "orders"
IDS = ("d1", "d2", "d3")


class People:
    """What they may do at any time, and the books that are kept about it."""

    def __init__(self, devices: list[Replica], mongo: ModelMongo) -> None:
        self.devices = devices
        self.mongo = mongo
        self.fresh = 0
        self.overwritten: dict[tuple[str, str, str], set[Any]] = defaultdict(set)
        """Values that somebody who saw them has replaced, by document and field."""
        self.outside_overwrote: dict[tuple[str, str, str], set[Any]] = defaultdict(set)
        """Those of them that were replaced in MongoDB."""
        self.moved: dict[str, int] = defaultdict(int)
        """The ledger: how far each counter was moved, by anybody."""
        self.deleted: set[tuple[str, str]] = set()
        """Documents that a device has deleted: who changes one in MongoDB later brings it back as
        it was known last, which is a new write of old values (C3)."""
        self.has_restarts = False
        """Whether anything happened that makes a sum of movements meaningless."""

    def value(self) -> str:
        """A value nobody has written yet."""
        self.fresh += 1
        return f"v{self.fresh}"

    # What devices do.

    def device_set(self, who: int, collection: str, doc_id: str, field: str) -> None:
        device = self.devices[who]
        held = device.get(collection, doc_id)
        if held is None:
            return
        value = self.value()
        self._knows_better(collection, doc_id, field, at(held, field))
        fields = nested(field, value)
        if field.startswith("m.") and not isinstance(held.get("m", {}), dict):
            return
        with device.transaction(author=f"user{who}") as tx:
            tx.update(collection, doc_id, fields)

    def device_insert(self, who: int, collection: str, doc_id: str) -> None:
        device = self.devices[who]
        if device.get(collection, doc_id) is not None:
            return
        with device.transaction(author=f"user{who}") as tx:
            document = {"_id": doc_id, "a": self.value(), "m": {"x": self.value()}}
            if collection == NAME:
                self.has_restarts = True  # two inserts of one id are two counts
                document |= {"n": 10, "counted": self.value()}
            tx.insert(collection, document)

    def device_unset(self, who: int, collection: str, doc_id: str, field: str) -> None:
        device = self.devices[who]
        held = device.get(collection, doc_id)
        if held is None or at(held, field) is None:
            return
        self._knows_better(collection, doc_id, field, at(held, field))
        with device.transaction(author=f"user{who}") as tx:
            tx.unset(collection, doc_id, tuple(field.split(".")))

    def device_count(self, who: int, doc_id: str, by: int) -> None:
        device = self.devices[who]
        held = device.get(NAME, doc_id)
        if held is None or not isinstance(held.get("n"), int):
            return
        self.moved[doc_id] += by
        with device.transaction(author=f"user{who}") as tx:
            tx.increment(NAME, doc_id, ("n",), by)

    def device_restart(self, who: int, doc_id: str, value: int) -> None:
        device = self.devices[who]
        if device.get(NAME, doc_id) is None:
            return
        self.has_restarts = True
        with device.transaction(author=f"user{who}") as tx:
            tx.restart(NAME, doc_id, ("n",), value)
            tx.update(NAME, doc_id, {"counted": self.value()})

    def device_delete(self, who: int, collection: str, doc_id: str) -> None:
        device = self.devices[who]
        if device.get(collection, doc_id) is None:
            return
        self.has_restarts = True
        self.deleted.add((collection, doc_id))
        with device.transaction(author=f"user{who}") as tx:
            tx.delete(collection, doc_id)

    # What others do in MongoDB.

    def outside_set(self, collection: str, doc_id: str, field: str) -> None:
        held = self.mongo.find(collection, doc_id)
        if held is None:
            return
        self._outside_overwrites(collection, doc_id, field, held)
        self.mongo.update(collection, doc_id, sets={field: self.value()})

    def outside_map(self, collection: str, doc_id: str) -> None:
        """A map is replaced as a whole."""
        held = self.mongo.find(collection, doc_id)
        if held is None:
            return
        for field in ("m.x", "m.y"):
            self._outside_overwrites(collection, doc_id, field, held)
        self.mongo.update(collection, doc_id, sets={"m": {"x": self.value()}})

    def outside_unset(self, collection: str, doc_id: str, field: str) -> None:
        held = self.mongo.find(collection, doc_id)
        if held is not None and at(held, field) is not None:
            self._outside_overwrites(collection, doc_id, field, held)
            self.mongo.update(collection, doc_id, unsets=(field,))

    def outside_push(self, collection: str, doc_id: str) -> None:
        held = self.mongo.find(collection, doc_id)
        if held is None:
            return
        tags = held.get("tags")
        place = len(tags) if isinstance(tags, list) else None
        path, value = ("tags", [self.value()]) if place is None else (f"tags.{place}", self.value())
        self.mongo.update(collection, doc_id, sets={path: value})

    def outside_inc(self, doc_id: str, by: int) -> None:
        held = self.mongo.find(NAME, doc_id)
        if held is not None and isinstance(held.get("n"), int):
            self.moved[doc_id] += by
            self.mongo.update(NAME, doc_id, incs={"n": by})

    def outside_restart(self, doc_id: str, value: int) -> None:
        if self.mongo.find(NAME, doc_id) is not None:
            self.has_restarts = True
            self.mongo.update(NAME, doc_id, sets={"n": value, "counted": self.value()})

    def outside_replace(self, collection: str, doc_id: str) -> None:
        """A program reads the document, changes a field and writes all of it."""
        held = self.mongo.find(collection, doc_id)
        if held is not None:
            self._outside_overwrites(collection, doc_id, "a", held)
            self.mongo.replace(collection, {**held, "a": self.value()})

    def outside_insert(self, collection: str, doc_id: str) -> None:
        document: dict[str, Any] = {"_id": doc_id, "a": self.value(), "m": {"x": self.value()}}
        if collection == NAME:
            self.has_restarts = True
            document |= {"n": 20, "counted": self.value()}
        self.mongo.insert(collection, document)

    def outside_delete(self, collection: str, doc_id: str) -> None:
        self.has_restarts = True
        self.mongo.delete(collection, doc_id)

    def outside_transaction(self, field: str) -> None:
        """Several documents of both collections change together."""
        self.mongo.begin()
        for doc_id in IDS:
            for collection in (NAME, PLAIN):
                self.outside_set(collection, doc_id, field)
        self.outside_inc(IDS[0], -1)
        self.mongo.commit()

    def _knows_better(self, collection: str, doc_id: str, field: str, value: Any) -> None:
        self.overwritten[collection, doc_id, field].add(value)

    def _outside_overwrites(
        self, collection: str, doc_id: str, field: str, held: dict[str, Any]
    ) -> None:
        value = at(held, field)
        if isinstance(value, str):
            self._knows_better(collection, doc_id, field, value)
            self.outside_overwrote[collection, doc_id, field].add(value)
