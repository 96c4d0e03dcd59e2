"""The seams to the outside: time and chance. Tests and the simulator pass their own."""

from __future__ import annotations

from typing import Protocol


class Clock(Protocol):
    """Wall time as this device believes it to be."""

    def now_ms(self) -> int:
        """Milliseconds since the Unix epoch; may jump, the engine copes (C1)."""
        ...


class Entropy(Protocol):
    """A source of bytes that nobody else draws."""

    def draw(self, count: int) -> bytes:
        """``count`` fresh random bytes."""
        ...
