"""Meetings of the people of a small shop, with and without the hub."""

from __future__ import annotations

from typing import Any

from sync.device.peering import credentials
from sync.hub.permissions import access
from sync.peer.ed25519 import Ed25519
from sync.peer.memory_link import meet
from sync.peer.session import PeerSession
from tests.helpers.lines import Line

SCHEME = Ed25519()


def session_of(line: Line) -> PeerSession:
    """This person's side of a meeting."""
    return PeerSession(line.replica, credentials(line.replica, line.welcome), SCHEME, access)


def met(one: Line, other: Line) -> tuple[PeerSession, PeerSession]:
    """Two people meet; both sessions, to look at."""
    sessions = session_of(one), session_of(other)
    meet(*sessions)
    return sessions


def declined(one: Line, other: Line) -> list[str]:
    """Two people meet; the codes with which the second declined what the first offered."""
    _, there = met(one, other)
    return [error.code for error in there.meeting.declined]


def wrote(line: Line, doc_id: str = "inv_1", **fields: Any) -> None:
    """Write on a shelf, offline."""
    with line.replica.transaction() as tx:
        tx.update("inventory", doc_id, fields)


def sold(line: Line, by: int, doc_id: str = "inv_1") -> None:
    """Take stock from a shelf, offline."""
    with line.replica.transaction() as tx:
        tx.increment("inventory", doc_id, ("stock_level",), -by)


def stock(line: Line, doc_id: str = "inv_1") -> int:
    """What a person sees on a shelf."""
    document = line.replica.get("inventory", doc_id)
    assert document is not None
    return int(document["stock_level"])


def field(line: Line, name: str, doc_id: str = "inv_1") -> Any:
    """One field of a shelf, as a person sees it."""
    document = line.replica.get("inventory", doc_id)
    return None if document is None else document.get(name)


def holds(line: Line) -> dict[str, list[int]]:
    """What is held for others."""
    return {str(replica): numbers for replica, numbers in line.replica.held.numbers().items()}
