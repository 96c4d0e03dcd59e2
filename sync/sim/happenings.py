"""What a schedule's events do to a world: one function for each kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from sync.errors import StorageError
from sync.sim.device_node import DeviceNode
from sync.sim.history import Seen
from sync.sim.hub_node import HubNode
from sync.sim.ledger import HUB
from sync.sim.network import Weather
from sync.sim.schedule import DEVICES_MAX, Event
from sync.sim.storage import Fault, copy_file
from sync.sim.wishes import change_mind
from sync.sim.workload import CODES, STORES
from sync.sim.world import World

CRASH_PATIENCE_TICKS = 15
"""A death in the middle of a transaction waits this long for one; then the process dies idle."""
RESTORE_TICKS = 3


@dataclass(frozen=True, slots=True)
class Backup:
    """A copy of a file, with what the book says of it."""

    path: Path
    login: str
    acts: frozenset[int]
    seen: Seen


class Happenings:
    """Carries events out on one world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._backups: dict[int, Backup] = {}
        self._kinds: dict[str, Callable[[Event], None]] = {
            "act": world.act,
            "weather": self._weather,
            "crash": self._crash,
            "disk_full": self._disk_full,
            "clock": self._clock,
            "copies": self._copies,
            "people": self._people,
            "switch": self._switch,
            "meet": self._meet,
            "wishes": self._wishes,
        }

    def carry_out(self, event: Event) -> None:
        """Have an event happen."""
        if event.kind != "act":
            self._world.note(f"{event.kind} {event.node} {sorted(event.detail.items())}")
            self._world.count(event.kind)
        self._kinds[event.kind](event)

    def heal(self) -> None:
        """Everything is put right: network, disks, processes, accounts, switches."""
        world = self._world
        world.note("heals")
        world.network.clear_up()
        world.meetings.part_all()
        world.revive(world.hub)
        world.hub.database.arm(None)
        for device in world.devices:
            world.revive(device)
            device.database.arm(None)
            if not device.exchange.online:
                device.switch(True)
            if device.exchange.signed_in is not None:
                device.login = device.exchange.signed_in.profile.login
            world.hub.hub.accounts.set_disabled(device.login, False)
        world.hub.hang_up()

    def _weather(self, event: Event) -> None:
        self._world.network.set_weather(event.node, Weather(**event.detail))

    def _crash(self, event: Event) -> None:
        world, node = self._world, self._node(event)
        if not node.is_up:
            return
        database = node.database
        database.arm(Fault(event.detail["statements"], event.detail["moment"]))

        def out_of_patience() -> None:
            if node.is_up and node.database is database and database.armed:
                world.bury(node, event.detail["down"])

        world.at(world.tick + CRASH_PATIENCE_TICKS, out_of_patience)

    def _disk_full(self, event: Event) -> None:
        node = self._node(event)
        if node.is_up:
            node.database.arm(Fault(event.detail["statements"], "full"))

    def _clock(self, event: Event) -> None:
        clock = self._world.devices[event.node].clock
        if "set" in event.detail:
            clock.set_to(event.detail["set"])
        else:
            clock.step(event.detail["step"])

    def _switch(self, event: Event) -> None:
        world, device = self._world, self._world.devices[event.node]
        if device.is_up:
            device.switch(False)
            world.at(world.tick + event.detail["ticks"], lambda: _switch_on(device))

    def _meet(self, event: Event) -> None:
        world, detail = self._world, event.detail
        one, other = (world.devices[number] for number in (event.node, detail["with"]))
        connection = world.meetings.begin(one, other, Weather(**detail["weather"]))
        if connection is not None:
            world.at(world.tick + detail["ticks"], lambda: world.meetings.part(connection))

    def _wishes(self, event: Event) -> None:
        device = self._world.devices[event.node]
        if device.is_up:
            self._world.alive(device, lambda: self._change_mind(device, event))

    def _change_mind(self, device: DeviceNode, event: Event) -> None:
        try:
            change_mind(device, event.detail)
        except StorageError as error:
            self._world.note(f"{event.number} is refused: {error.code}")

    def _copies(self, event: Event) -> None:
        way, number = event.detail["way"], event.node
        if way == "backup":
            self._back_up(event)
        elif number in self._backups and number == HUB:
            self._restore_hub(self._backups[number])
        elif number in self._backups and way == "restore":
            self._restore(self._world.devices[number], self._backups[number])
        elif number in self._backups and len(self._world.devices) < DEVICES_MAX:
            self._clone(self._backups[number])

    def _back_up(self, event: Event) -> None:
        world, number = self._world, event.node
        path = world.folder / f"backup_{number + 1}.db"
        copy_file(self._node(event).path, path)
        if number == HUB:
            self._backups[number] = Backup(path, "", frozenset(), Seen())
        else:
            acts, seen = world.ledger.held_by(number), world.history.seen(number).copy()
            login = world.devices[number].login
            self._backups[number] = Backup(path, login, frozenset(acts), seen)

    def _restore(self, device: DeviceNode, backup: Backup) -> None:
        """Yesterday's file in place of today's; what was only in today's is gone."""
        world = self._world
        if device.is_up:
            device.stop()
        copy_file(backup.path, device.path)
        device.login = backup.login
        world.ledger.copied(backup.acts, device.number)
        world.history.replace(device.number, backup.seen.copy())
        self._write_off()
        world.at(world.tick + RESTORE_TICKS, lambda: world.revive(device))

    def _clone(self, backup: Backup) -> None:
        """A copy of a file begins a life of its own on another device."""
        world = self._world
        device = world.add_device(backup.login)
        copy_file(backup.path, device.path)
        world.ledger.copied(backup.acts, device.number)
        world.history.replace(device.number, backup.seen.copy())
        world.revive(device)

    def _restore_hub(self, backup: Backup) -> None:
        """The hub is put back to yesterday; devices bring back what they still have (S1)."""
        world = self._world
        world.count("hub_restores")
        if world.hub.is_up:
            world.hub.stop()
        copy_file(backup.path, world.hub.path)
        world.revive(world.hub)
        world.history.forget(world.hub.replica)
        self._write_off()

    def _write_off(self) -> None:
        world = self._world
        if world.hub.is_up:
            world.follow_hub()
        world.ledger.write_off(world.history.logged())

    def _people(self, event: Event) -> None:
        world, way, login = self._world, event.detail["way"], event.detail["login"]
        if way == "hand_over":
            world.devices[event.node].login = login
        elif world.hub.is_up and way == "hang_up":
            world.hub.hang_up()
        elif world.hub.is_up:
            world.alive(world.hub, lambda: self._change_account(event))

    def _change_account(self, event: Event) -> None:
        try:
            self._set_account(event)
        except StorageError as error:  # the disk is full; whoever did it sees that it did not work
            self._world.note(f"account unchanged: {error.code}")

    def _set_account(self, event: Event) -> None:
        way, hub = event.detail["way"], self._world.hub
        login = self._world.devices[event.node].login
        held = hub.hub.accounts.find(login)
        assert held is not None
        if way in ("disable", "enable"):
            hub.hub.accounts.set_disabled(login, way == "disable")
        elif way == "role" and held.role != "super":
            hub.add_account(replace(held, role=event.detail["role"]))
        elif way == "store" and held.role != "super":
            store = event.detail["store"]
            hub.add_account(replace(held, store_id=STORES[store], store_code=CODES[store]))

    def _node(self, event: Event) -> DeviceNode | HubNode:
        return self._world.hub if event.node == HUB else self._world.devices[event.node]


def _switch_on(device: DeviceNode) -> None:
    if device.is_up:
        device.switch(True)
