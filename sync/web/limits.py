"""How often one device may push: a bucket of tokens each (S8). Honest devices never meet it."""

from __future__ import annotations

from collections import OrderedDict

from sync.errors import HubBusy
from sync.ports import Clock

PUSHES_PER_SECOND_MAX = 20
"""In the long run. A device pushes once for all that waits, so nobody's hands are this fast."""
PUSHES_AT_ONCE_MAX = 600
"""In a burst: half a minute's worth, for a device that comes back or a script that loads."""
PUSHERS_REMEMBERED_MAX = 10_000
"""Devices whose buckets are kept; the longest unused goes first, and was full again anyway."""


class PushLimit:
    """The buckets of one hub. Belongs to its event loop."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def spend(self, who: str) -> None:
        """One push of ``who``. ``HubBusy`` when there were too many."""
        now = self._clock.now_ms()
        left, at = self._buckets.pop(who, (float(PUSHES_AT_ONCE_MAX), now))
        earned = max(0, now - at) * PUSHES_PER_SECOND_MAX / 1_000
        left = min(float(PUSHES_AT_ONCE_MAX), left + earned)
        self._buckets[who] = (max(0.0, left - 1), now)
        if len(self._buckets) > PUSHERS_REMEMBERED_MAX:
            self._buckets.popitem(last=False)
        if left < 1:
            self._buckets[who] = (left, now)
            raise HubBusy("This device sends more often than the hub can listen.")
