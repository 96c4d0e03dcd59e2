"""A line between two devices over TCP: asyncio streams, one meeting a connection (S7, S8).

The bytes are checked, not secret: what travels is signed by its authors, and whoever shares the
network can read it, until pairing brings a key.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from sync.errors import PeerUnreachable, ZavaError
from sync.peer.framed import FramedSession
from sync.peer.session import PeerSession

CONNECT_SECONDS_MAX = 5.0
PROVE_SECONDS_MAX = 10.0
"""For a stranger to say who it is."""
SILENCE_SECONDS_MAX = 40.0
STILL_SECONDS = 15.0
MEETINGS_MAX = 8
"""At once, on one device."""
CHUNK_BYTES = 65_536

SessionOf = Callable[[], PeerSession]
Ended = Callable[[PeerSession, ZavaError | None], None]
"""Told of every meeting that has ended, and why if not in peace."""


class Meeting:
    """One side of one connection."""

    def __init__(
        self, session: PeerSession, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.session = session
        self._framed = FramedSession(session)
        self._reader = reader
        self._writer = writer
        self._lock = asyncio.Lock()
        self._news = asyncio.Event()

    def nudge(self) -> None:
        """Something was written here: offer it. Called on the loop."""
        self._news.set()

    def hang_up(self) -> None:
        """End the meeting; both sides notice."""
        self._writer.close()

    async def run(self) -> None:
        """Exchange until the other side hangs up; raises what ended it otherwise."""
        failed: BaseExceptionGroup[OSError | ZavaError] | None = None
        try:
            await self._say(self._framed.open)
            async with asyncio.TaskGroup() as tasks:
                telling = tasks.create_task(self._tell())
                await self._listen()
                telling.cancel()
        except* (OSError, ZavaError) as errors:  # those of both tasks may come at once
            failed = errors  # raised from in here, it would be a group up to Python 3.11.3
        finally:
            self._writer.close()
            with suppress(OSError):
                await self._writer.wait_closed()
        if failed is not None:
            raise _told(failed) from failed

    async def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + PROVE_SECONDS_MAX
        while True:
            proved = self.session.peer is not None
            until = loop.time() + SILENCE_SECONDS_MAX if proved else deadline
            try:
                async with asyncio.timeout_at(until):
                    chunk = await self._reader.read(CHUNK_BYTES)
            except TimeoutError as error:
                raise PeerUnreachable("The other device says nothing.") from error
            if not chunk:
                return
            await self._say(lambda heard=chunk: self._framed.feed(heard))  # type: ignore[misc]

    async def _tell(self) -> None:
        """Offer what is written meanwhile, and show that we are there."""
        while True:
            try:
                async with asyncio.timeout(STILL_SECONDS):
                    await self._news.wait()
            except TimeoutError:
                await self._say(self._framed.still)
            self._news.clear()
            await self._say(self._framed.more)

    async def _say(self, work: Callable[[], bytes]) -> None:
        async with self._lock:  # a session is one conversation, and its bytes are one stream
            answer = await asyncio.to_thread(work)
            if answer:
                self._writer.write(answer)
                await self._writer.drain()


def _told(errors: BaseExceptionGroup[OSError | ZavaError]) -> ZavaError:
    """The reason among them that has a name, or that the connection was cut."""
    known = errors.subgroup(ZavaError)
    if known is None:
        return PeerUnreachable("The connection to the other device was cut.")
    found: BaseException = known
    while isinstance(found, BaseExceptionGroup):
        found = found.exceptions[0]
    assert isinstance(found, ZavaError), "subgroup keeps nothing else"
    return found


async def dial(host: str, port: int, session: PeerSession) -> Meeting:
    """Connect to a device that listens; ``PeerUnreachable`` if none answers. Then ``run`` it."""
    try:
        async with asyncio.timeout(CONNECT_SECONDS_MAX):
            reader, writer = await asyncio.open_connection(host, port)
    except (OSError, TimeoutError) as error:
        raise PeerUnreachable("The other device cannot be reached from here.") from error
    return Meeting(session, reader, writer)


@asynccontextmanager
async def listening(
    host: str, port: int, session_of: SessionOf, ended: Ended
) -> AsyncIterator[tuple[int, set[Meeting]]]:
    """Meet whoever connects, while the block runs; (the port, the meetings under way)."""
    meetings: set[Meeting] = set()

    async def met(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(meetings) >= MEETINGS_MAX:
            writer.close()
            return
        meeting = Meeting(session_of(), reader, writer)
        meetings.add(meeting)
        failure: ZavaError | None = None
        try:
            await meeting.run()
        except ZavaError as error:
            failure = error
        finally:
            meetings.discard(meeting)
        ended(meeting.session, failure)

    server = await asyncio.start_server(met, host, port)
    try:
        yield server.sockets[0].getsockname()[1], meetings
    finally:
        server.close()
        for meeting in list(meetings):
            meeting.hang_up()
        await server.wait_closed()
