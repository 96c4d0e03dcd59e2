"""What a hub adds to what its replica tells of itself: EXPLAIN SYNC, journeys, and its devices."""

from __future__ import annotations

from sync.hub.accounts import Accounts, quick_hasher
from sync.hub.device_facts import Sources
from sync.hub.explaining import Explaining
from sync.hub.journeys import Journeys
from sync.hub.known_scopes import KnownScopes
from sync.hub.people import People
from sync.hub.readers import Readers
from sync.ids import Document
from sync.local.replica import Replica


def trace(sources: Sources) -> Journeys:
    """Have the hub's replica answer for all its devices; the journeys, for a connector to join."""
    system, journeys = sources.replica.system, Journeys(sources)
    system.explain_sync, system.journey = Explaining(sources), journeys
    system.peers = lambda: [_peer(sources, device) for device in sources.people.devices()]
    return journeys


def trace_file(replica: Replica) -> Journeys:
    """The same for the file of a hub that does not run here."""
    database, parts = replica.parts.database, replica.parts
    accounts = Accounts(database, parts.clock, parts.entropy, quick_hasher())
    people, scopes = People(replica, accounts), KnownScopes(database)
    return trace(Sources(replica, people, scopes, Readers(database), lambda: None))


def _peer(sources: Sources, device: Document) -> Document:
    """A device as ``system:peers`` shows it."""
    known = sources.readers.of(str(device["_id"]))
    head = sources.replica.identity.seq
    return {
        "_id": str(device["_id"]),
        "kind": "device",
        "name": sources.people.name_of(device),
        "code": device.get("device_code"),
        "person": device.get("user_id"),
        "store_id": device.get("store_id"),
        "signed_in_at": device.get("last_seen"),
        "read": 0 if known is None else known.read,
        "sent": 0 if known is None else known.sent,
        "head": head,
        "behind": head if known is None else max(0, head - known.reached),
        "last_seen_ms": None if known is None else known.heard_ms,
    }
