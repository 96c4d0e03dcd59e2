"""The seams to the outside: time, chance and signatures. Tests and the simulator pass their own."""

from __future__ import annotations

from typing import Protocol, runtime_checkable


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


class Signatures(Protocol):
    """A signature scheme over secret seeds of 32 bytes (S7)."""

    def public(self, seed: bytes) -> bytes:
        """The public key of a seed."""
        ...

    def sign(self, seed: bytes, message: bytes) -> bytes:
        """A signature that only the holder of ``seed`` can make."""
        ...

    def verify(self, public: bytes, message: bytes, signature: bytes) -> bool:
        """Whether the holder of the seed behind ``public`` signed; any bytes may be asked about."""
        ...


@runtime_checkable
class Stopwatch(Protocol):
    """What measures how long something takes; a clock that is one makes PROFILE precise."""

    def ticks_ns(self) -> int:
        """Nanoseconds from some point on; never goes back."""
        ...
