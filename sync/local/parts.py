"""The pieces of one replica that its writers share."""

from __future__ import annotations

from dataclasses import dataclass, field

from sync.local.counters import Counters
from sync.local.database import Database
from sync.local.documents import Documents
from sync.local.identity import Identity
from sync.local.indexes import Indexes
from sync.local.inner_sets import InnerSets
from sync.local.merging import Merging
from sync.local.oplog import Log
from sync.local.recent import Recent
from sync.local.turns import Turns
from sync.ports import Clock, Entropy


@dataclass(frozen=True, slots=True)
class Parts:
    """One open database and everything that works on it."""

    database: Database
    identity: Identity
    documents: Documents
    indexes: Indexes
    counters: Counters
    log: Log
    merging: Merging
    clock: Clock
    entropy: Entropy
    turns: Turns
    recent: Recent
    related: InnerSets = field(init=False)

    def __post_init__(self) -> None:
        sets = InnerSets(self.database, self.documents, self.identity, self.indexes)
        object.__setattr__(self, "related", sets)
