"""A network that loses, repeats, delays, reorders and cuts, by the book of a seed (S1, S2).

It carries the real bytes of a session. A *parcel* is a whole request, a whole answer, or one chunk
of a stream. Requests and answers overtake one another; the chunks of one stream keep their order,
as on TCP, until something is lost, and then nothing more of that stream arrives.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal, TypeAlias

from sync.sim.clocks import TrueTime

Way: TypeAlias = Literal["up", "down"]
Kind: TypeAlias = Literal["request", "answer", "chunk", "broken"]
Purpose: TypeAlias = Literal["sign-in", "push", "pull", "peer"]
BROKEN_HEARD = 0.5
"""How often a broken connection is noticed at once, not only by its silence."""
TWICE_LATE_MS_MAX = 60_000
"""How much later the second copy of a request may come."""


@dataclass(frozen=True, slots=True)
class Weather:
    """What a link does to parcels. Chances are of one parcel; ``bytes_per_second`` 0 is no bound.

    ``flap_ms`` opens and closes the link in turn, for that long each; 0 leaves it open.
    """

    loss: float = 0.0
    twice: float = 0.0
    cut: float = 0.0
    delay_ms_min: int = 5
    delay_ms_max: int = 50
    bytes_per_second: int = 0
    flap_ms: int = 0
    up: bool = True
    down: bool = True

    def to_json(self) -> dict[str, Any]:
        """Only what differs from fair weather."""
        fair = asdict(Weather())
        return {name: value for name, value in asdict(self).items() if value != fair[name]}


FAIR = Weather()
_PEER_LINK = 1_000
_DEVICES = 100


def link_between(one: int, other: int) -> int:
    """The link of two devices, beside those to the hub, which are named by the device."""
    return _PEER_LINK + one * _DEVICES + other


@dataclass(eq=False, slots=True)
class Connection:
    """One request with its answer, or one stream. ``made`` remembers, for the checkers, what the
    hub knew when it wrote each line of a stream."""

    number: int
    device: int
    purpose: Purpose
    broken: bool = False
    last_ready_ms: int = 0
    made: list[int | None] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Parcel:
    """Bytes on their way."""

    connection: Connection
    kind: Kind
    way: Way
    body: bytes
    token: str = ""


class Network:
    """Every link between a device and the hub, named by the device's number, and between two
    devices (``link_between``), of which the first one's parcels go up."""

    def __init__(self, time: TrueTime, seed: int) -> None:
        self._time = time
        self._seed = seed
        self._weather: dict[int, Weather] = {}
        self._free_at_ms: dict[tuple[int, Way], int] = {}
        self._waiting: list[tuple[int, int, Parcel]] = []
        self._sent = 0
        self._connections = 0

    def connect(self, device: int, purpose: Purpose) -> Connection:
        """A new connection of a device."""
        self._connections += 1
        return Connection(self._connections, device, purpose)

    def set_weather(self, device: int, weather: Weather) -> None:
        """From now on, this is how the link is."""
        self._weather[device] = weather

    def weather(self, device: int) -> Weather:
        """How the link of a device is now."""
        return self._weather.get(device, FAIR)

    def clear_up(self) -> None:
        """Fair weather everywhere; what is under way still arrives."""
        self._weather.clear()

    def is_open(self, device: int, way: Way) -> bool:
        """Whether anything passes now."""
        weather = self.weather(device)
        opened = weather.up if way == "up" else weather.down
        flapped = weather.flap_ms and (self._time.ms // weather.flap_ms) % 2
        return opened and not flapped

    def send(self, parcel: Parcel) -> None:
        """Give a parcel to the network, which does with it what the weather says."""
        connection, way = parcel.connection, parcel.way
        weather = self.weather(connection.device)
        chance = self._chance(connection.device, way)
        if connection.broken:
            return
        if not self.is_open(connection.device, way) or chance.random() < weather.loss:
            self._lose(parcel, chance)
            return
        if chance.random() < weather.cut:
            self._cut(parcel, chance)
            return
        self._put(parcel, self._ready_ms(parcel, chance))
        if parcel.kind == "request" and chance.random() < weather.twice:
            self._put(parcel, self._ready_ms(parcel, chance) + chance.randrange(TWICE_LATE_MS_MAX))

    def arrivals(self) -> Iterator[Parcel]:
        """Parcels due by now, in the order in which they arrive; what they cause may join them."""
        while self._waiting and self._waiting[0][0] <= self._time.ms:
            _, _, parcel = heapq.heappop(self._waiting)
            if parcel.kind == "broken" or self.is_open(parcel.connection.device, parcel.way):
                yield parcel
            elif parcel.kind == "chunk":
                parcel.connection.broken = True

    @property
    def is_idle(self) -> bool:
        """Whether no request is under way any more."""
        return not any(parcel.kind == "request" for _, _, parcel in self._waiting)

    def drop_all(self) -> None:
        """The hub died: every connection breaks, and some devices notice."""
        waiting, self._waiting = self._waiting, []
        seen: set[int] = set()
        for ready_ms, order, parcel in sorted(waiting, key=lambda item: item[:2]):
            if parcel.way == "up" or parcel.connection.purpose == "peer":
                heapq.heappush(self._waiting, (ready_ms, order, parcel))
            elif parcel.connection.number not in seen:
                seen.add(parcel.connection.number)
                self.break_off(parcel.connection)

    def break_off(self, connection: Connection) -> None:
        """One side is gone; the other may hear of it."""
        if not connection.broken:
            connection.broken = True
            chance = self._chance(connection.device, "down")
            if chance.random() < BROKEN_HEARD:
                self._put(Parcel(connection, "broken", "down", b""), self._time.ms)

    def _lose(self, parcel: Parcel, chance: random.Random) -> None:
        if parcel.kind == "chunk":
            self.break_off(parcel.connection)
        elif chance.random() < BROKEN_HEARD:
            self._put(Parcel(parcel.connection, "broken", "down", b""), self._time.ms)

    def _cut(self, parcel: Parcel, chance: random.Random) -> None:
        """Part of a chunk arrives; of a request or an answer nothing does, and both sides know."""
        if parcel.kind == "chunk" and parcel.body:
            part = replace(parcel, body=parcel.body[: chance.randrange(len(parcel.body))])
            self._put(part, self._ready_ms(parcel, chance))
            parcel.connection.broken = True
        ready_ms = max(parcel.connection.last_ready_ms, self._time.ms)
        self._put(Parcel(parcel.connection, "broken", "down", b""), ready_ms)

    def _ready_ms(self, parcel: Parcel, chance: random.Random) -> int:
        connection, weather = parcel.connection, self.weather(parcel.connection.device)
        ready_ms = self._time.ms + chance.randint(weather.delay_ms_min, weather.delay_ms_max)
        if weather.bytes_per_second:
            lane = (connection.device, parcel.way)
            starts_ms = max(self._time.ms, self._free_at_ms.get(lane, 0))
            self._free_at_ms[lane] = (
                starts_ms + len(parcel.body) * 1_000 // weather.bytes_per_second
            )
            ready_ms = max(ready_ms, self._free_at_ms[lane])
        if parcel.kind == "chunk":
            ready_ms = connection.last_ready_ms = max(ready_ms, connection.last_ready_ms)
        return ready_ms

    def _put(self, parcel: Parcel, ready_ms: int) -> None:
        self._sent += 1
        heapq.heappush(self._waiting, (ready_ms, self._sent, parcel))

    def _chance(self, device: int, way: Way) -> random.Random:
        """Chance of one parcel: drawn from where and when it is sent, so that leaving one event out
        of a run does not change the fate of every parcel after it."""
        self._sent += 1
        return random.Random(f"{self._seed}/{device}/{way}/{self._time.ms}/{self._sent & 7}")
