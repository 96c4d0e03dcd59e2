"""Observers on a replica's file: what a commit costs that they cannot see, and one that they can,
beside asking every statement anew after each commit, which is what they save.

Each workload is one commit of one document and whatever follows from it. The replicas hold the same
documents and differ in who observes them; what an observer adds is taken within each round.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

from benchmarks.measure import Figure, duration, interleaved, ratio
from sync.local import Observer, Replica
from sync.system import SystemClock, SystemEntropy

ROWS = 3_000
OBSERVERS = 50
HERE, ELSEWHERE = "store_0", "store_1"

ALL_HERE = "SELECT * FROM inventory WHERE store_id = :s ORDER BY stock_level"
LEVELS = "SELECT _id, stock_level FROM inventory WHERE store_id = :s"
LOWEST = "SELECT * FROM inventory WHERE store_id = :s ORDER BY stock_level LIMIT 20"
JOINED = (
    "SELECT i._id, i.stock_level, p.name FROM inventory i JOIN products p ON p._id = i.product_id"
    " WHERE i.store_id = :s"
)
GROUPED = (
    "SELECT aisle, COUNT(*) AS shelves, SUM(stock_level) AS pieces FROM inventory"
    " WHERE store_id = :s GROUP BY aisle"
)
WITHIN = (
    "SELECT _id, stock_level FROM inventory WHERE store_id = :s"
    " AND product_id IN (SELECT _id FROM products WHERE gone = false)"
)
FOLLOWED = {
    "all rows, in order": ALL_HERE,
    "two fields": LEVELS,
    "the 20 lowest": LOWEST,
    "join": JOINED,
    "20 groups": GROUPED,
    "IN (SELECT …)": WITHIN,
}


def figures(rounds: int) -> list[Figure]:
    """Every figure of this suite."""
    with tempfile.TemporaryDirectory(prefix="zava-bench-") as folder, ExitStack() as opened:

        def stocked(name: str) -> Replica:
            path = Path(folder) / f"{name}.sqlite3"
            replica = Replica.open(path, clock=SystemClock(), entropy=SystemEntropy())
            opened.enter_context(closing(replica))
            fill(replica)
            return replica

        return [*unrelated(stocked, rounds), *related(stocked, rounds)]


def fill(replica: Replica) -> None:
    """Two stores with as many places each, and what stands there."""
    with replica.transaction() as tx:
        for number in range(ROWS):
            tx.insert("products", {"_id": f"p{number}", "name": f"Product {number}", "gone": False})
    for store in (HERE, ELSEWHERE):
        with replica.transaction() as tx:
            for number in range(ROWS):
                tx.insert("inventory", _place(store, number))
    replica.execute("CREATE INDEX by_level ON inventory (store_id, stock_level)")


def unrelated(stocked: Callable[[str], Replica], rounds: int) -> list[Figure]:
    """A commit that no observer can see: in another store, or in a field nobody shows."""
    bare, one, many, anew = (stocked(name) for name in ("bare", "one", "many", "anew"))
    watched = observed(one, [LEVELS])
    texts = list(FOLLOWED.values())
    crowd = observed(many, [texts[number % len(texts)] for number in range(OBSERVERS)])

    def asked_anew(call: int) -> None:
        note(anew, ELSEWHERE, call)
        for number in range(OBSERVERS):
            list(anew.execute(texts[number % len(texts)], {"s": HERE}).items)

    workloads = {
        "bare": lambda call: note(bare, ELSEWHERE, call),
        "elsewhere": lambda call: note(one, ELSEWHERE, call),
        "unseen": lambda call: note(one, HERE, call),
        "many": lambda call: note(many, ELSEWHERE, call),
    }
    seconds = interleaved(workloads, rounds)
    worked = interleaved(workloads, rounds, time.process_time)
    anew_seconds = interleaved({"anew": asked_anew}, 1)["anew"]
    assert not any(each.refresh() for each in (*watched, *crowd)), "they saw it"
    added = {
        name: [max(0.0, a - b) for a, b in zip(worked[name], worked["bare"], strict=True)]
        for name in workloads
    }
    observer = f"{ROWS:,}-row observer"
    return [
        duration("commit that nobody observes", seconds["bare"]),
        duration(f"commit elsewhere, {observer}", seconds["elsewhere"]),
        duration(f"commit of a field not shown, {observer}", seconds["unseen"]),
        duration(f"commit elsewhere, {OBSERVERS} observers", seconds["many"]),
        duration(f"{observer} adds (processor)", added["elsewhere"], "goal ≤ 1 ms"),
        duration("… field not shown (processor)", added["unseen"], "goal ≤ 1 ms"),
        duration(f"{OBSERVERS} observers add (processor)", added["many"], "goal ≤ 5 ms"),
        duration(f"asking {OBSERVERS} statements anew instead", anew_seconds),
    ]


def related(stocked: Callable[[str], Replica], rounds: int) -> list[Figure]:
    """A commit that changes one row of the answer, until the difference is there."""
    found = []
    for name, text in FOLLOWED.items():
        ours, theirs = stocked(f"{name} ours".replace(" ", "_").replace("…", "")), stocked(name[:3])
        (observer,) = observed(ours, [text])

        def follow(call: int, ours: Replica = ours, observer: Observer = observer) -> None:
            sell(ours, call)
            observer.refresh()

        def ask(call: int, theirs: Replica = theirs, text: str = text) -> Any:
            sell(theirs, call)
            return list(theirs.execute(text, {"s": HERE}).items)

        seconds = interleaved({"ours": follow, "anew": ask}, rounds)
        assert observer.items == list(ours.execute(text, {"s": HERE}).items), "it went astray"
        found += [
            duration(f"{name}: commit and difference", seconds["ours"]),
            duration(f"{name}: commit and asking anew", seconds["anew"]),
            ratio(f"{name}: times faster", seconds["anew"], seconds["ours"]),
        ]
    return found


def observed(replica: Replica, texts: list[str]) -> list[Observer]:
    """Observers of statements, looked at once."""
    return [replica.register_observer(text, {"s": HERE}) for text in texts]


def note(replica: Replica, store: str, call: int) -> None:
    """A field that no statement shows changes, but for those that show all."""
    with replica.transaction() as tx:
        tx.update("inventory", f"{store}_{call % ROWS}", {"notes": str(call)})


def sell(replica: Replica, call: int) -> None:
    """A piece is sold."""
    with replica.transaction() as tx:
        tx.increment("inventory", f"{HERE}_{call * 7 % ROWS}", ("stock_level",), -1)


def _place(store: str, number: int) -> dict[str, Any]:
    return {
        "_id": f"{store}_{number}",
        "store_id": store,
        "product_id": f"p{number}",
        "location": {"shelf": "B", "bin": str(number % 9)},
        "aisle": str(number % 20),
        "stock_level": 100 + number % 500,
        "notes": "as delivered",
    }
