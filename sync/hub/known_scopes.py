"""Which scopes devices have read under, so that a changed one costs its difference only (S4).

Kept is what a scope was made of, the rules of the time included, never what it meant: the bounds
are worked out again, and only believed if their digest is the one that the device names. A device
finds its own scopes only, so nobody learns of documents by naming a scope they never had.
"""

from __future__ import annotations

import json
from dataclasses import astuple, dataclass

from sync.core.values import canonical
from sync.hub.bounds import Bounds, bounds_of
from sync.ids import ReplicaId
from sync.local.database import Database
from sync.peer.identity import Identity
from sync.peer.rules import Rules
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
    rules: Rules

    def bounds(self) -> Bounds:
        """The bounds, worked out."""
        return bounds_of(self.identity, self.subscriptions, self.day * DAY_MS, self.rules)


class KnownScopes:
    """A hub-only table."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[str, Rules] = {}
        database.execute(
            """CREATE TABLE IF NOT EXISTS scopes(
                number INTEGER PRIMARY KEY, replica TEXT NOT NULL, digest TEXT NOT NULL,
                asked TEXT NOT NULL, UNIQUE(replica, digest))"""
        )
        database.execute(
            "CREATE TABLE IF NOT EXISTS rule_sets(digest TEXT PRIMARY KEY, rules TEXT NOT NULL)"
        )

    def remember(self, replica: ReplicaId, digest: str, asked: Asked) -> None:
        """A device is about to read under this scope."""
        database = self._database
        newest = database.query(
            "SELECT digest, asked FROM scopes WHERE replica = ? ORDER BY number DESC LIMIT 1",
            (replica,),
        )
        subscriptions = [astuple(each) for each in asked.subscriptions]
        rules = asked.rules.digest
        text = json.dumps([astuple(asked.identity), subscriptions, asked.day, rules])
        if newest == [(digest, text)]:
            return
        with database.transaction():
            database.execute(
                "INSERT OR IGNORE INTO rule_sets(digest, rules) VALUES(?, ?)",
                (rules, canonical(asked.rules.to_json())),
            )
            database.execute(
                "INSERT OR REPLACE INTO scopes(replica, digest, asked) VALUES(?, ?, ?)",
                (replica, digest, text),
            )
            database.execute(
                "DELETE FROM scopes WHERE replica = ?1 AND number NOT IN (SELECT number FROM scopes"
                " WHERE replica = ?1 ORDER BY number DESC LIMIT ?2)",
                (replica, SCOPES_A_DEVICE_MAX),
            )
            database.execute(
                "DELETE FROM rule_sets WHERE digest NOT IN (SELECT json_extract(asked, '$[3]')"
                " FROM scopes WHERE json_array_length(asked) > 3)"
            )

    def asked(self, replica: str) -> list[Asked]:
        """What the scopes of a device that are still known were made of, the present one first."""
        sql = "SELECT asked FROM scopes WHERE replica = ? ORDER BY number DESC"
        found = (self._asked(text) for (text,) in self._database.query(sql, (replica,)))
        return [each for each in found if each is not None]

    def recall(self, replica: ReplicaId, digest: str) -> Bounds | None:
        """The bounds a device once read under; None where they are not known any more."""
        sql = "SELECT asked FROM scopes WHERE replica = ? AND digest = ?"
        for (text,) in self._database.query(sql, (replica, digest)):
            asked = self._asked(text)
            bounds = None if asked is None else asked.bounds()
            if bounds is not None and bounds.digest == digest:
                return bounds
        return None

    def _asked(self, text: str) -> Asked | None:
        person, subscriptions, day, *others = self._database.parse(text)
        rules = self._rules(*others)
        if rules is None:
            return None
        former = tuple(Subscription(*each) for each in subscriptions)
        return Asked(Identity(*person), former, day, rules)

    def _rules(self, digest: str = "") -> Rules | None:
        """Rules that were in force once; a scope from before they were kept had none of these."""
        if (known := self._known.get(digest)) is not None:
            return known
        sql = "SELECT rules FROM rule_sets WHERE digest = ?"
        for (text,) in self._database.query(sql, (digest,)):
            return self._known.setdefault(digest, Rules.from_json(self._database.parse(text)))
        return None
