"""The product's part in W5: a hub's file is opened and takes in what a device pushes."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

from benchmarks.merging.ours import STEP_MS, checked
from benchmarks.merging.scene import Scene
from benchmarks.merging.shop import CLEO
from sync.hub import Hub
from tests.helpers.clocks import DAY_MS, NOON_MS, SeededEntropy, SteppingClock


class Contestant:
    """The hub, opened on a fresh copy of its file. ``run`` is what is timed."""

    def __init__(self, wanted: Scene, folder: Path) -> None:
        self._folder = folder
        (self._bodies,) = pickle.loads((folder / "sent.pickle").read_bytes())
        clock, entropy = SteppingClock(NOON_MS + DAY_MS, STEP_MS), SeededEntropy(2)
        self._hub = Hub.open(folder / "hub.db", clock=clock, entropy=entropy)
        self.replica = self._hub.replica

    def run(self) -> None:
        for body in self._bodies:
            self._hub.push(CLEO.identity, body)

    def check(self) -> dict[str, Any]:
        """Raise unless the documents are those they must be; facts."""
        return checked(self.replica, self._folder)

    def close(self) -> None:
        self.replica.close()
