"""The conflict history (C5): every losing write that its winner's author had not seen."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from sync.core.conflicts import (
    Conflict,
    ConflictSide,
    Rule,
    had_merged,
    record,
    rule_of,
)
from sync.core.stamps import Stamp
from sync.core.state import Beaten
from sync.errors import DatabaseCorrupt
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


_CONDITIONS = {
    "collection": "collection = :collection",
    "doc_id": "doc_id = :doc_id",
    "conflict_id": "id = :conflict_id",
    "user": ":user IN (json_extract(loser, '$.user'), json_extract(winner, '$.user'))",
    "replica": ":replica IN (json_extract(loser, '$.replica'), json_extract(winner, '$.replica'))",
    "path": "substr(path, 1, length(:path)) = :path",
    "since_ms": "json_extract(loser, '$.at_ms') >= :since_ms",
    "until_ms": "json_extract(loser, '$.at_ms') < :until_ms",
}


class History:
    """Judges beaten leaves and keeps the records of those that were conflicts."""

    def __init__(self, database: Database, log: Log) -> None:
        self._database = database
        self._log = log

    def keep(
        self,
        seq: int,
        collection: str,
        doc_id: str,
        beaten: Iterable[Beaten],
        clashes: Iterable[Beaten],
    ) -> int:
        """Record what of ``beaten`` (and of soft-delete ``clashes``) was concurrent; how many."""
        conflicts = [
            self._judge(collection, doc_id, item, rule_of(item), mutual=False) for item in beaten
        ]
        conflicts += [
            self._judge(collection, doc_id, item, "soft_deleted", mutual=True) for item in clashes
        ]
        found = [conflict for conflict in conflicts if conflict is not None]
        return sum(self._insert(seq, conflict) for conflict in found)

    def seq_of(self, stamp: Stamp) -> int:
        """Where in the hub's log a stamp comes from; 0 if it is older, or not in it."""
        source = self._log.provenance(stamp)
        return 0 if source is None else source.hub_seq or 0

    def _judge(
        self, collection: str, doc_id: str, item: Beaten, rule: Rule, *, mutual: bool
    ) -> Conflict | None:
        """The record of one beaten leaf, or None if its loss was no conflict.

        A batch we know nothing of is older than every log we hold, hence merged by everybody.
        """
        loser = self._log.provenance(item.loser.stamp)
        winner = self._log.provenance(item.winner.stamp)
        if loser is None or winner is None or had_merged(winner, loser):
            return None
        if mutual and had_merged(loser, winner):
            return None
        return record(collection, doc_id, item, rule, loser.user, winner.user)

    def _insert(self, seq: int, conflict: Conflict) -> int:
        return self._database.execute(
            "INSERT OR IGNORE INTO conflicts"
            "(id, seq, collection, doc_id, path, rule, loser, winner) VALUES(?,?,?,?,?,?,?,?)",
            (
                *(conflict.id, seq, conflict.collection, conflict.doc_id),
                *(json.dumps(conflict.path), conflict.rule),
                *(json.dumps(asdict(conflict.loser)), json.dumps(asdict(conflict.winner))),
            ),
        )

    def find(self, which: Which, limit: int) -> list[Conflict]:
        """Records that fit, newest first."""
        wanted = {name: value for name, value in asdict(which).items() if value is not None}
        if which.path is not None:
            wanted["path"] = json.dumps(which.path)[:-1]  # without the bracket: also what is below
        where = " AND ".join(_CONDITIONS[name] for name in wanted) or "1"
        rows = self._database.query(
            "SELECT id, collection, doc_id, path, rule, loser, winner FROM conflicts"
            f" WHERE {where} ORDER BY seq DESC, id LIMIT :limit",
            {**wanted, "limit": limit},
        )
        return [self._conflict(*row) for row in rows]

    def prune(self) -> int:
        """Drop what ``CONFLICTS_MAX`` and ``CONFLICTS_KEEP_DAYS`` leave no room for; how many.

        Age is counted from the newest record, not from our clock, which may be decades wrong.
        """
        return self._database.execute(
            "DELETE FROM conflicts WHERE json_extract(loser, '$.at_ms') <"
            " (SELECT max(json_extract(winner, '$.at_ms')) FROM conflicts) - ?"
            " OR id IN (SELECT id FROM conflicts ORDER BY seq DESC, id LIMIT -1 OFFSET ?)",
            (CONFLICTS_KEEP_DAYS * DAY_MS, CONFLICTS_MAX),
        )

    def count(self) -> int:
        """How many records there are."""
        return int(self._database.query("SELECT count(*) FROM conflicts")[0][0])

    def _conflict(self, *row: Any) -> Conflict:
        conflict_id, collection, doc_id, path, rule, loser, winner = row
        parse = self._database.parse
        try:
            return Conflict(
                id=conflict_id,
                collection=collection,
                doc_id=doc_id,
                path=tuple(parse(path)),
                rule=rule,
                loser=ConflictSide(**parse(loser)),
                winner=ConflictSide(**parse(winner)),
            )
        except TypeError as error:
            raise DatabaseCorrupt(f"{self._database.path}: a record was altered.") from error
