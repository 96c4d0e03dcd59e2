"""Bringing what happens elsewhere (another thread, another tab's task) into one tab's own turn.

An observer may wake a tab from any thread, and from a task that belongs to another tab of the same
device. What it changes must be drawn by its own tab, so the callback runs on the tab's event loop
and in the tab's context.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextvars import Context, copy_context
from typing import Protocol

Task = Callable[[], object]


class Wake(Protocol):
    """Runs callbacks in a tab's turn; tests pass one that runs them at once."""

    def soon(self, task: Task) -> None:
        """Run the task in the tab's next turn; callable from any thread."""
        ...

    def later(self, seconds: float, task: Task) -> Callable[[], None]:
        """Run the task after a while; the answer cancels it. Callable from the tab's own turn."""
        ...


class LoopWake:
    """`Wake` over a running event loop and the context it is created in."""

    def __init__(self, loop: asyncio.AbstractEventLoop, context: Context | None = None) -> None:
        self._loop = loop
        self._context = copy_context() if context is None else context

    def soon(self, task: Task) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(task, context=self._context)

    def later(self, seconds: float, task: Task) -> Callable[[], None]:
        return self._loop.call_later(seconds, task, context=self._context).cancel
