"""Devices that meet without the hub: the real sessions over the faulty network (S7)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sync.device.peering import credentials
from sync.errors import ZavaError
from sync.hub.permissions import access
from sync.local.replica import Replica
from sync.peer.ed25519 import Ed25519
from sync.peer.framed import FramedSession
from sync.peer.session import PeerSession
from sync.sim.clocks import TrueTime
from sync.sim.device_node import DeviceNode
from sync.sim.network import Connection, Network, Parcel, Way, Weather, link_between

SILENCE_MS_MAX = 20_000
STILL_MS = 8_000

Alive = Callable[[DeviceNode, Callable[[], None]], bool]
Note = Callable[[str], None]


@dataclass(eq=False, slots=True)
class End:
    """One side of a meeting: the process of a device as it was when the meeting began."""

    device: DeviceNode
    replica: Replica
    framed: FramedSession
    way: Way
    heard_ms: int
    spoke_ms: int
    over: bool = False

    @property
    def is_there(self) -> bool:
        """Whether that process still runs, and has not hung up."""
        return not self.over and self.device.is_up and self.device.replica is self.replica


class Meetings:
    """Every meeting under way, by its connection."""

    def __init__(self, time: TrueTime, network: Network, alive: Alive, note: Note) -> None:
        self._time = time
        self._network = network
        self._alive = alive
        self._note = note
        self._ends: dict[int, tuple[Connection, End, End]] = {}

    def begin(self, one: DeviceNode, other: DeviceNode, weather: Weather) -> Connection | None:
        """Two devices come into reach of each other; None where one of them is not able to."""
        link = link_between(one.number, other.number)
        self._network.set_weather(link, weather)
        connection = self._network.connect(link, "peer")
        ends = [end for end in (self._end(one, "up"), self._end(other, "down")) if end is not None]
        if len(ends) != 2:
            return None
        self._ends[connection.number] = (connection, ends[0], ends[1])
        for end in ends:
            self._work(connection, end, end.framed.open)
        return connection

    def part(self, connection: Connection) -> None:
        """They walk out of reach."""
        self._ends.pop(connection.number, None)
        connection.broken = True

    def part_all(self) -> None:
        """Nobody is near anybody any more."""
        for connection, _, _ in list(self._ends.values()):
            self.part(connection)

    def take(self, parcel: Parcel) -> None:
        """Something arrived at one side, or broke there."""
        if parcel.connection.number not in self._ends:
            return
        connection, one, other = self._ends[parcel.connection.number]
        end = one if parcel.way == "down" else other
        if parcel.kind == "broken":
            end.over = True
        else:
            end.heard_ms = self._time.ms
            self._work(connection, end, lambda: end.framed.feed(parcel.body))

    def step(self) -> None:
        """Offer what is new; give up who has been silent for long."""
        for connection, *ends in list(self._ends.values()):
            for end in ends:
                if self._time.ms - end.heard_ms > SILENCE_MS_MAX:
                    end.over = True
                self._work(connection, end, end.framed.more)
                if self._time.ms - end.spoke_ms > STILL_MS:
                    self._work(connection, end, end.framed.still)

    def _end(self, device: DeviceNode, way: Way) -> End | None:
        if not device.is_up:
            return None
        made: list[End] = []

        def make() -> None:
            try:
                own = credentials(device.replica, device.exchange.signed_in)
                session = PeerSession(device.replica, own, Ed25519(), access)
            except ZavaError as error:
                self._note(f"device {device.number} meets nobody: {error.code}")
                return
            now_ms = self._time.ms
            framed = FramedSession(session)
            made.append(End(device, device.replica, framed, way, now_ms, now_ms))

        self._alive(device, make)
        return made[0] if made else None

    def _work(self, connection: Connection, end: End, work: Callable[[], bytes]) -> None:
        """Let a side do something in its process, and send what it says."""
        said: list[bytes] = []

        def speak() -> None:
            try:
                said.append(work())
            except ZavaError as error:
                end.over = True
                self._note(f"device {end.device.number} ends a meeting: {error.code}")

        if end.is_there and self._alive(end.device, speak) and said and said[0]:
            end.spoke_ms = self._time.ms
            self._network.send(Parcel(connection, "chunk", end.way, said[0]))
