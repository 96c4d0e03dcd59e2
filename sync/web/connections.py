"""Connections that are held open without asking for anything are let go (S8).

uvicorn waits for the end of a request's head as long as its sender likes. A body is bounded by
``bodies``, an answer by ``streams``; this bounds what comes before both, and turns away an address
that holds too many connections already.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.auto import AutoHTTPProtocol

from sync.web.addresses import AddressLimit

HEAD_SECONDS_MAX = 20
"""For the first request's head to arrive: generous for the worst radio."""
IDLE_SECONDS_MAX = 75
"""For the next request; longer than a device pauses between two pushes."""

_Protocol: Any = AutoHTTPProtocol


class Connection(_Protocol):  # type: ignore[misc]  # which of two classes depends on the machine
    """One connection, looked at from time to time: has it asked for anything since?

    The hub's ``addresses`` are shared by all of its connections. One that is refused is cut without
    a word, which a device takes for a hub out of reach: it tries again, ever more slowly.
    """

    def __init__(self, *arguments: Any, addresses: AddressLimit, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._addresses = addresses
        self._address: str | None = None
        """Whose connection it is, once it has entered."""

    def connection_made(self, transport: asyncio.Transport) -> None:
        peer = transport.get_extra_info("peername")
        address = str(peer[0]) if peer else ""
        if not self._addresses.enter(address):
            transport.abort()
            return
        self._address = address
        super().connection_made(transport)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._address is None:
            return
        self._addresses.leave(self._address)
        self._timer.cancel()
        super().connection_lost(exc)

    def _watch(self) -> None:
        seconds = HEAD_SECONDS_MAX if self.cycle is None else IDLE_SECONDS_MAX
        self._timer = self.loop.call_later(seconds, self._look, self.cycle)

    def _look(self, seen: object) -> None:
        waits = self.cycle is None or self.cycle.response_complete
        if waits and self.cycle is seen:
            self.transport.close()
        else:
            self._watch()
