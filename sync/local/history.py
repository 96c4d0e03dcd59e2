"""The conflict history (C5): every losing write that its winner's author had not seen."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from sync.core.conflicts import Conflict, Rule, is_conflict
from sync.core.losses import Losses, conflicts_of
from sync.core.stamps import Stamp
from sync.errors import DatabaseCorrupt
from sync.ids import UserId
from sync.local.database import Database
from sync.local.oplog import Log

CONFLICTS_MAX = 50_000
CONFLICTS_KEEP_DAYS = 90
"""A quarter: longer than any dispute about a count, and a few megabytes at most."""
DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Which:
    """Which records: of a document, a person or device on either side, a field, a time span.

    ``path`` matches itself and everything below it; times are when the losing write was made.
    """

    collection: str | None = None
    doc_id: str | None = None
    conflict_id: str | None = None
    user: str | None = None
    replica: str | None = None
    path: tuple[str, ...] | None = None
    since_ms: int | None = None
    until_ms: int | None = None

    def fits(self, conflict: Conflict) -> bool:
        """Whether a record is one of these."""
        loser, winner = conflict.loser, conflict.winner
        return (
            self.collection in (None, conflict.collection)
            and self.doc_id in (None, conflict.doc_id)
            and self.conflict_id in (None, conflict.id)
            and self.user in (None, loser.user, winner.user)
            and self.replica in (None, loser.replica, winner.replica)
            and (self.path is None or conflict.path[: len(self.path)] == self.path)
            and (self.since_ms is None or loser.at_ms >= self.since_ms)
            and (self.until_ms is None or loser.at_ms < self.until_ms)
        )


class History:
    """Judges what lost and keeps the records of what was a conflict."""

    def __init__(self, database: Database, log: Log) -> None:
        self._database = database
        self._log = log

    def losses(self) -> Losses:
        """Collects what a merge loses, as far as it was a conflict."""
        return Losses(self._users)

    def keep(self, seq: int, losses: Losses) -> int:
        """Record what was lost at commit ``seq``; how many records."""
        if losses.count:
            self._database.execute(
                "INSERT INTO losses(seq, count, at_ms, records) VALUES(?,?,?,?)",
                (seq, losses.count, losses.at_ms, losses.text()),
            )
        return losses.count

    def _users(self, loser: Stamp, winner: Stamp, rule: Rule) -> tuple[UserId, UserId] | None:
        """Who the two are, where what the one lost to the other was a conflict. Of whom nothing is
        known, that is older than every log we hold, hence merged by everybody."""
        ours, theirs = self._log.provenance(loser), self._log.provenance(winner)
        if ours is None or theirs is None or not is_conflict(rule, ours, theirs):
            return None
        return ours.user, theirs.user

    @property
    def reach(self) -> int:
        """The newest place in the hub's log that anything here can come from."""
        return self._log.reach

    def seq_of(self, stamp: Stamp) -> int:
        """Where in the hub's log a stamp comes from; 0 if it is older, or not in it."""
        source = self._log.provenance(stamp)
        return 0 if source is None else source.hub_seq or 0

    def find(self, which: Which, limit: int) -> list[Conflict]:
        """Records that fit, newest first; what lost twice is told once. No end below 0."""
        told: dict[str, Conflict] = {}
        for conflict in self._all(which.doc_id or ""):
            if which.fits(conflict):
                told.setdefault(conflict.id, conflict)
            if len(told) == limit:
                break
        return list(told.values())

    def _all(self, naming: str) -> Iterator[Conflict]:
        """Records of merges that name a text, those of the newest commit first."""
        rows = self._database.query(
            "SELECT seq, records FROM losses WHERE instr(records, ?) ORDER BY number DESC",
            (json.dumps(naming, ensure_ascii=False)[1:-1],),
        )
        for _, group in groupby(rows, key=lambda row: row[0]):
            found = [each for _, records in group for each in self._read(records)]
            yield from sorted(found, key=lambda each: each.id)

    def _read(self, records: str) -> list[Conflict]:
        try:
            return list(conflicts_of(self._database.parse(records)))
        except (AttributeError, IndexError, TypeError, ValueError) as error:
            raise DatabaseCorrupt(f"{self._database.path}: a record was altered.") from error

    def prune(self) -> int:
        """Drop what ``CONFLICTS_MAX`` and ``CONFLICTS_KEEP_DAYS`` leave no room for; how many.

        The records of one merge go together, when newer ones fill the room, or when all are too
        old. Age is counted from the newest record, not from our clock, which may be decades wrong.
        """
        before = self.count()
        self._database.execute(
            "DELETE FROM losses WHERE at_ms < (SELECT max(at_ms) FROM losses) - ?"
            " OR number IN (SELECT number FROM (SELECT number, count,"
            "  sum(count) OVER (ORDER BY number DESC) AS total FROM losses)"
            "  WHERE total - count >= ?)",
            (CONFLICTS_KEEP_DAYS * DAY_MS, CONFLICTS_MAX),
        )
        return before - self.count()

    def count(self) -> int:
        """How many records there are; one that was made twice counts twice."""
        return int(self._database.query("SELECT coalesce(sum(count), 0) FROM losses")[0][0])
