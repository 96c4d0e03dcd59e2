"""The conflict history (C5): every losing write that its winner's author had not seen."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from sync.core.conflicts import (
    Conflict,
    ConflictSide,
    Rule,
    had_merged,
    record,
    rule_of,
)
from sync.core.state import Beaten
from sync.local.database import Database
from sync.local.oplog import Log


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

    def find(self, collection: str | None, doc_id: str | None, limit: int) -> list[Conflict]:
        """Records, newest first, of everything, of a collection or of one document."""
        conditions = {"collection": collection, "doc_id": doc_id}
        wanted = {name: value for name, value in conditions.items() if value is not None}
        where = " AND ".join(f"{name} = ?" for name in wanted) or "1"
        rows = self._database.query(
            "SELECT id, collection, doc_id, path, rule, loser, winner FROM conflicts"
            f" WHERE {where} ORDER BY seq DESC, id LIMIT ?",
            (*wanted.values(), limit),
        )
        return [_conflict(*row) for row in rows]

    def count(self) -> int:
        """How many records there are."""
        return int(self._database.query("SELECT count(*) FROM conflicts")[0][0])


def _conflict(
    conflict_id: str, collection: str, doc_id: str, path: str, rule: Any, loser: str, winner: str
) -> Conflict:
    return Conflict(
        id=conflict_id,
        collection=collection,
        doc_id=doc_id,
        path=tuple(json.loads(path)),
        rule=rule,
        loser=ConflictSide(**json.loads(loser)),
        winner=ConflictSide(**json.loads(winner)),
    )
