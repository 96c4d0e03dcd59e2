"""How cost grows with the size of a replica's file: from a thousand documents to 450,000.

The messages are made here, as a hub of that size would send them; what is timed is who takes them
in. No device holds 450,000 documents: only a hub does, so a file of that size may keep as much of
itself in memory as a hub's.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from benchmarks.measure import Figure, Pace, duration
from benchmarks.merging.ours import NAME, STEP_MS
from benchmarks.merging.scene import SEED, Fields, Scene
from sync.core.batch import Change, Context
from sync.core.conflicts import Provenance
from sync.core.values import canonical
from sync.ids import Collection, DocId, ReplicaId, UserId
from sync.local import Replica
from sync.local.schema import CACHE_MIB
from sync.wire.codec import decode, encode
from sync.wire.messages import Begin, Docs, End, Hello, Message, PackedRow, Part
from tests.helpers.clocks import NOON_MS, SeededEntropy, SteppingClock

SIZES = (1_000, 10_000, 100_000, 450_000)
DEVICE_DOCUMENTS_MAX = 100_000
SINGLES, SPARSE, READS, PAGE_DOCUMENTS = 200, 1_000, 200, 500
PRODUCT_DOCUMENTS = 20
REPEATED_DOCUMENTS_MAX = 20_000
HLC = NOON_MS << 16
HUB, OTHER = ReplicaId("0" * 31 + "1"), ReplicaId("0" * 31 + "2")
COLLECTION = Collection(NAME)
PAGE = f"SELECT * FROM {NAME} WHERE product_id = :p"


def figures(pace: Pace) -> Iterator[Figure]:
    """The cost of one document or one field at each size, processor time."""
    for size in SIZES:
        documents = max(100, round(size * pace.scale))
        kind = "device" if size <= DEVICE_DOCUMENTS_MAX else "hub"
        found = measured(documents, pace.rounds, CACHE_MIB[kind])
        for what, seconds in found.items():
            yield duration(f"{what}, {documents:,} documents", seconds, of=what, who=str(documents))


def measured(documents: int, rounds: int, cache_mib: int) -> dict[str, list[float]]:
    """Seconds of one step of each kind on a file of so many documents, round by round."""
    with tempfile.TemporaryDirectory(prefix="zava-bench-") as folder:
        path = Path(folder) / "device.db"
        found = {"first download, a document": _downloads(Path(folder), documents, rounds)}
        device = Device(path, documents, cache_mib)
        found["first download, a document"].append(device.download())
        kinds: dict[str, Callable[[], float]] = {
            "a field, a commit each": device.single,
            "a field, in one batch": device.sparse,
            "a document by id": device.by_id,
            "twenty documents by index": device.by_index,
        }
        with closing(device.replica):
            device.replica.execute(f"CREATE INDEX by_product ON {NAME} (product_id)")
            for _ in range(rounds):
                for what, run in kinds.items():
                    found.setdefault(what, []).append(run())
        found["open and read one"] = [_opened(path, documents) for _ in range(rounds)]
    return found


class Device:
    """One replica that takes in what a hub sends it."""

    def __init__(self, path: Path, documents: int, cache_mib: int = CACHE_MIB["device"]) -> None:
        clock, entropy = SteppingClock(step_ms=STEP_MS), SeededEntropy(1)
        self.replica = Replica.open(path, clock=clock, entropy=entropy, cache_mib=cache_mib)
        self._scene = Scene("growth", "", documents)
        self._chance = random.Random(SEED)
        self._seq = 1

    def download(self) -> float:
        """Seconds a document of a first download, page by page."""
        seconds, count = 0.0, self._scene.documents
        opening: list[Message] = [Hello("hub", "e" * 32, 1, NOON_MS, "scope", True, 0)]
        seconds += self._take([*opening, Begin(1, count, ())])
        source = Provenance(HUB, 1, HLC, UserId("hub"), Context("e" * 32, 0), 1)
        rows: list[PackedRow] = []
        for doc_id, fields in sorted(self._documents()):
            rows.append(PackedRow(doc_id, canonical(fields), f"[{HLC},1]", None))
            if len(rows) == PAGE_DOCUMENTS:
                seconds += self._take([Docs.of(COLLECTION, {1: HUB}, (source,), rows)])
                rows = []
        if rows:
            seconds += self._take([Docs.of(COLLECTION, {1: HUB}, (source,), rows)])
        return (seconds + self._take([End(1, "c", "scope", 1)])) / count

    def _documents(self) -> Iterator[tuple[str, Fields]]:
        for number, (doc_id, fields) in enumerate(self._scene.all_documents()):
            yield doc_id, {**fields, "product_id": f"prod_{number // PRODUCT_DOCUMENTS}"}

    def single(self) -> float:
        """Seconds of one field in a commit of its own."""
        return sum(self._take([self._part(1)]) for _ in range(SINGLES)) / SINGLES

    def sparse(self) -> float:
        """Seconds of one field among many documents of one batch."""
        count = min(SPARSE, self._scene.documents // 2)
        return self._take([self._part(count)]) / count

    def by_id(self) -> float:
        """Seconds of one look-up."""
        ids = self._some(min(READS, self._scene.documents))
        return _timed(lambda: [self.replica.get(NAME, each) for each in ids]) / len(ids)

    def by_index(self) -> float:
        """Seconds of reading the documents of one product by an index."""
        products = self._scene.documents // PRODUCT_DOCUMENTS
        asked = {"p": f"prod_{self._chance.randrange(products)}"}
        return _timed(lambda: list(self.replica.execute(PAGE, asked).items))

    def _part(self, count: int) -> Part:
        self._seq += 1
        source = Provenance(
            OTHER, self._seq, HLC + self._seq, UserId("user"), Context("e" * 32, 1), self._seq
        )
        deltas = tuple(
            Change.of(COLLECTION, DocId(each), {("stock_level",): self._chance.randrange(500)})
            for each in self._some(count)
        )
        return Part(self._seq, f"c{self._seq}", source, deltas, (), ())

    def _some(self, count: int) -> list[str]:
        numbers = self._chance.sample(range(self._scene.documents), count)
        return [self._scene.document(number)[0] for number in numbers]

    def _take(self, messages: list[Message]) -> float:
        lines = [encode(message) for message in messages]
        return _timed(lambda: self.replica.receive([decode(line) for line in lines]))


def _downloads(folder: Path, documents: int, rounds: int) -> list[float]:
    """Further first downloads, of files that are small enough for it; the first warms up."""
    if documents > REPEATED_DOCUMENTS_MAX:
        return []
    seconds = []
    for number in range(rounds + 1):
        device = Device(folder / f"{number}.db", documents)
        with closing(device.replica):
            seconds.append(device.download())
    return seconds[1:]


def _opened(path: Path, documents: int) -> float:
    name = Scene("growth", "", documents).document(documents // 3)[0]
    clock, entropy = SteppingClock(), SeededEntropy(2)

    def run() -> Any:
        with closing(Replica.open(path, clock=clock, entropy=entropy)) as replica:
            return replica.get(NAME, name)

    return _timed(run)


def _timed(run: Callable[[], object]) -> float:
    started = time.process_time()
    run()
    return time.process_time() - started
