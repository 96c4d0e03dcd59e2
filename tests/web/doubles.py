"""Time and chance under the control of a test."""

from __future__ import annotations

import random

NOON_MS = 1_795_348_800_000


class ManualClock:
    """A clock that stands still until it is moved."""

    def __init__(self, now_ms: int = NOON_MS) -> None:
        self.time_ms = now_ms

    def now_ms(self) -> int:
        return self.time_ms

    def move(self, *, seconds: int) -> None:
        self.time_ms += seconds * 1_000


class SeededEntropy:
    """Bytes that look random and are the same in every run."""

    def __init__(self, seed: int = 7) -> None:
        self._random = random.Random(seed)

    def draw(self, count: int) -> bytes:
        return self._random.randbytes(count)
