"""A hub under load: fan-out to all devices of a chain (W6), what goes in, what goes out to one.

The hub is a process of its own, started as an operator starts it. Its clients are one process that
reads and one that writes (``crowd``). Eight stores with twenty-five devices each, every device of a
person of its own; a write concerns the devices of its store. Beside wall-clock time stands what the
hub's process worked for each op it delivered: that hardly depends on who else keeps a machine busy.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, TypeAlias

from benchmarks.measure import Figure, amount, duration
from sync.hub import Account, Hub
from sync.hub.accounts import quick_hasher
from sync.ids import UserId
from sync.local.replica import Replica
from sync.system import SystemClock, SystemEntropy

STORES, DEVICES_A_STORE, SHELVES_A_STORE, PRODUCTS = 8, 25, 1_000, 400
WRITES_A_SECOND, WRITES_A_DEVICE = 1_000, 50
IN_BATCHES, OUT_BATCHES, BATCHES_A_PUSH = 4_000, 4_000, 100
COUNTED_AT_ONCE = 10
"""Shelves in one transaction where a batch has several: a walk along an aisle."""
SECONDS_MAX = 120
PASSWORD = "drill-42"
CONNECTIONS_MAX = 1_000
ROUNDS_MAX = 5
_TICKS = os.sysconf("SC_CLK_TCK")

Found: TypeAlias = dict[str, list[float]]
Waits: TypeAlias = dict[int, int]
"""How many deliveries took so many milliseconds."""
Run: TypeAlias = "Callable[[Scene, Waits], Iterable[tuple[str, float]]]"


def figures(rounds: int) -> list[Figure]:
    """Every figure of this suite."""
    found, waits = _measured(rounds, lambda *each: chain(_fan_out(*each), _in_and_out(each[0])))
    return [*_of_fan_out(found, waits), *_of_in_and_out(found)]


def fan_out(rounds: int) -> list[Figure]:
    """Those of the fan-out alone."""
    return _of_fan_out(*_measured(rounds, _fan_out))


def _measured(rounds: int, run: Run) -> tuple[Found, Waits]:
    found: Found = {}
    waits: Waits = {}
    for _ in range(min(rounds, ROUNDS_MAX)):
        with Scene.made() as scene:
            for name, value in run(scene, waits):
                found.setdefault(name, []).append(value)
    return found, waits


def _of_fan_out(found: Found, waits: Waits) -> list[Figure]:
    many = f"{STORES * DEVICES_A_STORE} devices, {WRITES_A_SECOND:,} writes/s"
    return [
        *(
            duration(f"fan-out: {many}, p{p}", [_percentile(waits, p) / 1e3], goal)
            for p, goal in ((50, ""), (95, "≤ 250 ms"), (99, ""))
        ),
        amount("fan-out: writes that did not arrive", found["lacking"], "0"),
        amount("fan-out: ops delivered a second", found["delivered"]),
        amount("fan-out: processors that the hub keeps busy", found["hub share"]),
        duration("fan-out: the hub worked for one op delivered", found["hub an op"]),
        amount("fan-out: processors that readers and writers keep busy", found["crowd share"]),
        duration("fan-out: a reader worked for one op", found["reader an op"]),
    ]


def _of_in_and_out(found: Found) -> list[Figure]:
    return [
        line
        for ops in (1, COUNTED_AT_ONCE)
        for line in (
            amount(f"in: ops a second, {ops} a batch", found[f"in {ops}"], "≥ 4,000"),
            duration(f"in: the hub worked for one op, {ops} a batch", found[f"in an op {ops}"]),
            amount(f"out: ops a second, {ops} a batch", found[f"out {ops}"], "≥ 20,000"),
            duration(f"out: the hub worked for one op, {ops} a batch", found[f"out an op {ops}"]),
        )
    ]


def _percentile(counts: Waits, percent: int) -> int:
    """The value that so many percent do not pass."""
    left = sum(counts.values()) * percent / 100
    for value in sorted(counts):
        left -= counts[value]
        if left <= 0:
            return value
    return 0


def _fan_out(scene: Scene, waits: Waits) -> Iterator[tuple[str, float]]:
    devices = scene.devices
    written = DEVICES_A_STORE * WRITES_A_DEVICE
    reading = {
        "does": "read",
        "waits_for_end": True,
        "parts": {each["replica"]: written for each in devices},
        "requests": {each["replica"]: scene.cursor(each) for each in devices},
    }
    paced = {"a_second": WRITES_A_SECOND / len(devices), "batches": WRITES_A_DEVICE, "ops": 1}
    scene.readers.begin(devices, reading)
    before = scene.worked()
    scene.writers.begin(devices, {"does": "write", **paced})
    wrote = scene.writers.end()
    read = scene.readers.end()
    worked = scene.worked() - before
    scene.ends = read["ends"]
    for ms, count in read["waits_ms"]:
        waits[ms] = waits.get(ms, 0) + count
    if read["refused"]:
        raise RuntimeError(f"the hub refused {read['refused']} writes")
    yield "lacking", read["lacking"]
    yield "delivered", read["ops"] / read["seconds"]
    yield "hub share", worked / read["seconds"]
    yield "crowd share", (read["worked"] + wrote["worked"]) / read["seconds"]
    yield "hub an op", worked / read["ops"]
    yield "reader an op", read["worked"] / read["ops"]


def _in_and_out(scene: Scene) -> Iterator[tuple[str, float]]:
    writer, reader = scene.devices[0], scene.devices[1]
    for ops in (1, COUNTED_AT_ONCE):
        started = scene.caught_up(reader)
        batches = IN_BATCHES // (1 if ops == 1 else 4)
        before = scene.worked()
        plan = {"does": "write", "batches": batches, "ops": ops, "at_once": BATCHES_A_PUSH}
        scene.writers.begin([writer], plan)
        took = scene.writers.end()["seconds"]
        yield f"in {ops}", batches * ops / took
        yield f"in an op {ops}", (scene.worked() - before) / batches / ops
        before = scene.worked()
        asked = {"requests": {reader["replica"]: scene.cursor(reader, started)}}
        plan = {"does": "read", "parts": {reader["replica"]: batches}, **asked}
        scene.readers.begin([reader], plan)
        read = scene.readers.end()
        if read["ops"] != batches * ops:
            raise RuntimeError(f"{read['ops']} ops came, not {batches * ops}")
        yield f"out {ops}", read["ops"] / read["seconds"]
        yield f"out an op {ops}", (scene.worked() - before) / read["ops"]


@dataclass
class Crowd:
    """One process of clients."""

    process: subprocess.Popen[str]
    port: int

    def begin(self, devices: list[dict[str, Any]], plan: dict[str, Any]) -> None:
        """Start a plan; returns once the clients are ready."""
        assert self.process.stdin is not None
        whole = {"seconds_max": SECONDS_MAX, "port": self.port, "devices": devices, **plan}
        self.process.stdin.write(json.dumps(whole) + "\n")
        self.process.stdin.flush()
        self.end()

    def end(self) -> dict[str, Any]:
        """What came of it."""
        assert self.process.stdout is not None
        found: dict[str, Any] = json.loads(self.process.stdout.readline())
        return found


@dataclass
class Scene:
    """A hub with data, devices that are signed in, and two crowds."""

    hub: subprocess.Popen[str]
    readers: Crowd
    writers: Crowd
    devices: list[dict[str, Any]]
    ends: dict[str, tuple[int, str, str]]

    @classmethod
    @contextmanager
    def made(cls) -> Iterator[Scene]:
        """All of it, until the block ends."""
        with tempfile.TemporaryDirectory(prefix="zava-fanout-") as folder, ExitStack() as held:
            path = Path(folder) / "hub.sqlite3"
            devices = _prepared(path)
            hub = held.enter_context(_process(_HUB, str(path)))
            assert hub.stdout is not None
            port = json.loads(hub.stdout.readline())["ready"]["port"]
            crowds = [
                Crowd(held.enter_context(_process(["benchmarks.crowd"])), port) for _ in range(2)
            ]
            yield cls(hub, *crowds, devices, {})

    def worked(self) -> float:
        """Seconds of processor time of the hub's process so far."""
        fields = Path(f"/proc/{self.hub.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def cursor(
        self, device: dict[str, Any], read: tuple[int, str, str] = (0, "", "")
    ) -> dict[str, Any]:
        """What opens a pull of a device that has read so far."""
        at, chain, scope = read
        epoch = {"v": 1, "name": "Bench", "epoch": "", "subscriptions": []}
        return {**epoch, "replica": device["replica"], "seq": at, "g": chain, "scope": scope}

    def caught_up(self, device: dict[str, Any]) -> tuple[int, str, str]:
        """Where a device stands that has read everything there is."""
        asked = {"requests": {device["replica"]: self.cursor(device)}}
        none = {"parts": {}, "waits_for_end": True}
        self.readers.begin([device], {"does": "read", **none, **asked})
        at, chain, scope = self.readers.end()["ends"][device["replica"]]
        return at, chain, scope


