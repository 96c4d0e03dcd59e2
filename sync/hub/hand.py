"""Who works on the file for the event loop: the loop itself where that is quick, else a thread.

A thread and the loop that both have something to do keep taking the interpreter from each other,
and on two cores that cost more than all the small pushes of a chain. So what is small and finds the
file free is done at once, and only what may take long, or would have to wait, is handed over.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sync.local.database import Database

_T = TypeVar("_T")


class Hand:
    """That of one hub. Handed over, one piece of work follows another."""

    def __init__(self, database: Database) -> None:
        self._lock = database.lock
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="hub")

    async def do(self, work: Callable[[], _T], *, is_small: bool = True) -> _T:
        """What the work gives. Small is what takes a few hundredths of a second at most."""
        if is_small and self._lock.acquire(blocking=False):
            try:
                return work()
            finally:
                self._lock.release()
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def close(self) -> None:
        """Wait for what is being done."""
        self._thread.shutdown()
