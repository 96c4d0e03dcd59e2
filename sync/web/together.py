"""Work for a worker thread, handed over together where it piles up: a thread that takes turns with
the event loop costs more for each turn than a small push does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

TOGETHER_MAX = 64
"""Pieces of work in one turn: a few hundredths of a second of small pushes."""

Work = Callable[[], bytes]
_Done = bytes | Exception


class Together:
    """One thread's worth of work at a time, in the order in which it came. Belongs to one loop."""

    def __init__(self) -> None:
        self._waiting: dict[asyncio.Future[bytes], Work] = {}
        self._running: asyncio.Task[None] | None = None

    async def run(self, work: Work) -> bytes:
        """What the work gives, or raises. Once it has begun it goes on, whoever stops waiting."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[bytes] = loop.create_future()
        self._waiting[answer] = work
        if self._running is None or self._running.done():
            self._running = loop.create_task(self._run())
        try:
            return await answer
        finally:
            self._waiting.pop(answer, None)

    async def _run(self) -> None:
        while self._waiting:
            turn = [(each, self._waiting.pop(each)) for each in [*self._waiting][:TOGETHER_MAX]]
            done = await asyncio.to_thread(_all, [work for _, work in turn])
            for (answer, _), result in zip(turn, done, strict=True):
                if answer.done():
                    continue
                if isinstance(result, Exception):
                    answer.set_exception(result)
                else:
                    answer.set_result(result)


def _all(works: list[Work]) -> list[_Done]:
    return [*map(_outcome, works)]


def _outcome(work: Work) -> _Done:
    try:
        return work()
    except Exception as error:
        return error
