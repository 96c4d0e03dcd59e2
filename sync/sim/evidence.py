"""What observers look at: a healed world, and the hub's log, read anew and decoded once."""

from __future__ import annotations

from dataclasses import dataclass

from sync.core.batch import Batch
from sync.core.decode import decode
from sync.local.entries import Status
from sync.local.replica import Replica
from sync.sim.ledger import Act
from sync.sim.world import World


@dataclass(frozen=True, slots=True)
class Logged:
    """One entry of the hub's log, and the act it stands for."""

    seq: int
    status: Status
    reason: str
    batch: Batch
    act: Act | None


class Evidence:
    """A world that has come to rest."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.hub: Replica = world.hub.replica
        self.log: list[Logged] = []
        entries = self.hub.parts.log.since(0, -1)
        for entry in entries:
            batch = decode(entry.payload)
            act = world.ledger.act_of(batch)
            self.log.append(Logged(entry.seq, entry.status, entry.reason or "", batch, act))
        self.log_bytes = sum(len(entry.payload) for entry in entries)

    @property
    def accepted(self) -> list[Logged]:
        """What the hub took."""
        return [entry for entry in self.log if entry.status == "accepted"]
