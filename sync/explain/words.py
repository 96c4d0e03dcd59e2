"""Times, spans and values as they stand in a sentence."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from sync.core.values import canonical
from sync.ids import Json

VALUE_CHARACTERS_MAX: Final = 60
_UNITS: Final = ((86_400_000, "day"), (3_600_000, "hour"), (60_000, "minute"), (1_000, "second"))


def moment(ms: int) -> str:
    """A time in UTC, to the second: ``2026-11-22 12:00:00 UTC``."""
    return datetime.fromtimestamp(ms / 1_000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def span(ms: int) -> str:
    """A length of time in its largest unit: ``3 minutes``."""
    for size, name in _UNITS:
        if ms >= size:
            return many(ms // size, name)
    return "less than a second"


def many(count: int, noun: str) -> str:
    """``1 change``, ``2 changes``."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def value(given: Json) -> str:
    """A value of a field, cut where it is long; None stands for none."""
    text = "nothing" if given is None else canonical(given)
    return text if len(text) <= VALUE_CHARACTERS_MAX else text[: VALUE_CHARACTERS_MAX - 1] + "…"
