"""Whether anything has happened that may change what somebody may read.

Asked after every page of every pull, so it costs no look at the file: it counts. What a scope is
made of is worked out again only when the count is another one.
"""

from __future__ import annotations

from sync.hub.accounts import Accounts
from sync.hub.permissions import Permissions
from sync.local.documents import Documents

HOLDERS_MAX = 4_000
"""Devices of which it is remembered who holds them, until any device changes."""
_DEVICES = "devices"


class Standing:
    """Counts the writes of device documents, as a watcher of the hub's documents. May be asked from
    any thread: what is read is kept with the count from before it was read."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._written = 0
        self._holders: dict[str, tuple[int, object]] = {}
        documents.watchers.append(self)

    def before(self, documents: Documents, collection: str, ids: list[str]) -> None:
        """Documents are about to change. Whoever looks before the commit waits for it."""
        if collection == _DEVICES:
            self._written += 1

    def holder(self, replica_id: str) -> object | None:
        """The id of the person who signed in last on a device; None where nobody did."""
        written = self._written
        known = self._holders.get(replica_id)
        if known is None or known[0] != written:
            device = self._documents.get(_DEVICES, replica_id)
            if len(self._holders) >= HOLDERS_MAX:
                self._holders.clear()
            known = written, None if device is None else device.get("user_id")
            self._holders[replica_id] = known
        return known[1]

    def now(self, accounts: Accounts, permissions: Permissions, day: int) -> tuple[object, ...]:
        """Equal as long as nobody's accounts, devices, rules or day have changed."""
        return accounts, accounts.changes, permissions.rules, self._written, day
