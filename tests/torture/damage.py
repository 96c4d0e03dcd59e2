"""A replica's file with work in its WAL, every state it has been in, and ways to damage it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sync.core.batch import digest_of
from sync.core.decode import decode
from sync.errors import StorageError
from sync.local import Replica
from sync.query import Equals
from tests.helpers.clocks import SteppingClock
from tests.helpers.replicas import open_replica, shelf

COLLECTIONS = ("inventory", "orders")
IN_FILE, IN_WAL = 60, 15
WAL_HEADER_BYTES, FRAME_HEADER_BYTES, PAGE_BYTES = 32, 24, 8_192
AISLE = Equals(("location", "aisle"), "3")


@contextmanager
def memory_folder(otherwise: Path) -> Iterator[Path]:
    """A folder in memory where there is one: two thousand files are opened and synced."""
    shared = Path("/dev/shm")
    with TemporaryDirectory(dir=shared if shared.is_dir() else otherwise) as folder:
        yield Path(folder)


def seen(replica: Replica) -> dict[str, Any]:
    """Everything a person or the hub gets to see of a replica."""
    entries = replica.parts.log.since(0, 1_000)
    return {
        "documents": {name: replica.find(name) for name in COLLECTIONS},
        "one by one": [replica.get("inventory", f"inv_{number}") for number in range(0, 90, 3)],
        "indexed": replica.find("inventory", AISLE),
        "states": {name: replica.digest(name) for name in COLLECTIONS},
        "log": [(entry.n, entry.status, entry.payload) for entry in entries],
        "waiting": [entry.payload for entry in replica.parts.log.with_status(("pending",))],
        "outbox": replica.outbox(),
        "quarantine": replica.quarantine(),
        "conflicts": replica.conflicts(),
    }


def assert_chained(replica: Replica) -> None:
    """The own batches are numbered without a gap, and each names the digest of the one before."""
    before = ""
    for number, entry in enumerate(replica.parts.log.since(0, 1_000), 1):
        assert (entry.n, entry.digest) == (number, digest_of(entry.payload))
        assert decode(entry.payload).prev == before
        before = entry.digest
    assert replica.identity.digest == before


@dataclass
class Specimen:
    """The bytes of the main file and of the WAL beside it, as a power cut finds them."""

    folder: Path
    main: bytes = b""
    wal: bytes = b""
    history: list[dict[str, Any]] = field(default_factory=list)
    opened: int = 0

    @classmethod
    def grown(cls, folder: Path, seed: int) -> Specimen:
        """Sixty batches in the file and fifteen more in the WAL."""
        specimen, chance = cls(folder), random.Random(seed)
        path = folder / "grown.db"
        with closing(open_replica(path, clock=SteppingClock())) as replica:
            replica.ensure_indexes({"inventory": [[("location", "aisle")]]})
            replica.parts.database.query("PRAGMA wal_autocheckpoint = 0")
            specimen.history.append(seen(replica))
            for number in range(IN_FILE + IN_WAL):
                if number == IN_FILE:
                    replica.parts.database.query("PRAGMA wal_checkpoint(TRUNCATE)")
                sell(replica, number, chance)
                specimen.history.append(seen(replica))
            specimen.main = path.read_bytes()
            specimen.wal = path.with_name("grown.db-wal").read_bytes()
        return specimen

    def frames(self) -> Iterator[int]:
        """Where each frame of the WAL begins, and where the last ends."""
        yield from range(WAL_HEADER_BYTES, len(self.wal) + 1, FRAME_HEADER_BYTES + PAGE_BYTES)

    def outcome(self, main: bytes, wal: bytes) -> str:
        """What comes of these files: which state it is, the code of an error, met in reading or by
        ``check``, or ``wrong``."""
        self.opened += 1
        path = self.folder / f"{self.opened}.db"
        path.write_bytes(main)
        path.with_name(path.name + "-wal").write_bytes(wal)
        try:
            with closing(open_replica(path, clock=SteppingClock())) as replica:
                shown = seen(replica)
                number = len(shown["log"])
                if number < len(self.history) and shown == self.history[number]:
                    assert_chained(replica)
                    return f"state {number}"
                replica.check()
        except StorageError as error:
            return error.code
        finally:
            for each in self.folder.glob(f"{path.name}*"):
                each.unlink()
        return "wrong"


def sell(replica: Replica, number: int, chance: random.Random) -> None:
    """One batch: a new shelf, or a sale over two collections."""
    with replica.transaction() as tx:
        if number % 3 == 0:
            text = "x" * chance.randrange(2_000)
            tx.insert("inventory", shelf(f"inv_{number}", notes=text))
        else:
            tx.increment("inventory", f"inv_{number - number % 3}", ("stock_level",), number)
            tx.upsert("orders", {"_id": f"order_{number}", "text": "y" * chance.randrange(300)})


def flipped(data: bytes, chance: random.Random) -> tuple[bytes, int]:
    """The bytes with one bit turned over, and where."""
    place = chance.randrange(len(data))
    altered = bytearray(data)
    altered[place] ^= 1 << chance.randrange(8)
    return bytes(altered), place
