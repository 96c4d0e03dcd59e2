"""What happens in a run, fixed before it begins: a list of events, made from a seed by a profile.

The list is the run: leaving events out gives another, shorter run, which is how a failure is
shrunk, and a file of events replays without the code that made them.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sync.sim.clocks import START_MS
from sync.sim.ledger import HUB
from sync.sim.network import Weather
from sync.sim.wishes import wish
from sync.sim.workload import PEOPLE, STORES, WORK

HOUR_MS = 3_600_000
IN_2099_MS = 4_086_000_000_000
DEVICES_MAX = 6
"""Clones included."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens to a node at a tick. ``number`` stays the same when others go."""

    number: int
    tick: int
    kind: str
    node: int
    detail: dict[str, Any]

    def to_json(self) -> list[Any]:
        return [self.number, self.tick, self.kind, self.node, self.detail]

    @classmethod
    def from_json(cls, data: list[Any]) -> Event:
        return cls(*data)


@dataclass(frozen=True, slots=True)
class Profile:
    """How often things happen, as chances per tick; ``rough`` scales the weather from 0 to 1."""

    name: str
    work: float
    rough: float = 0.0
    weather: float = 0.0
    crash: float = 0.0
    disk_full: float = 0.0
    hub_crash: float = 0.0
    clock: float = 0.0
    copies: float = 0.0
    hub_restore: float = 0.0
    people: float = 0.0
    switch: float = 0.0
    meet: float = 0.0
    wishes: float = 0.0


