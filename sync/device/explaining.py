"""How a device stands with its hub, as facts for ``sync.explain``: from its file, and while it is
open from its status."""

from __future__ import annotations

from typing import Any

from sync.device.exchange import RETRY_NOTE, SYNCED_NOTE
from sync.device.profile import SIGNED_IN_NOTE, SignedIn
from sync.device.status import SyncStatus
from sync.explain.facts import Session
from sync.local.explaining import Explaining
from sync.local.replica import Replica


def explain_on(replica: Replica, status: SyncStatus | None = None) -> Explaining:
    """What answers EXPLAIN SYNC on the file of a device; ``status`` if the device is open."""
    return Explaining(replica.parts, lambda: session_of(replica, status))


def session_of(replica: Replica, status: SyncStatus | None) -> Session:
    """The session of a device, as far as it is known; without a status it is taken to be online."""
    identity = replica.identity
    kept, retry = replica.note(SIGNED_IN_NOTE), replica.note(RETRY_NOTE)
    profile = None if kept is None else SignedIn.from_json(kept).profile
    pause: Any = retry or {"at_ms": 0}
    synced: Any = replica.note(SYNCED_NOTE)
    error = None if status is None else status.error
    return Session(
        online=status is None or status.online,
        signed_in=profile is not None,
        token_ended=profile is not None and profile.expires_at_ms <= identity.now_ms(),
        retry_at_ms=pause["at_ms"],
        problem="" if error is None else error.code,
        last_synced_ms=synced if status is None else status.last_synced_ms,
        loading=bool(identity.hub_epoch) and not identity.cursor,
    )
