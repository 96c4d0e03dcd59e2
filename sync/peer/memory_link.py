"""A line between two sessions of one process: the same bytes as on a socket, and no waiting."""

from __future__ import annotations

from sync.peer.framed import FramedSession
from sync.peer.session import PeerSession


def meet(one: PeerSession, other: PeerSession) -> None:
    """Let two devices meet until neither has anything to say."""
    here, there = FramedSession(one), FramedSession(other)
    to_there, to_here = here.open(), there.open()
    while to_there or to_here:
        from_there = there.feed(to_there)
        to_there = here.feed(to_here)
        to_here = from_there