PROFILES = {
    profile.name: profile
    for profile in (
        Profile("calm", work=0.10, rough=0.1, weather=0.005, switch=0.01),
        Profile("rough", 0.12, 0.5, 0.02, 0.006, 0.003, 0.004, clock=0.002, switch=0.01),
        Profile("clocks", 0.12, 0.4, 0.02, 0.002, clock=0.02, switch=0.01),
        Profile("scopes", 0.12, 0.4, 0.02, 0.002, people=0.02, switch=0.01, wishes=0.02),
        Profile("copies", 0.12, 0.4, 0.02, 0.004, copies=0.012, switch=0.01),
        Profile(
            name="peers",
            **{"work": 0.12, "rough": 0.4, "weather": 0.03, "crash": 0.004, "disk_full": 0.002},
            **{"hub_crash": 0.002, "clock": 0.003, "people": 0.004, "switch": 0.02, "meet": 0.04},
        ),
        Profile(
            name="brutal",
            **{"work": 0.15, "rough": 1.0, "weather": 0.03, "crash": 0.012, "disk_full": 0.006},
            **{"hub_crash": 0.008, "clock": 0.006, "copies": 0.004, "hub_restore": 0.002},
            **{"people": 0.005, "switch": 0.01, "wishes": 0.006},
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Scenario:
    """A whole run: who is there, how long, and what happens."""

    seed: int
    profile: str
    ticks: int
    logins: tuple[str, ...]
    events: tuple[Event, ...]


def scenario(seed: int, profile: Profile, ticks: int) -> Scenario:
    """The run of a seed."""
    chance = random.Random(f"schedule/{profile.name}/{seed}")
    people = chance.sample(PEOPLE, chance.randint(2, 4))
    logins = tuple(person.login for person in people)
    if chance.random() < 0.5:  # two devices of one person
        logins = (*logins, chance.choice(logins))
    events = tuple(
        Event(number, tick, kind, node, detail)
        for number, (tick, kind, node, detail) in enumerate(
            _events(chance, profile, ticks, logins), start=1
        )
    )
    return Scenario(seed, profile.name, ticks, logins, events)


_Draft = tuple[int, str, int, dict[str, Any]]


def _events(
    chance: random.Random, profile: Profile, ticks: int, logins: tuple[str, ...]
) -> Iterator[_Draft]:
    roles = {person.login: person.role for person in PEOPLE}
    rates: dict[str, tuple[float, Callable[[random.Random, float], dict[str, Any]]]] = {
        "weather": (profile.weather, _weather),
        "crash": (profile.crash, _crash),
        "disk_full": (profile.disk_full, _disk_full),
        "clock": (profile.clock, _clock),
        "copies": (profile.copies, _copies),
        "people": (profile.people, _people),
        "switch": (profile.switch, _switch),
    }
    if profile.wishes:
        rates["wishes"] = (profile.wishes, wish)
    for node in range(len(logins)):
        yield 0, "weather", node, _weather(chance, profile.rough)
    for tick in range(1, ticks):
        for node, login in enumerate(logins):
            if chance.random() < profile.work:
                yield tick, "act", node, _act(chance, roles[login])
            for kind, (rate, make) in rates.items():
                if chance.random() < rate:
                    yield tick, kind, node, make(chance, profile.rough)
            if profile.meet and chance.random() < profile.meet:
                yield tick, "meet", node, _meet(chance, profile.rough, node, len(logins))
        if chance.random() < profile.work / 4:
            yield tick, "act", HUB, _act(chance, "hub")
        if chance.random() < profile.hub_crash:
            yield tick, "crash", HUB, _crash(chance, profile.rough)
        if chance.random() < profile.disk_full:
            yield tick, "disk_full", HUB, _disk_full(chance, profile.rough)
        if chance.random() < profile.hub_restore * 2:
            yield tick, "copies", HUB, {"way": chance.choice(("backup", "restore"))}


def _act(chance: random.Random, role: str) -> dict[str, Any]:
    return {"verb": chance.choice(WORK[role]), "chance": chance.randrange(1 << 30)}


def _weather(chance: random.Random, rough: float) -> dict[str, Any]:
    """Fair now and then, even in the roughest profile, or nothing would ever get through."""
    if chance.random() < 0.3:
        return {}
    slow = chance.random() < 0.3 * rough
    shut = chance.random() < 0.4 * rough
    return Weather(
        loss=round(chance.random() * 0.3 * rough, 3),
        twice=round(chance.random() * 0.4 * rough, 3),
        cut=round(chance.random() * 0.3 * rough, 3),
        delay_ms_max=50 + chance.randrange(1 + int(8_000 * rough)),
        bytes_per_second=chance.choice((100, 400, 2_000)) if slow else 0,
        flap_ms=chance.choice((2_000, 7_000, 20_000)) if chance.random() < 0.2 * rough else 0,
        up=not (shut and chance.random() < 0.7),
        down=not (shut and chance.random() < 0.7),
    ).to_json()


def _crash(chance: random.Random, rough: float) -> dict[str, Any]:
    """Within the next so many statements, or between two transactions."""
    return {
        "statements": chance.randint(1, 120),
        "moment": chance.choice(("before", "after")),
        "down": chance.randint(1, 20),
    }


def _disk_full(chance: random.Random, rough: float) -> dict[str, Any]:
    return {"statements": chance.randint(1, 60)}


def _clock(chance: random.Random, rough: float) -> dict[str, Any]:
    way = chance.randrange(6)
    if way == 0:
        return {"set": 0}
    if way == 1:
        return {"set": IN_2099_MS}
    if way == 2:
        return {"set": START_MS}
    hours = chance.choice((-30, -3, -1, 1, 3, 30))
    return {"step": hours * HOUR_MS if way < 5 else chance.randint(-400_000, 400_000)}


def _copies(chance: random.Random, rough: float) -> dict[str, Any]:
    return {"way": chance.choice(("backup", "backup", "restore", "clone"))}


def _people(chance: random.Random, rough: float) -> dict[str, Any]:
    """An account changes, or somebody else takes the device."""
    way = chance.choice(("store", "role", "disable", "enable", "hand_over", "hang_up"))
    return {
        "way": way,
        "store": chance.randrange(len(STORES)),
        "role": chance.choice(("worker", "rep", "manager")),
        "login": chance.choice(PEOPLE).login,
    }


def _meet(chance: random.Random, rough: float, node: int, devices: int) -> dict[str, Any]:
    """Two people stand together for a while."""
    return {
        "with": (node + chance.randrange(1, devices)) % devices,
        "ticks": chance.randint(2, 40),
        "weather": _weather(chance, rough),
    }


def _switch(chance: random.Random, rough: float) -> dict[str, Any]:
    return {"ticks": chance.randint(2, 60)}
