"""What a connector has done since it started, for status and metrics."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from sync.errors import ZavaError


@dataclass(slots=True)
class Tally:
    """Running counts, and what failed last. Changed on the event loop only."""

    events: int = 0
    images: int = 0
    skipped: int = 0
    writes: Counter[str] = field(default_factory=Counter)
    """Writes by outcome."""
    reconnects: int = 0
    failures: dict[str, int] = field(default_factory=dict)
    """Failures in a row, by what failed."""
    error: ZavaError | None = None
    """The newest failure; None since everything works."""
    open_streams: set[str] = field(default_factory=set)

    def failed(self, what: str, error: ZavaError) -> None:
        """Something could not be done and is tried again."""
        self.failures[what] = self.failures.get(what, 0) + 1
        self.reconnects += 1
        self.error = error
        self.open_streams.discard(what)

    def worked(self, what: str) -> bool:
        """It works, or works again; True where that was the last that did not."""
        if not self.failures.pop(what, None) or self.failures:
            return False
        self.error = None
        return True
