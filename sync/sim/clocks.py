"""Time and chance of a simulated world (``sync.ports``): one true time, and clocks that miss it."""

from __future__ import annotations

import random

START_MS = 1_795_348_800_000
"""2026-11-22T12:00:00Z."""
PPM = 1_000_000


class TrueTime:
    """The one time everybody's clock is measured against; the world alone moves it."""

    def __init__(self, ms: int = START_MS) -> None:
        self.ms = ms


class DriftingClock:
    """A clock that runs a little fast or slow, and that somebody may set to anything."""

    def __init__(self, time: TrueTime, drift_ppm: int = 0) -> None:
        self._time = time
        self._drift_ppm = drift_ppm
        self._offset_ms = 0

    def now_ms(self) -> int:
        """What it shows; never before 1970, which no machine can say."""
        elapsed = self._time.ms - START_MS
        return max(0, self._time.ms + self._offset_ms + elapsed * self._drift_ppm // PPM)

    def step(self, by_ms: int) -> None:
        """Somebody moves it, or a time zone is mistaken for time; before 1970 there is nothing."""
        self.set_to(max(0, self.now_ms() + by_ms))

    def set_to(self, ms: int) -> None:
        """It shows ``ms`` now: 0 after an empty battery."""
        self._offset_ms += ms - self.now_ms()


class SeededEntropy:
    """Bytes that look random and are the same in every run of a seed."""

    def __init__(self, seed: str) -> None:
        self._random = random.Random(seed)

    def draw(self, count: int) -> bytes:
        return self._random.randbytes(count)
