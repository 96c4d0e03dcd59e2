"""No look for cyclic garbage in the middle of a merge.

A merge makes many small values and no cycles. Python's collector, which counts new values, would go
through all of them again and again, and find nothing: a fifth of the time of a large merge.
"""

from __future__ import annotations

import gc
import threading


class _NothingCollected:
    """The collector waits until the last of those who merge at the same time is done. A class,
    because it stands around the smallest merge too."""

    __slots__ = ("_lock", "_merging", "_was_on")

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._merging = 0
        self._was_on = True

    def __enter__(self) -> None:
        with self._lock:
            if not self._merging:
                self._was_on = gc.isenabled()
                gc.disable()
            self._merging += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._merging -= 1
            if not self._merging and self._was_on:
                gc.enable()


NOTHING_COLLECTED = _NothingCollected()
"""For ``with``, around a merge."""
