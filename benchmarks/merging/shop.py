"""What the product is given in a workload: real replica files, a real hub, its messages as bytes.

``prepare`` lets devices and a hub live through a scene up to the moment that is measured: B's file
and the lines it will be sent, in the pieces in which a network would hand them over.
"""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from benchmarks.merging.ours import NAME, STEP_MS, stored
from benchmarks.merging.scene import OWN_STORE, Scene, Step
from sync.hub import Account, Hub
from sync.hub.accounts import quick_hasher
from sync.ids import UserId
from sync.local import Replica
from sync.wire.codec import decode, encode
from sync.wire.frames import Deflater
from sync.wire.messages import Cursor, Push
from sync.wire.pushes import encode_push
from tests.helpers.clocks import SeededEntropy, SteppingClock

PASSWORD = "drill-42"
CLEO = Account("cleo", UserId("user_cleo"), "manager", OWN_STORE, "SEA", "Cleo")
NETWORK_BYTES = 65_536
"""What a device reads from its socket at once; it merges the messages of one piece together."""
LOAD_DOCUMENTS = 2_000
CHANGED_EVERY = 10
"""In a first download every tenth document has been changed since it was made."""


class Shop:
    """A hub with the documents of a scene, and devices."""

    def __init__(self, folder: Path, wanted: Scene) -> None:
        self.folder = folder
        self.scene = wanted
        self.clock = SteppingClock(step_ms=STEP_MS)
        entropy = SeededEntropy(1)
        replica = Replica.open(folder / "hub.db", clock=self.clock, entropy=entropy, kind="hub")
        self.hub = Hub.start(replica, self.clock, entropy, quick_hasher())
        self.hub.accounts.add(CLEO, PASSWORD)
        self._load()

    def _load(self) -> None:
        waiting: list[Any] = []
        for doc_id, fields in self.scene.all_documents():
            waiting.append({"_id": doc_id, **fields})
            if len(waiting) == LOAD_DOCUMENTS:
                self._insert(waiting)
        self._insert(waiting)

    def _insert(self, documents: list[Any]) -> None:
        if documents:
            with self.hub.replica.transaction() as tx:
                tx.insert_new(NAME, documents)
        documents.clear()

    def device(self, number: int, path: Path | str = ":memory:") -> Replica:
        """A device of the store, signed in."""
        entropy = SeededEntropy(100 + number)
        replica = Replica.open(path, clock=self.clock, entropy=entropy)
        replica.author = CLEO.user_id
        self.hub.sign_in(CLEO.login, PASSWORD, replica.id, f"Device {number}")
        return replica

    def lines(self, replica: Replica) -> Iterator[bytes]:
        """What a pull of this device brings now."""
        here = replica.identity
        cursor = Cursor(
            replica=here.replica,
            name="Bench",
            epoch=here.hub_epoch,
            seq=here.cursor,
            chain=here.cursor_chain,
            scope=here.scope,
            subscriptions=replica.subscriptions.asked(),
        )
        feed = self.hub.feed(CLEO.identity, json.loads(encode(cursor)))
        yield from map(encode, feed.opening())
        while page := feed.more():
            yield from (each.line for each in page)

    def pull(self, replica: Replica) -> None:
        for piece in pieces(self.lines(replica)):
            replica.receive([decode(line) for line in piece])

    def pushes(self, replica: Replica) -> Iterator[bytes]:
        """The bodies that bring all the device's work to the hub."""
        while entries := replica.sending.take():
            yield encode_push(Push(replica.id, tuple(entry.payload for entry in entries)))
            replica.sending.acknowledge(replica.id, entries[-1].n)

    def push(self, replica: Replica) -> None:
        for body in self.pushes(replica):
            self.hub.push(CLEO.identity, body)


def write(replica: Replica, step: Step) -> None:
    """One transaction of a scene."""
    with replica.transaction() as tx:
        for doc_id, fields in step.changes:
            if step.kind == "count":
                for name, amount in fields.items():
                    tx.increment(NAME, doc_id, (name,), amount)
            elif step.kind == "restart":
                for name, value in fields.items():
                    tx.restart(NAME, doc_id, (name,), value)
            else:
                tx.update(NAME, doc_id, fields)


def pieces(lines: Iterator[bytes], *, one_by_one: bool = False) -> Iterator[list[bytes]]:
    """Lines in the groups in which they reach a device."""
    packer, group, size = Deflater(), list[bytes](), 0
    for line in lines:
        group.append(line)
        size += len(packer.pack(line))
        if one_by_one or size >= NETWORK_BYTES:
            yield group
            group, size = [], 0
    if group:
        yield group


def prepare(wanted: Scene, folder: Path) -> dict[str, Any]:
    """Live through a scene up to what is measured; facts of it."""
    folder.mkdir(parents=True, exist_ok=True)
    shop = Shop(folder, wanted)
    with closing(shop.hub):
        sent = _first_download(shop) if wanted.whole else _meeting(shop)
        is_model = all(step.kind == "set" for step in wanted.incoming) and not wanted.whole
        end = wanted.expected() if is_model else stored(shop.hub.replica)
    (folder / "expected.pickle").write_bytes(pickle.dumps(end))
    (folder / "sent.pickle").write_bytes(pickle.dumps(sent))
    size = sum(len(line) for piece in sent for line in piece)
    packer = Deflater()
    packed = sum(len(packer.pack(line)) for piece in sent for line in piece)
    return {"bytes": size, "packed": packed}


def _first_download(shop: Shop) -> list[list[bytes]]:
    with closing(shop.device(1)) as other, closing(shop.device(0, shop.folder / "b.db")) as own:
        shop.pull(other)
        documents = list(range(0, shop.scene.documents, CHANGED_EVERY))
        for start in range(0, len(documents), LOAD_DOCUMENTS):
            with other.transaction() as tx:
                for number in documents[start : start + LOAD_DOCUMENTS]:
                    tx.update(NAME, shop.scene.document(number)[0], {"stock_level": number % 499})
        shop.push(other)
        return list(pieces(shop.lines(own)))


def _meeting(shop: Shop) -> list[list[bytes]]:
    """B and the others write at the same time; B's work reaches the hub first."""
    wanted = shop.scene
    numbers = sorted({step.device for step in wanted.incoming})
    others = {number: shop.device(number) for number in numbers}
    with closing(shop.device(0, shop.folder / "b.db")) as own:
        for replica in (own, *others.values()):
            shop.pull(replica)
        for step in wanted.before:
            write(own, step)
        for step in wanted.incoming:
            write(others[step.device], step)
        for step in wanted.after:
            write(own, step)
        shop.push(own)
        shop.pull(own)
        bodies = [body for other in others.values() for body in shop.pushes(other)]
        if wanted.on_hub:
            return [bodies]
        for body in bodies:
            shop.hub.push(CLEO.identity, body)
        return list(pieces(shop.lines(own), one_by_one=wanted.one_by_one))
