"""How long to wait before the next try: exponential with full jitter (S2). Pure."""

from __future__ import annotations

BACKOFF_FIRST_MS = 500
BACKOFF_MS_MAX = 60_000
"""A device in a pocket wakes its radio once a minute at most; the switch and "Sync now" skip it."""


def delay_ms(attempt: int, chance: float, factor: float = 2) -> int:
    """Milliseconds to wait after ``attempt`` failures in a row (1, 2, …); ``chance`` in [0, 1).
    Spans grow by ``factor``.

    The whole span is random, so that a hundred devices that lost the hub together do not come back
    together.
    """
    span = min(BACKOFF_MS_MAX, BACKOFF_FIRST_MS * factor ** min(attempt - 1, 20))
    return int(span * chance)
