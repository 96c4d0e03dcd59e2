"""A device that hears of another one's changes, each by itself."""

from __future__ import annotations

from pathlib import Path

from sync.local import Replica
from sync.local.journal import SUFFIX
from sync.sim.storage import copy_file
from sync.wire.messages import Part
from tests.helpers.replicas import PaperHub, open_replica, stocked, waiting_payloads


class Heard:
    """A device in a file, and another one whose changes it hears of, each by itself."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.hub, self.author = PaperHub(), stocked(3, seed=2)
        self.replica = open_replica(folder / "device.db")
        self.replica.receive([self.hub.hello(), *map(self.hub.part, self.written())])

    @property
    def waiting(self) -> int:
        return self.replica.parts.recent.count

    @property
    def journal(self) -> Path:
        return self.folder / f"device.db{SUFFIX}"

    def written(self) -> list[bytes]:
        payloads = waiting_payloads(self.author)
        self.author.sending.acknowledge(self.author.id, 10_000)
        return payloads

    def part(self, doc_id: str = "inv_1", **fields: object) -> Part:
        """The author changes a document; what the device is sent."""
        with self.author.transaction() as tx:
            tx.update("inventory", doc_id, fields)
        (payload,) = self.written()
        return self.hub.part(payload)

    def hears(self, count: int) -> list[Part]:
        parts = [self.part(f"inv_{n % 3 + 1}", stock_level=100 + n) for n in range(count)]
        for part in parts:
            self.replica.receive([part])
        return parts

    def killed(self) -> Replica:
        """The device as a kill leaves it now, opened again."""
        copy_file(self.folder / "device.db", self.folder / "killed.db")
        return open_replica(self.folder / "killed.db")
