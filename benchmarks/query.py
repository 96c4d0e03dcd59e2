"""DQL on a replica's file, beside TinyDB in memory: look-ups, counts, joins, groups, planning.

The look-up asks both for the documents of one (store, product) pair, another pair each time, so
that neither answers from a cache. Both give the same document, which is checked first.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any

import tinydb
from tinydb.storages import MemoryStorage

from benchmarks.measure import Figure, Pace, duration, interleaved, ratio
from sync.local import Replica
from sync.query.binding import bind
from sync.query.parser import parse
from sync.query.plan import Catalogue, Index
from sync.query.planner import plan_select
from sync.query.prepared import prepared
from sync.system import SystemClock, SystemEntropy

DOCUMENTS = 100_000
STORES = 8
SCANS_ROUNDS_MAX = 5
"""A scan of TinyDB takes so long that more rounds of it would only take time."""
CHUNK_DOCUMENTS = 4_000
SEED = 7

PAIR = "SELECT * FROM inventory WHERE store_id = :s AND product_id = :p AND deleted = false"
TYPICAL = (
    "SELECT i._id, i.stock_level FROM inventory i WHERE i.store_id = :s AND i.stock_level"
    " <= i.reorder_threshold AND i.deleted = false ORDER BY i.stock_level LIMIT 20"
)
GROUPED = "SELECT store_id, COUNT(*) AS n, SUM(stock_level) AS s FROM inventory GROUP BY store_id"
JOINED = (
    "SELECT p.name, i.stock_level FROM inventory i JOIN products p ON p._id = i.product_id"
    " WHERE i.store_id = :s AND i.stock_level < 10"
)
INDEXES = (
    "CREATE INDEX by_pair ON inventory (store_id, product_id)",
    "CREATE INDEX by_level ON inventory (store_id, stock_level)",
)


@dataclass(frozen=True, slots=True)
class Size:
    """How many documents of each kind there are."""

    documents: int

    @property
    def products(self) -> int:
        return self.documents // STORES

    @property
    def counted(self) -> int:
        return self.documents * 93 // 100


def figures(pace: Pace) -> list[Figure]:
    """Every figure of this suite."""
    size, rounds = Size(round(DOCUMENTS * pace.scale)), pace.rounds
    with tempfile.TemporaryDirectory(prefix="zava-bench-") as folder:
        path = Path(folder) / "bench.sqlite3"
        with closing(Replica.open(path, clock=SystemClock(), entropy=SystemEntropy())) as replica:
            fill(replica, size)
            pairs = look_up(replica, size, min(rounds, SCANS_ROUNDS_MAX))
            return [*pairs, *statements(replica, size, rounds)]


def fill(replica: Replica, size: Size) -> None:
    """Inventory, products and a collection to count, with indexes."""
    source = chain(_inventory(size), _products(size), _counted(size))
    while chunk := list(islice(source, CHUNK_DOCUMENTS)):
        with replica.transaction() as tx:
            for collection, document in chunk:
                tx.insert(collection, document)
    for statement in INDEXES:
        replica.execute(statement)


def look_up(replica: Replica, size: Size, rounds: int) -> list[Figure]:
    """One pair of 100,000, by index here and by scan in TinyDB's memory."""
    database = tinydb.TinyDB(storage=MemoryStorage)
    database.insert_multiple(document for _, document in _inventory(size))

    def ours(call: int) -> Any:
        return replica.execute(PAIR, _pair(call, size)).items

    def theirs(call: int) -> Any:
        pair, field = _pair(call, size), tinydb.where
        asked = (field("store_id") == pair["s"]) & (field("product_id") == pair["p"])
        return database.search(asked & (field("deleted") == False))  # noqa: E712

    assert list(ours(1)) == list(theirs(1)), "the two answer differently"
    seconds = interleaved({"ours": ours, "theirs": theirs}, rounds)
    return [
        duration(f"pair of {size.documents:,}, by index", seconds["ours"]),
        duration(f"pair of {size.documents:,}, TinyDB in memory", seconds["theirs"]),
        ratio("pair look-up: times faster", seconds["theirs"], seconds["ours"], "goal ≥ 300"),
    ]


def statements(replica: Replica, size: Size, rounds: int) -> list[Figure]:
    """Planning, counting, joining and grouping."""
    catalogue = _catalogue()

    def planned(call: int) -> Any:
        return plan_select(bind(parse(TYPICAL)), catalogue)  # type: ignore[arg-type]

    def store(call: int) -> dict[str, Any]:
        return {"s": f"store_{call % STORES}"}

    seconds = interleaved(
        {
            "plan": planned,
            "cached": lambda call: prepared(TYPICAL),
            "typical": lambda call: replica.execute(TYPICAL, store(call)).items,
            "count": lambda call: replica.execute("SELECT COUNT(*) AS n FROM counted").items,
            "join": lambda call: replica.execute(JOINED, store(call)).items,
            "group": lambda call: replica.execute(GROUPED).items,
        },
        rounds,
    )
    rows = len(list(replica.execute(JOINED, store(0)).items))
    return [
        duration("parse and plan a typical statement", seconds["plan"], "goal ≤ 150 µs"),
        duration("the same statement again (cached)", seconds["cached"], "goal ≤ 10 µs"),
        duration(f"the same, carried out: 20 lowest of {size.products:,}", seconds["typical"]),
        duration(f"COUNT(*) of {size.counted:,}", seconds["count"], "goal < 2 ms"),
        duration(f"join by id, {rows:,} rows", seconds["join"]),
        duration(f"GROUP BY over {size.documents:,}, {STORES} groups", seconds["group"]),
    ]


def _catalogue() -> Catalogue:
    pair = Index("by_pair", "inventory", ((("store_id",), False), (("product_id",), False)))
    level = Index("by_level", "inventory", ((("store_id",), False), (("stock_level",), False)))
    return Catalogue({"inventory": (pair, level)})


def _pair(call: int, size: Size) -> dict[str, str]:
    number = call * 7_919 % size.documents
    return {"s": f"store_{number % STORES}", "p": f"prod_{number // STORES}"}


def _inventory(size: Size) -> Iterator[tuple[str, dict[str, Any]]]:
    chance = random.Random(SEED)
    for number in range(size.documents):
        yield (
            "inventory",
            {
                "_id": f"inv_{number:06}",
                "store_id": f"store_{number % STORES}",
                "product_id": f"prod_{number // STORES}",
                "location": {"aisle": str(chance.randrange(20)), "shelf": chance.choice("ABC")},
                "stock_level": chance.randrange(500),
                "reorder_threshold": 10,
                "deleted": False,
            },
        )


def _products(size: Size) -> Iterator[tuple[str, dict[str, Any]]]:
    for number in range(size.products):
        yield "products", {"_id": f"prod_{number}", "name": f"Product {number}", "deleted": False}


def _counted(size: Size) -> Iterator[tuple[str, dict[str, Any]]]:
    for number in range(size.counted):
        yield "counted", {"_id": f"doc_{number}", "number": number}
