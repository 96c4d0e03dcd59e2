"""One simulated world: true time, a network, a hub, devices, and the book of what they did.

The world lets parcels arrive and nodes act, buries processes that die and starts them again. It
decides nothing (``happenings`` carry out what a schedule says) and judges nothing (``checkers``).
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Sequence
from hashlib import blake2b
from pathlib import Path
from zlib import crc32

from sync.core.decode import decode
from sync.errors import DataError, StorageError
from sync.local.oplog import Log
from sync.sim.clocks import DriftingClock, TrueTime
from sync.sim.device_node import DeviceNode
from sync.sim.history import History
from sync.sim.hub_node import HubNode
from sync.sim.ledger import HUB, Act, Ledger, fingerprint_of
from sync.sim.meetings import Meetings
from sync.sim.network import Network, Parcel
from sync.sim.schedule import Event, Scenario
from sync.sim.screens import Screens
from sync.sim.storage import Crash, FaultyDatabase, kill
from sync.sim.workload import PEOPLE, STORES, VERBS, Hand, opening_stock
from sync.wire.messages import Message

TICK_MS = 1_000
TRACE_LINES_MAX = 300
DRIFT_PPM_MAX = 2_000
"""Two seconds in a thousand: worse than any crystal, so that a short run sees it."""
RESTART_TICKS = 2
LOOK_TICKS = 7
"""How often people look at their screens."""


class World:
    """Everything there is in one run."""

    def __init__(self, scenario: Scenario, folder: Path) -> None:
        self.folder = folder
        self.seed = scenario.seed
        self.time = TrueTime()
        self.network = Network(self.time, scenario.seed)
        self.ledger = Ledger()
        self.history = History(self.ledger)
        self.hub = HubNode(folder / "hub.db", self.time, self.network, scenario.seed)
        self.devices: list[DeviceNode] = []
        self.screens: dict[int, Screens] = {}
        self.meetings = Meetings(self.time, self.network, self.alive, self.note)
        self._held: dict[int, set[int]] = {}
        self.tick = 0
        self.lines: deque[str] = deque(maxlen=TRACE_LINES_MAX)
        self.counts: dict[str, int] = {}
        self._digest = blake2b(digest_size=16)
        self._due: dict[int, list[Callable[[], None]]] = {}
        self._open(scenario.logins)

    def _open(self, logins: Sequence[str]) -> None:
        self.hub.start()
        for person in PEOPLE:
            self.hub.add_account(person)
        replica = self.hub.replica
        with replica.transaction() as tx:
            for collection, document in opening_stock():
                tx.insert(collection, document)
        hand = Hand(replica, tx, 0, STORES[0], random.Random(0))
        hand.documents = [(collection, document["_id"]) for collection, document in opening_stock()]
        self._write_down(HUB, "open", hand, replica.parts.log, replica.id, replica.identity.n)
        for login in logins:
            self.revive(self.add_device(login))

    def close(self) -> None:
        """Close every file."""
        for node in self.nodes:
            if node.is_up:
                node.replica.close()

    @property
    def nodes(self) -> list[DeviceNode | HubNode]:
        """The hub and every device."""
        return [self.hub, *self.devices]

    def add_device(self, login: str) -> DeviceNode:
        """One more device, not running; its file may be there already."""
        number = len(self.devices)
        drift = random.Random(f"drift/{self.seed}/{number}")
        clock = DriftingClock(self.time, drift.randint(-DRIFT_PPM_MAX, DRIFT_PPM_MAX))
        path = self.folder / f"device_{number}.db"
        device = DeviceNode(number, login, path, clock, self.time, self.seed)
        device.watch = self._watch
        self.devices.append(device)
        return device

    @property
    def digest(self) -> str:
        """A digest of everything that has happened so far."""
        return self._digest.hexdigest()

    def note(self, line: str) -> None:
        """Write a line of the trace."""
        text = f"{self.tick} {line}"
        self.lines.append(text)
        self._digest.update(text.encode())

    def count(self, what: str, by: int = 1) -> None:
        """Count something for the summary."""
        self.counts[what] = self.counts.get(what, 0) + by

    def at(self, tick: int, what: Callable[[], None]) -> None:
        """Have something done at a later tick."""
        self._due.setdefault(max(tick, self.tick + 1), []).append(what)

    def step(self, happen: Callable[[], None]) -> None:
        """One tick: what was due, what happens now, arrivals, then everybody's turn."""
        self.tick += 1
        self.time.ms += TICK_MS
        for what in self._due.pop(self.tick, ()):
            what()
        happen()
        for parcel in self.network.arrivals():
            self._arrive(parcel)
        for device in self.devices:
            self._turn(device)
        self.meetings.step()
        for device in self.devices:
            self._look_at_held(device)
        if self.hub.is_up:
            self.follow_hub()
            self.alive(self.hub, self.hub.pump)

    def follow_hub(self) -> None:
        """Have the history read what the hub has logged."""
        with self.hub.database.watched():
            self.history.follow(self.hub.replica)

    def _turn(self, device: DeviceNode) -> None:
        if device.is_up:
            self.alive(device, lambda: device.step(self.network))
        if device.is_up and (self.tick + device.number) % LOOK_TICKS == 0:
            self.alive(device, self.screens[device.number].look)

    def alive(self, node: DeviceNode | HubNode, work: Callable[[], None]) -> bool:
        """Do something in the process of a node; whether it survived."""
        try:
            work()
        except Crash:
            self.bury(node, RESTART_TICKS)
            return False
        return True

    def bury(self, node: DeviceNode | HubNode, ticks: int) -> None:
        """A process died; it starts again after some ticks."""
        if node.is_up:
            self.note(f"{name(node)} dies")
            self.count("crashes")
            node.stop()
            self.at(self.tick + ticks, lambda: self.revive(node))

    def revive(self, node: DeviceNode | HubNode) -> None:
        """Start the process of a node, if it is not running."""
        if node.is_up:
            return
        node.start()
        self.note(f"{name(node)} starts")
        if isinstance(node, DeviceNode):
            self.screens[node.number] = Screens(node.replica)
            self._look_at_held(node)

    def act(self, event: Event) -> None:
        """Somebody makes one transaction, on a device or on the hub."""
        node = self.hub if event.node == HUB else self.devices[event.node]
        if not node.is_up:
            return
        store = STORES[0]
        if isinstance(node, DeviceNode):
            signed_in = node.exchange.signed_in
            if signed_in is None:
                return
            self._look_at_held(node)
            store = signed_in.profile.store_id
        replica = node.replica
        replica_id, n, verb = replica.id, replica.identity.n + 1, event.detail["verb"]
        hand: Hand | None = None
        try:
            with replica.transaction() as tx:
                chance = random.Random(event.detail["chance"])
                hand = Hand(replica, tx, event.number, store, chance)
                VERBS[verb](hand)
        except (DataError, StorageError) as error:
            self.note(f"{event.number} {verb} of {name(node)} is refused: {error.code}")
            return
        except Crash:
            self.bury(node, RESTART_TICKS)
            database = FaultyDatabase(node.path)
            if hand is not None:
                self._write_down(event.node, verb, hand, Log(database), replica_id, n)
            kill(database, node.path)
            return
        with node.database.watched():
            self._write_down(event.node, verb, hand, replica.parts.log, replica_id, n)

    def _write_down(
        self, by: int, verb: str, hand: Hand, log: Log, replica_id: str, n: int
    ) -> None:
        """Enter an act into the ledger, if its batch is in the log."""
        entry = log.of(replica_id, n)  # type: ignore[arg-type]
        if entry is None:
            return
        knew, may_know = self.history.known_to(by, hand.documents)
        act = Act(
            number=hand.number,
            by=by,
            verb=verb,
            fingerprint=fingerprint_of(entry.payload),
            documents=tuple(hand.documents),
            counts=tuple(hand.counts),
            knew=knew,
            may_know=may_know,
            holders={by} - {HUB},
        )
        self.ledger.add(act)
        self.history.wrote(by, act)
        self.count("acts")
        self.note(f"{act} {act.fingerprint}")
        if by == HUB and self.hub.is_up:
            self.follow_hub()

    def _arrive(self, parcel: Parcel) -> None:
        connection = parcel.connection
        where = f"{parcel.way} {connection.device} {connection.purpose} {connection.number}"
        self.note(f"{where} {parcel.kind} {len(parcel.body)} {crc32(parcel.body)}")
        self.count("parcels")
        if connection.purpose == "peer":
            self.meetings.take(parcel)
        elif parcel.way == "up":
            self.alive(self.hub, lambda: self.hub.take(parcel))
        elif self.devices[connection.device].is_up:
            device = self.devices[connection.device]
            self.alive(device, lambda: device.take(parcel))

    def _look_at_held(self, device: DeviceNode) -> None:
        """Have the history know what a device holds for others."""
        if not device.is_up:
            return
        with device.database.watched():
            payloads = [each.payload for each in device.replica.held.all()]
        acts = {act.number for p in payloads if (act := self.ledger.act_of(decode(p))) is not None}
        before = self._held.get(device.number, set())
        for number in acts - before:
            self.history.holds(device.number, self.ledger.acts[number])
        for number in before - acts:
            self.history.lets_go(device.number, self.ledger.acts[number])
        self.count("held", len(acts - before))
        self._held[device.number] = acts

    def _watch(
        self, number: int, heard: Sequence[tuple[Message, int | None]], merged: bool
    ) -> None:
        if merged:
            self._look_at_held(self.devices[number])
            self.history.has_heard(number, heard)
        else:
            self.history.hears(number, heard)


def name(node: DeviceNode | HubNode) -> str:
    """What the trace calls a node."""
    return "the hub" if isinstance(node, HubNode) else f"device {node.number}"
