"""What a device adds to what its replica tells of itself: how it stands with its hub, and whom it
has met. Read from its file, and while it is open from its status."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sync.device.exchange import RETRY_NOTE, SYNCED_NOTE
from sync.device.profile import SIGNED_IN_NOTE, SignedIn
from sync.device.status import SyncStatus
from sync.explain.facts import Session
from sync.ids import Document
from sync.local.explaining import Explaining
from sync.local.replica import Replica
from sync.peer.met import peers_met

StatusOf = Callable[[], SyncStatus | None]


def trace(replica: Replica, status: StatusOf) -> None:
    """Have the replica of a device answer EXPLAIN SYNC and ``system:peers``."""
    system = replica.system
    system.explain_sync = Explaining(replica.parts, lambda: _session(replica, status()))
    system.peers = lambda: [*_hub(replica, status()), *peers_met(replica)]


def trace_file(replica: Replica) -> None:
    """The same for the file of a device that is not open here."""
    trace(replica, lambda: None)


def _session(replica: Replica, status: SyncStatus | None) -> Session:
    """How the device stands with its hub; without a status it is taken to be online."""
    identity, signed_in = replica.identity, _signed_in(replica)
    pause: Any = replica.note(RETRY_NOTE) or {"at_ms": 0}
    expires_at_ms = None if signed_in is None else signed_in.profile.expires_at_ms
    error = None if status is None else status.error
    return Session(
        online=status is None or status.online,
        signed_in=signed_in is not None,
        token_ended=expires_at_ms is not None and expires_at_ms <= identity.now_ms(),
        retry_at_ms=pause["at_ms"],
        problem="" if error is None else error.code,
        last_synced_ms=_last_synced(replica, status),
        loading=bool(identity.hub_epoch) and not identity.cursor,
    )


def _hub(replica: Replica, status: SyncStatus | None) -> list[Document]:
    """The hub as ``system:peers`` shows it; none before somebody has signed in."""
    signed_in, identity = _signed_in(replica), replica.identity
    if signed_in is None:
        return []
    return [
        {
            "_id": signed_in.hub_id,
            "kind": "hub",
            "name": "the hub",
            "reachable": None if status is None else status.reachable,
            "read": identity.cursor,
            "waiting": replica.outbox().waiting,
            "last_seen_ms": _last_synced(replica, status),
        }
    ]


def _signed_in(replica: Replica) -> SignedIn | None:
    kept = replica.note(SIGNED_IN_NOTE)
    return None if kept is None else SignedIn.from_json(kept)


def _last_synced(replica: Replica, status: SyncStatus | None) -> int | None:
    kept: Any = replica.note(SYNCED_NOTE)
    return kept if status is None else status.last_synced_ms
