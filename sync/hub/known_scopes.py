"""Which scopes devices have read under, so that a changed one costs its difference only (S4).

Kept is what a scope was made of, never what it meant: the bounds are worked out again, and where
the rules have changed since, their digest is another one and the scope counts as unknown. A device
finds its own scopes only, so nobody learns of documents by naming a scope they never had.
"""

from __future__ import annotations

import json
from dataclasses import astuple, dataclass

from sync.hub.bounds import Bounds, bounds_of
from sync.ids import ReplicaId
from sync.local.database import Database
from sync.peer.identity import Identity
from sync.query.selection import DAY_MS
from sync.query.subscription import Subscription

SCOPES_A_DEVICE_MAX = 4
"""The one it reads under, the one it is being moved to, and two a cut-off change may go back to."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the bounds of a device are made of."""

    identity: Identity
    subscriptions: tuple[Subscription, ...]
    day: int

    def bounds(self) -> Bounds:
        """The bounds, by the present rules."""
        return bounds_of(self.identity, self.subscriptions, self.day * DAY_MS)


class KnownScopes:
    """A hub-only table."""

    def __init__(self, database: Database) -> None:
        self._database = database
        database.execute(
            """CREATE TABLE IF NOT EXISTS scopes(
                number INTEGER PRIMARY KEY, replica TEXT NOT NULL, digest TEXT NOT NULL,
                asked TEXT NOT NULL, UNIQUE(replica, digest))"""
        )

    def remember(self, replica: ReplicaId, digest: str, asked: Asked) -> None:
        """A device is about to read under this scope."""
        database = self._database
        newest = database.query(
            "SELECT digest, asked FROM scopes WHERE replica = ? ORDER BY number DESC LIMIT 1",
            (replica,),
        )
        subscriptions = [astuple(each) for each in asked.subscriptions]
        text = json.dumps([astuple(asked.identity), subscriptions, asked.day])
        if newest == [(digest, text)]:
            return
        with database.transaction():
            database.execute(
                "INSERT OR REPLACE INTO scopes(replica, digest, asked) VALUES(?, ?, ?)",
                (replica, digest, text),
            )
            database.execute(
                "DELETE FROM scopes WHERE replica = ?1 AND number NOT IN (SELECT number FROM scopes"
                " WHERE replica = ?1 ORDER BY number DESC LIMIT ?2)",
                (replica, SCOPES_A_DEVICE_MAX),
            )

    def recall(self, replica: ReplicaId, digest: str) -> Bounds | None:
        """The bounds a device once read under; None where they are not known any more."""
        sql = "SELECT asked FROM scopes WHERE replica = ? AND digest = ?"
        for (text,) in self._database.query(sql, (replica, digest)):
            person, subscriptions, day = self._database.parse(text)
            former = tuple(Subscription(*each) for each in subscriptions)
            bounds = Asked(Identity(*person), former, day).bounds()
            if bounds.digest == digest:
                return bounds
        return None