_HUB = ["sync.serve", "--json", "--port", "0", "--until-stdin-closes"]
_HUB += ["--connections-per-address", str(CONNECTIONS_MAX), "--data"]


@contextmanager
def _process(module: list[str], *arguments: str) -> Iterator[subprocess.Popen[str]]:
    pipe = subprocess.PIPE
    command = [sys.executable, "-m", *module, *arguments]
    ends: dict[str, Any] = {"stdin": pipe, "stdout": pipe, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, text=True, **ends) as process:
        try:
            yield process
        finally:
            process.kill()


def _prepared(path: Path) -> list[dict[str, Any]]:
    """Fill a hub's file and sign every device in, each with a person of its own."""
    clock, entropy = SystemClock(), SystemEntropy()
    replica = Replica.open(path, clock=clock, entropy=entropy, kind="hub")
    with closing(Hub.start(replica, clock, entropy, quick_hasher())) as hub:
        for store in range(STORES):
            with hub.replica.transaction() as tx:
                for number in range(SHELVES_A_STORE):
                    tx.insert("inventory", _shelf(store, number))
        with hub.replica.transaction() as tx:
            for number in range(PRODUCTS):
                tx.insert("products", {"_id": f"prod_{number:05}", "product_name": f"P {number}"})
        return [_device(hub, store, n) for store in range(STORES) for n in range(DEVICES_A_STORE)]


def _shelf(store: int, number: int) -> dict[str, Any]:
    shelf = {"_id": f"inv_{store}_{number:05}", "store_id": f"store_{store}", "stock_level": 500}
    place = {"aisle": str(number % 12), "shelf": str(number % 5), "bin": str(number % 31)}
    return {**shelf, "product_id": f"prod_{number:05}", "location": place, "notes": ""}


def _device(hub: Hub, store: int, number: int) -> dict[str, Any]:
    login = f"w{store}_{number}"
    account = Account(login, UserId(f"user_{login}"), "worker", f"store_{store}", f"S{store}", "W")
    hub.accounts.add(account, PASSWORD)
    replica = SystemEntropy().draw(16).hex()
    answer = hub.sign_in(login, PASSWORD, replica, f"Handheld {number}")  # type: ignore[arg-type]
    numbers = ((number * 37 + i) % SHELVES_A_STORE for i in range(SHELVES_A_STORE))
    shelves = [_shelf(store, each)["_id"] for each in numbers]
    told = {"replica": replica, "user": account.user_id, "token": answer["token"]}
    return {**told, "shelves": shelves}
