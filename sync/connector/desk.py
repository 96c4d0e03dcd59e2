"""The engine, asked by many tasks: in one thread of its own, so that each step has its turn, also
one whose caller was cancelled meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, TypeAlias, TypeVar

from sync.connector.engine import Engine

T = TypeVar("T")
Bell: TypeAlias = tuple[asyncio.AbstractEventLoop, asyncio.Event]


class Doorbell(Protocol):
    """What rings when the hub's log has grown (``hub.pull.Doorbell``)."""

    def ring(self) -> None:
        """The log has grown."""
        ...

    def open(self) -> Bell:
        """Be rung for; give the result to ``close``."""
        ...

    def close(self, bell: Bell) -> None:
        """Be rung for no more."""
        ...


class Desk:
    """One engine and its thread. Close it when nobody asks any more."""

    def __init__(self, engine: Engine, doorbell: Doorbell) -> None:
        self.doorbell = doorbell
        self.engine = engine
        self._thread = ThreadPoolExecutor(1, "connector")

    async def do(self, step: Callable[[Engine], T], *, rings: bool = False) -> T:
        """Carry out one step. With ``rings``, tell devices and the way out that it may have
        committed something."""
        loop = asyncio.get_running_loop()
        done = await loop.run_in_executor(self._thread, step, self.engine)
        if rings:
            self.doorbell.ring()
        return done

    def close(self) -> None:
        """Wait for the step under way; no further one is taken."""
        self._thread.shutdown(wait=True)
