"""Transactions take turns: one writes at a time, in the order in which they asked."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from typing import Final

from sync.errors import TransactionOpen

WAITING_MAX: Final = 1_000
"""Transactions in the queue; more are a loop that never ends one."""


class Turns:
    """A fair lock whose holder is a thread or a task. A thread that waits stands still; a task
    that waits lets its event loop go on."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._holder: tuple[int, object] | None = None
        self._waiting: deque[tuple[tuple[int, object], Callable[[], None]]] = deque()

    def take(self) -> None:
        """Wait for the turn. ``TransactionOpen`` if it could never come, because the holder needs
        this very thread to go on."""
        came = threading.Event()
        if not self._ask((threading.get_ident(), None), came.set):
            came.wait()

    async def take_async(self) -> None:
        """Wait for the turn without keeping the event loop from its work."""
        loop = asyncio.get_running_loop()
        came: asyncio.Future[None] = loop.create_future()

        def wake() -> None:
            loop.call_soon_threadsafe(_settle, came)

        me = (threading.get_ident(), asyncio.current_task())
        if self._ask(me, wake):
            return
        try:
            await came
        except asyncio.CancelledError:
            self._withdraw(me)
            raise

    def give(self) -> None:
        """End the turn; the next in the queue has it at once."""
        with self._lock:
            self._pass_on()

    def _pass_on(self) -> None:
        self._holder = None
        if self._waiting:
            self._holder, wake = self._waiting.popleft()
            wake()

    def _ask(self, me: tuple[int, object], wake: Callable[[], None]) -> bool:
        """Whether the turn is ours at once; otherwise ``wake`` is called when it is."""
        with self._lock:
            if self._holder is None:
                self._holder = me
                return True
            thread, task = self._holder
            if self._holder == me or (thread == me[0] and (me[1] is None or task is None)):
                raise TransactionOpen("A transaction is open already, and this one is within it.")
            if len(self._waiting) >= WAITING_MAX:
                raise TransactionOpen(f"{WAITING_MAX} transactions wait for one that does not end.")
            self._waiting.append((me, wake))
            return False

    def _withdraw(self, me: tuple[int, object]) -> None:
        with self._lock:
            if self._holder == me:  # the turn came in the same moment
                self._pass_on()
            else:
                self._waiting = deque(each for each in self._waiting if each[0] != me)


def _settle(came: asyncio.Future[None]) -> None:
    if not came.done():
        came.set_result(None)
