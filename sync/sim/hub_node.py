"""The hub as a process of the simulated world: requests in, answers and streams out, and death.

What HTTP does around the engine (``sync.web``) is done here in memory: the same packing, the same
questions to tokens and accounts, the same words for what is the hub's own fault.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from sync.core.decode import parse_object, replica_id
from sync.errors import HubFailed, StorageError, ZavaError, from_json
from sync.hub.accounts import Account, quick_hasher
from sync.hub.engine import Hub
from sync.hub.feed import Feed
from sync.hub.pages import Told, told
from sync.local.replica import Replica
from sync.peer.identity import Identity
from sync.sim.clocks import DriftingClock, SeededEntropy, TrueTime
from sync.sim.network import Connection, Network, Parcel
from sync.sim.storage import FaultyDatabase, copy_file, kill
from sync.wire.frames import FRAME_BYTES_MAX, Deflater, deflate, inflate
from sync.wire.messages import Docs, Message, Part

PASSWORD = "simulated"
KEEPALIVE_MS = 15_000
STREAM_MS_MAX = 3_600_000
PAGES_A_TICK_MAX = 4
"""How fast the hub writes to one device: a large snapshot takes several ticks."""

_OK, _NO = b"+", b"-"


@dataclass(eq=False, slots=True)
class Stream:
    """One open pull."""

    connection: Connection
    feed: Feed
    opening: Iterator[Message]
    opened_ms: int
    spoke_ms: int
    deflater: Deflater = field(default_factory=Deflater)
    is_open: bool = False


class HubNode:
    """The hub's file, the process over it while it runs, and its open streams."""

    def __init__(self, path: Path, time: TrueTime, network: Network, seed: int) -> None:
        self.path = path
        self.clock = DriftingClock(time)
        self._time = time
        self._network = network
        self._entropy = SeededEntropy(f"hub/{seed}")
        self._streams: dict[int, Stream] = {}
        self._hub: Hub | None = None

    @property
    def is_up(self) -> bool:
        """Whether the process runs."""
        return self._hub is not None

    @property
    def hub(self) -> Hub:
        """The running hub."""
        assert self._hub is not None
        return self._hub

    @property
    def replica(self) -> Replica:
        """The open replica."""
        return self.hub.replica

    @property
    def database(self) -> FaultyDatabase:
        """Its file, where faults are armed."""
        database = self.hub.replica.parts.database
        assert isinstance(database, FaultyDatabase)
        return database

    def start(self) -> None:
        """Open the file, as after every kill."""
        replica = Replica(FaultyDatabase(self.path), self.clock, self._entropy, "hub")
        self._hub = Hub.start(replica, self.clock, self._entropy, quick_hasher())

    def stop(self) -> None:
        """The process is killed; every connection breaks."""
        kill(self.database, self.path)
        self._hub = None
        for stream in self._streams.values():
            self._network.break_off(stream.connection)
        self._streams.clear()
        self._network.drop_all()

    def backup(self, target: Path) -> None:
        """Copy the file while the hub runs."""
        copy_file(self.path, target)

    def add_account(self, account: Account) -> None:
        """Add or change an account; everybody's password is the same."""
        self.hub.accounts.add(account, PASSWORD)

    def hang_up(self) -> None:
        """End every stream, as after an hour, so that rights are asked anew."""
        for stream in self._streams.values():
            self._network.break_off(stream.connection)
        self._streams.clear()

    def take(self, parcel: Parcel) -> None:
        """Handle one request. Its answer, or its stream, goes into the network."""
        connection = parcel.connection
        if not self.is_up:
            self._network.break_off(connection)
            return
        try:
            if connection.purpose == "pull":
                self._open(connection, self._identity(parcel.token), parcel.body)
                return
            body = _OK + self._answer(parcel)
        except ZavaError as error:
            body = _NO + json.dumps({"error": _told(error).to_json()}).encode()
        self._network.send(Parcel(connection, "answer", "down", body))

    def pump(self) -> None:
        """Write to every stream what it has not had yet."""
        for number, stream in list(self._streams.items()):
            if stream.connection.broken:
                del self._streams[number]
            elif not stream.feed.is_current() or self._is_old(stream):
                del self._streams[number]
                self._network.break_off(stream.connection)
            else:
                self._write(stream)

    def _is_old(self, stream: Stream) -> bool:
        return self._time.ms - stream.opened_ms > STREAM_MS_MAX

    def _answer(self, parcel: Parcel) -> bytes:
        if parcel.connection.purpose == "push":
            identity = self._identity(parcel.token)
            return deflate(self.hub.push(identity, inflate(parcel.body, FRAME_BYTES_MAX)))
        fields = parse_object(parcel.body)
        answer = self.hub.sign_in(
            *(fields["login"], fields["password"], replica_id(fields["replica_id"])),
            *(fields["device_name"], fields["key"]),
        )
        return json.dumps(answer).encode()

    def _identity(self, token: str) -> Identity:
        return self.hub.accounts.current(self.hub.tokens.verify(token))

    def _open(self, connection: Connection, identity: Identity, body: bytes) -> None:
        if connection.number in self._streams:
            return
        feed = self.hub.feed(identity, parse_object(body))
        now_ms = self._time.ms
        self._streams[connection.number] = Stream(connection, feed, feed.opening(), now_ms, now_ms)

    def _write(self, stream: Stream) -> None:
        for _ in range(PAGES_A_TICK_MAX):
            messages = self._next(stream)
            if not messages:
                break
            stream.spoke_ms = self._time.ms
            packed = stream.deflater.pack(b"".join(each.line for each in messages))
            stream.connection.made += [self._known(each.message) for each in messages]
            self._network.send(Parcel(stream.connection, "chunk", "down", packed))

    def _next(self, stream: Stream) -> list[Told]:
        if not stream.is_open:
            message = next(stream.opening, None)
            if message is not None:
                return [told(message)]
            stream.is_open = True
        messages = stream.feed.more()
        if not messages and self._time.ms - stream.spoke_ms >= KEEPALIVE_MS:
            return [told(stream.feed.ping())]
        return messages

    def _known(self, message: Message) -> int | None:
        """For the checkers: how far the log had come when whole documents were read."""
        has_whole = isinstance(message, Docs) or (isinstance(message, Part) and message.whole)
        return self.hub.replica.identity.seq if has_whole else None


def _told(error: ZavaError) -> ZavaError:
    """What a device hears of an error, as ``sync.web`` words it."""
    if isinstance(error, StorageError):
        return HubFailed("The hub could not do this because of a fault of its own.")
    return error


def opened(body: bytes) -> bytes:
    """The good answer in ``body``; raises the error it stands for."""
    if body[:1] == _OK:
        return body[1:]
    raise from_json(parse_object(body[1:])["error"])
