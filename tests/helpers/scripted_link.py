"""A hub link that does what a test tells it to, one attempt after another."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from typing import Any

from sync.core.batch import digest_of
from sync.core.decode import decode
from sync.device.profile import Profile, SignedIn
from sync.device.session import Session
from sync.ids import UserId
from sync.local import Replica
from sync.ports import Clock
from sync.wire.messages import Cursor, Message, Push, PushReply
from tests.helpers.clocks import DAY_MS, NOON_MS, FixedClock
from tests.helpers.replicas import PaperHub

ANA = SignedIn(
    Profile(
        user_id=UserId("user_ana"),
        login="ana",
        display_name="Ana",
        role="worker",
        store_id="store_seattle",
        store_code="SEA",
        device_code="A1",
        device_name="Ana's handheld",
        expires_at_ms=NOON_MS + DAY_MS,
    ),
    token="token",
    hub_id="hub",
)


HELLO = "hello"


class NoChance:
    """Entropy that is always nothing, so that every pause after a failure is over at once."""

    def draw(self, count: int) -> bytes:
        return bytes(count)


class AllChance:
    """Entropy that makes every pause as long as it can be."""

    def draw(self, count: int) -> bytes:
        return b"\xff" * count


class ScriptedLink:
    """Stands where ``HubLink`` stands.

    Each item of ``pulls`` is one attempt: an error to raise, or a list of messages to send before
    ending, ``HELLO`` and errors among them. When the script is over, the hub is well: it says hello
    and stays. ``pushes`` likewise: an error, a number to acknowledge, or None to take everything.
    """

    def __init__(self, pulls: Sequence[Any] = (), pushes: Sequence[Any] = ()) -> None:
        self.hub = PaperHub()
        self.pulls = list(pulls)
        self.pushes = list(pushes)
        self.cursors: list[Cursor] = []
        self.pushed: list[list[bytes]] = []
        self.streams: list[asyncio.Queue[list[Message] | Exception | None]] = []
        self.open_pulls = 0
        self.closed = False

    async def close(self) -> None:
        self.closed = True

    async def pull(self, token: str, cursor: Cursor) -> AsyncGenerator[list[Message], None]:
        self.cursors.append(cursor)
        self.open_pulls += 1
        try:
            for item in self._script():
                if isinstance(item, Exception):
                    raise item
                yield [self.hub.hello()] if item == HELLO else item
            if self.scripted:
                return
            stream: asyncio.Queue[list[Message] | Exception | None] = asyncio.Queue()
            self.streams.append(stream)
            while (item := await stream.get()) is not None:
                if isinstance(item, Exception):
                    raise item
                yield item
        finally:
            self.open_pulls -= 1

    def _script(self) -> list[Any]:
        self.scripted = bool(self.pulls)
        if not self.pulls:
            return [[self.hub.hello()]]
        script = self.pulls.pop(0)
        return [script] if isinstance(script, Exception) else script

    async def push(self, token: str, push: Push) -> PushReply:
        batches = list(push.batches)
        self.pushed.append(batches)
        script = self.pushes.pop(0) if self.pushes else None
        if isinstance(script, Exception):
            raise script
        newest = decode(batches[-1]).n
        if script is None and self.streams:
            self.say(*(self.hub.accept(batch) for batch in batches if self._is_news(batch)))
        return PushReply(newest if script is None else script, self.hub.time_ms)

    def _is_news(self, batch: bytes) -> bool:
        return digest_of(batch) not in {digest_of(each) for each in self.hub.kept}

    def say(self, *messages: Message) -> None:
        """Send on the stream that is open."""
        self.streams[-1].put_nowait([*messages])

    def end(self, error: Exception | None = None) -> None:
        """End the stream that is open."""
        self.streams[-1].put_nowait(error)


def session_of(
    replica: Replica, link: ScriptedLink, *, clock: Clock | None = None, entropy: Any = None
) -> Session:
    """A session of Ana's on this link, not started."""
    session = Session(
        replica,
        link,  # type: ignore[arg-type]
        clock or FixedClock(),
        entropy or NoChance(),
        ANA,
    )
    replica.author = ANA.profile.user_id
    return session
