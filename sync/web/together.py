"""Pieces of work that wait for one another, done together where they pile up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial

from sync.hub.hand import Hand
from sync.hub.pauses import until
from sync.peer.identity import Identity
from sync.wire.frames import is_little

TOGETHER_MAX = 64
"""Pieces of work in one turn: a hundredth of a second of small pushes."""
TURN_MS_MIN = 10
"""From the start of one turn to that of the next: what a turn costs besides its pieces is shared by
those of a busy moment, and a piece that comes alone is done at once."""
SMALL_BYTES_MAX, SMALL_UNPACKED_BYTES_MAX = 4_096, 65_536
"""Of a piece that is no more work than most."""


Piece = tuple[Identity, bytes]


class Together:
    """One turn of work at a time, in the order in which it came. Belongs to one loop."""

    def __init__(
        self, hand: Hand, work: Callable[[list[Piece]], Sequence[bytes | Exception]]
    ) -> None:
        """``work`` gives for each of several pieces what came of it."""
        self._hand = hand
        self._work = work
        self._waiting: dict[asyncio.Future[bytes], Piece] = {}
        self._running: asyncio.Task[None] | None = None

    async def run(self, piece: Piece) -> bytes:
        """What comes of the piece, or raises. Once it has begun it goes on, whoever stops
        waiting."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[bytes] = loop.create_future()
        self._waiting[answer] = piece
        if self._running is None or self._running.done():
            self._running = loop.create_task(self._run())
        try:
            return await answer
        finally:
            self._waiting.pop(answer, None)

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            started = loop.time()
            turn = [(each, self._waiting.pop(each)) for each in [*self._waiting][:TOGETHER_MAX]]
            pieces = [piece for _, piece in turn]
            is_small = all(_is_small(packed) for _, packed in pieces)
            done = await self._hand.do(partial(self._work, pieces), is_small=is_small)
            for (answer, _), result in zip(turn, done, strict=True):
                if answer.done():
                    continue
                if isinstance(result, Exception):
                    answer.set_exception(result)
                else:
                    answer.set_result(result)
            await until(started + TURN_MS_MIN / 1_000)


def _is_small(packed: bytes) -> bool:
    return len(packed) <= SMALL_BYTES_MAX and is_little(packed, SMALL_UNPACKED_BYTES_MAX)
