"""Stamps and the hybrid logical clock that makes them (C1).

A reading is one 64-bit integer: 48 bits of Unix milliseconds, then a 16-bit counter, so readings
compare as integers and stay readable as time. A stamp is a reading and the replica that made it,
which makes the order total.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from sync.ids import NIL_REPLICA, ReplicaId

COUNTER_BITS = 16
HLC_MAX = (1 << 63) - 1
"""SQLite integers are signed; 47 bits of milliseconds last until the year 6429."""

CLOCK_DRIFT_MS_MAX = 300_000
"""How far a stamp may lie ahead of hub time: five minutes, wide for radios, tight for forgers."""


class Stamp(NamedTuple):
    """When and where a write was made; the larger stamp wins (C2)."""

    hlc: int
    replica: ReplicaId


BEGINNING = Stamp(0, NIL_REPLICA)
"""Stamp of INITIAL documents: older than any write."""


def hlc_of_ms(ms: int) -> int:
    """The first reading of a millisecond since the Unix epoch."""
    return ms << COUNTER_BITS


def ms_of_hlc(hlc: int) -> int:
    """The wall-clock millisecond inside a reading."""
    return hlc >> COUNTER_BITS


class HybridClock:
    """Readings that follow wall time, never repeat and never go backwards.

    ``now_ms`` is injected; ``last`` is the newest reading this replica has made or accepted, kept
    in the database so that a clock set back does not bring old readings back.
    """

    def __init__(self, now_ms: Callable[[], int], last: int = 0) -> None:
        self._now_ms = now_ms
        self.last = last

    def tick(self) -> int:
        """A new reading, larger than every reading made or observed before."""
        self.last = max(hlc_of_ms(self._now_ms()), self.last + 1)
        return self.last

    def observe(self, hlc: int) -> None:
        """Take note of an accepted foreign reading, so that our next one is larger."""
        self.last = max(self.last, hlc)


def is_ahead(hlc: int, now_ms: int) -> bool:
    """Whether a reading lies further in the future than drift can explain (C1)."""
    return ms_of_hlc(hlc) > now_ms + CLOCK_DRIFT_MS_MAX
