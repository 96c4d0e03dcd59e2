"""The real clock and the real randomness: the only place that asks the machine for either."""

from __future__ import annotations

import secrets
import time


class SystemClock:
    """``ports.Clock`` and ``Stopwatch`` over the operating system's clock."""

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000

    def ticks_ns(self) -> int:
        return time.perf_counter_ns()


class SystemEntropy:
    """``ports.Entropy`` over the operating system's generator."""

    def draw(self, count: int) -> bytes:
        return secrets.token_bytes(count)
