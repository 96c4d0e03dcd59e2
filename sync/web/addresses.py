"""How many connections one address may hold at once, so that no one caller takes them all (S8)."""

from __future__ import annotations

import logging
from collections import Counter
from ipaddress import AddressValueError, IPv6Address

CONNECTIONS_PER_ADDRESS_MAX = 256
"""A shop behind one router: each device holds a pull open and now and then a push beside it, so
this serves more than a hundred of them. A hub behind a proxy needs as many as it has devices."""

_NETWORK_BITS = 64
"""Of an IPv6 address: one subscriber has all addresses behind them."""

_log = logging.getLogger(__name__)


class AddressLimit:
    """The connections of one hub by address. Belongs to its event loop."""

    def __init__(self, most: int = CONNECTIONS_PER_ADDRESS_MAX) -> None:
        self._most = most
        self._held: Counter[str] = Counter()
        self._told: set[str] = set()

    def enter(self, address: str) -> bool:
        """Take one more connection from an address, or refuse it; who is refused has not entered.

        The log tells once, until the address has none left.
        """
        caller = _caller(address)
        if self._held[caller] >= self._most:
            if caller not in self._told:
                self._told.add(caller)
                _log.warning("%s holds %d connections; more are refused", caller, self._most)
            return False
        self._held[caller] += 1
        return True

    def leave(self, address: str) -> None:
        """A connection that entered has ended."""
        caller = _caller(address)
        self._held[caller] -= 1
        if self._held[caller] <= 0:
            del self._held[caller]
            self._told.discard(caller)


def _caller(address: str) -> str:
    """Who is behind an address: an IPv4 address itself, the network of an IPv6 one."""
    try:
        parsed = IPv6Address(address)
    except AddressValueError:
        return address
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(IPv6Address(int(parsed) >> _NETWORK_BITS << _NETWORK_BITS))
