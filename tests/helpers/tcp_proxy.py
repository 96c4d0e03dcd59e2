"""A TCP proxy that can be told to lie: it drops, delays, repeats, alters and cuts, by seed."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from contextlib import suppress
from typing import Literal, TypeAlias

Fault: TypeAlias = Literal["drop", "delay", "repeat", "alter", "cut", "split"]
FAULTS: tuple[Fault, ...] = ("drop", "delay", "repeat", "alter", "cut", "split")
CHUNK_BYTES_MAX = 2_048
TURNS_OF_DELAY_MAX = 20


class TcpProxy:
    """Stands between devices and a hub's port. Honest until ``lie`` is set above 0."""

    def __init__(self, port: int, seed: int, faults: tuple[Fault, ...] = FAULTS) -> None:
        self._target = port
        self._random = random.Random(seed)
        self._faults = faults
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._pumps: set[asyncio.Task[None]] = set()
        self.lie = 0.0
        """The share of chunks that something happens to."""
        self.done: Counter[str] = Counter()

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def up(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)

    def turn_honest(self) -> None:
        """Lie no more; connections that were lied on end."""
        self.lie = 0.0
        for writer in self._open:
            writer.close()

    async def down(self) -> None:
        self.turn_honest()
        if self._server is not None:
            self._server.close()
        for pump in self._pumps:
            pump.cancel()
        await asyncio.gather(*self._pumps, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            onward = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.close()
            return
        for pump in (self._pump(reader, onward[1]), self._pump(onward[0], writer)):
            task = asyncio.create_task(pump)
            self._pumps.add(task)
            task.add_done_callback(self._pumps.discard)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            with suppress(OSError):
                while chunk := await reader.read(CHUNK_BYTES_MAX):
                    if not await self._pass(chunk, writer):
                        break
        finally:
            self._open.discard(writer)
            writer.close()

    async def _pass(self, chunk: bytes, writer: asyncio.StreamWriter) -> bool:
        """Hand a chunk on, or do something to it; False to hang up."""
        chance = self._random
        fault = chance.choice(self._faults) if chance.random() < self.lie else "honest"
        self.done[fault] += 1
        if fault == "drop":
            return True
        if fault == "delay":
            for _ in range(chance.randrange(TURNS_OF_DELAY_MAX)):
                await asyncio.sleep(0.001)
        if fault == "alter":
            chunk = altered(chunk, chance)
        if fault == "cut":
            chunk = chunk[: chance.randrange(len(chunk))]
        pieces = [chunk, chunk] if fault == "repeat" else [chunk]
        if fault == "split":
            pieces = [chunk[i : i + 7] for i in range(0, len(chunk), 7)]
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        return fault != "cut"


def altered(chunk: bytes, chance: random.Random) -> bytes:
    """The bytes with one to three of them changed."""
    bad = bytearray(chunk)
    for _ in range(chance.randrange(1, 4)):
        bad[chance.randrange(len(bad))] ^= 1 << chance.randrange(8)
    return bytes(bad)
