"""What the connector gets from outside (``sync.ports``), handed on as one value."""

from __future__ import annotations

from dataclasses import dataclass

from sync.connector.pace import Sleep
from sync.ports import Clock, Entropy, Stopwatch


@dataclass(frozen=True, slots=True)
class Around:
    """Time, chance and waiting."""

    clock: Clock
    entropy: Entropy
    stopwatch: Stopwatch
    sleep: Sleep
