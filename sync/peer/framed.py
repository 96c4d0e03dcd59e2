"""A side of a meeting as bytes in and bytes out: what every kind of line carries (S7, S8)."""

from __future__ import annotations

from collections.abc import Iterable

from sync.peer.session import PeerSession
from sync.wire.frames import Deflater, Inflater
from sync.wire.peer_messages import PeerMessage, Still, decode_peer, encode_peer


class FramedSession:
    """Packs what a session says and unpacks what it hears, checks and bounds included."""

    def __init__(self, session: PeerSession) -> None:
        self.session = session
        self._deflater = Deflater()
        self._inflater = Inflater()

    def open(self) -> bytes:
        """What to send first."""
        return self._packed(self.session.open())

    def feed(self, chunk: bytes) -> bytes:
        """What to send in answer to what arrived. A ``ZavaError`` ends the meeting."""
        answers: list[PeerMessage] = []
        for line in self._inflater.feed(chunk):
            answers += self.session.take(decode_peer(line))
        return self._packed(answers)

    def more(self) -> bytes:
        """Offers of what has been written since; nothing if there is none."""
        return self._packed(self.session.more())

    def still(self) -> bytes:
        """A sign of life."""
        return self._packed([Still()])

    def _packed(self, messages: Iterable[PeerMessage]) -> bytes:
        return b"".join(self._deflater.pack(encode_peer(message)) for message in messages)
