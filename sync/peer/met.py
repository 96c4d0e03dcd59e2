"""Whom a device has met, kept in a note of its file."""

from __future__ import annotations

from typing import Any, Final

from sync.ids import Document
from sync.local.replica import Replica
from sync.peer.tokens import Bearer

PEERS_MET_MAX: Final = 50
"""The latest; a shop has fewer devices."""
_NOTE: Final = "peers_met"


def note_met(replica: Replica, peer: Bearer) -> None:
    """A peer has proved who it is."""
    known: Any = replica.note(_NOTE) or {}
    known[peer.replica] = {
        "person": peer.person.user_id,
        "name": peer.person.display_name,
        "store_id": peer.person.store_id,
        "last_seen_ms": replica.identity.now_ms(),
    }
    latest = sorted(known.items(), key=lambda each: each[1]["last_seen_ms"])[-PEERS_MET_MAX:]
    replica.set_note(_NOTE, dict(latest))


def peers_met(replica: Replica) -> list[Document]:
    """The peers as ``system:peers`` shows them; ``held`` counts what is held of each."""
    known: Any = replica.note(_NOTE) or {}
    held = replica.held.numbers()
    return [
        {"_id": peer, "kind": "peer", **met, "held": len(held.get(peer, ()))}
        for peer, met in known.items()
    ]
