"""What a person can know about the sync of their device: one frozen value, four states."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from sync.errors import ZavaError

State: TypeAlias = Literal["up_to_date", "syncing", "offline", "needs_you"]


@dataclass(frozen=True, slots=True)
class SyncStatus:
    """The status of one device. Counts are of batches unless said otherwise.

    ``online`` is the switch; ``reachable`` is what real answers say. ``loaded`` of ``expected``
    documents have come while a first download runs, both 0 otherwise. Since the device was opened:
    ``pushed`` and ``pulled`` count ops, ``merged`` documents (a snapshot's included),
    ``conflicts`` records. ``drift_ms`` is hub time minus ours. ``refused`` counts subscriptions the
    hub does not answer, ``large`` those of more documents than a phone should carry.
    """

    state: State = "offline"
    online: bool = True
    reachable: bool = False
    waiting: int = 0
    quarantined: int = 0
    last_synced_ms: int | None = None
    error: ZavaError | None = None
    loaded: int = 0
    expected: int = 0
    pushed: int = 0
    pulled: int = 0
    merged: int = 0
    conflicts: int = 0
    drift_ms: int | None = None
    refused: int = 0
    large: int = 0


def state_of(
    *, online: bool, pulling: bool, caught_up: bool, unsettled: int, needs_person: bool
) -> State:
    """The one of four states to show. What needs a person comes first, then the network."""
    if needs_person:
        return "needs_you"
    if not online or not pulling:
        return "offline"
    return "up_to_date" if caught_up and not unsettled else "syncing"
