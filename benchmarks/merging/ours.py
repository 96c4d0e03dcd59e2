"""The product's own part in a workload: B's file is opened and takes in what it is sent."""

from __future__ import annotations

import pickle
from contextlib import closing
from pathlib import Path
from typing import Any

from benchmarks.merging.scene import OWN_STORE, Scene
from sync.local import Replica
from sync.query import Equals
from sync.wire.codec import decode
from tests.helpers.clocks import DAY_MS, NOON_MS, SeededEntropy, SteppingClock

NAME = "inventory"
STEP_MS = 3


def stored(replica: Replica) -> dict[str, Any]:
    """The documents of the own store."""
    found = replica.matching(NAME, Equals(("store_id",), OWN_STORE))
    return {each.pop("_id"): each for each in found}


def checked(replica: Replica, folder: Path) -> dict[str, Any]:
    """Raise unless the documents are those they must be; facts."""
    wanted = pickle.loads((folder / "expected.pickle").read_bytes())
    found = stored(replica)
    wrong = [name for name, fields in wanted.items() if found.get(name) != fields]
    if wrong or len(found) != len(wanted):
        name = wrong[0] if wrong else None
        pair = f"{found.get(name)} is not {wanted.get(name)}"
        raise AssertionError(f"{len(wrong)} of {len(wanted)} documents differ: {pair}")
    return {"documents": len(found), "conflicts": replica.history.count()}


class Contestant:
    """B, opened on a fresh copy of its file. ``run`` is what is timed."""

    def __init__(self, wanted: Scene, folder: Path) -> None:
        self._sent: list[list[bytes]] = pickle.loads((folder / "sent.pickle").read_bytes())
        self._folder = folder
        clock, entropy = SteppingClock(NOON_MS + DAY_MS, STEP_MS), SeededEntropy(2)
        self.replica = Replica.open(
            folder / "b.db", clock=clock, entropy=entropy, full_sync=wanted.full_sync
        )

    def run(self) -> None:
        for piece in self._sent:
            self.replica.receive([decode(line) for line in piece])

    def check(self) -> dict[str, Any]:
        """Raise unless the documents are those they must be; facts."""
        return checked(self.replica, self._folder)

    def close(self) -> None:
        self.replica.close()


def first_read(folder: Path, name: str) -> Any:
    """Open what a run left behind, and read one document."""
    clock, entropy = SteppingClock(NOON_MS + 2 * DAY_MS, STEP_MS), SeededEntropy(3)
    with closing(Replica.open(folder / "b.db", clock=clock, entropy=entropy)) as replica:
        return replica.get(NAME, name)
