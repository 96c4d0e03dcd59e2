"""Time and chance in the hands of a test (``sync.ports``)."""

from __future__ import annotations

import random
import threading

NOON_MS = 1_795_348_800_000
"""2026-11-22T12:00:00Z."""
MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS


class FixedClock:
    """Stands still until it is moved."""

    def __init__(self, ms: int = NOON_MS) -> None:
        self.ms = ms

    def now_ms(self) -> int:
        return self.ms

    def move(self, ms: int) -> None:
        """Let ``ms`` pass; negative sets the clock back."""
        self.ms += ms


class SteppingClock:
    """Moves on by a fixed step whenever somebody looks, so that no two looks are alike."""

    def __init__(self, ms: int = NOON_MS, step_ms: int = 1) -> None:
        self.ms = ms
        self._step_ms = step_ms
        self._lock = threading.Lock()

    def now_ms(self) -> int:
        with self._lock:
            self.ms += self._step_ms
            return self.ms


class SeededEntropy:
    """Bytes that look random and are the same in every run."""

    def __init__(self, seed: int = 7) -> None:
        self._random = random.Random(seed)
        self._lock = threading.Lock()

    def draw(self, count: int) -> bytes:
        with self._lock:
            return self._random.randbytes(count)
