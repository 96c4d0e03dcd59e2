"""Dead letters: what could not be brought to the other side, why, and nothing else held up (M6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from sync.local.database import Database

Way: TypeAlias = Literal["in", "out"]

REASONS: dict[str, str] = {
    "duplicate_id": "another document of MongoDB is bound to this id; remove or rename one of them",
    "duplicate_key": "a unique index of MongoDB holds this value already; change one of the two",
    "id_missing": "a field of the id mapping is absent; give it a value in MongoDB",
    "id_mismatch": "the id is not what the mapped fields say; correct the fields on a device",
    "id_unusable": "the value cannot be an id; give the document another in MongoDB",
    "too_large": "the document is larger than a device may hold; make it smaller in MongoDB",
    "unstorable": "a top-level field has a name that no replica stores; rename it in MongoDB",
    "field_name": "MongoDB cannot set a top-level field of this name; rename it on a device",
    "doc_missing": "MongoDB has no such document and told of no deletion; retry, or audit --repair",
    "validator": "a validator of MongoDB refuses the document; correct it on a device",
    "refused": "MongoDB refuses the write; see the detail",
}
"""What a reason means and what a person does about it."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One document that waits for a person. ``way``: ``in`` to the hub, ``out`` to MongoDB; ``id``
    is the hub's and ``key`` MongoDB's (``ids.key_text``), empty where there is none."""

    number: int
    collection: str
    doc_id: str
    key: str
    way: Way
    reason: str
    detail: str
    at_ms: int

    @property
    def remedy(self) -> str:
        """What to do about it."""
        return REASONS.get(self.reason, REASONS["refused"])


DETAIL_CHARS_MAX = 500
"""MongoDB's own sentence may quote the document; a person wants to know what is wrong with it."""
LETTERS_TOLD_MAX = 500
"""Told in one answer, the oldest: nobody reads more at once, and ``count`` says how many wait."""


class Letters:
    """The table ``mongo_letters``; of one document and way there is at most one, and it goes with
    its reason, so that there are never more than documents."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._load()
        database.on_rollback(self._load)

    def _load(self) -> None:
        """What may be parked, by id and by key: most of what comes is not, and costs nothing."""
        sql = "SELECT collection, way, id, key FROM mongo_letters"
        self._parked: set[tuple[str, str, str, str]] = set()
        for collection, way, doc_id, key in self._database.query(sql):
            self._note(collection, way, doc_id, key)

    def _note(self, collection: str, way: str, doc_id: str, key: str) -> None:
        self._parked |= {(collection, way, "id", doc_id), (collection, way, "key", key)}

    def park(
        self, name: tuple[str, str], key: str, way: Way, reason: str, detail: str, at_ms: int
    ) -> None:
        """Set a document aside; a letter about it that is there already tells the newer reason."""
        self._database.execute(
            "INSERT INTO mongo_letters(collection, id, key, way, reason, detail, at_ms)"
            " VALUES(?,?,?,?,?,?,?) ON CONFLICT(collection, id, key, way) DO UPDATE SET"
            " reason = excluded.reason, detail = excluded.detail, at_ms = excluded.at_ms",
            (*name, key, way, reason, detail[:DETAIL_CHARS_MAX], at_ms),
        )
        self._note(name[0], way, name[1], key)

    def withdraw(self, collection: str, way: Way, *, doc_id: str = "", key: str = "") -> None:
        """There is nothing left to say about a document, by id or by key."""
        column, value = ("id", doc_id) if doc_id else ("key", key)
        if (collection, way, column, value) in self._parked:
            self._parked.remove((collection, way, column, value))
            self._database.execute(
                f"DELETE FROM mongo_letters WHERE collection = ? AND way = ? AND {column} = ?",
                (collection, way, value),
            )

    def arrived(self, collection: str, doc_id: str) -> None:
        """What was written to MongoDB is there; a field that it cannot name is not part of that."""
        if (collection, "out", "id", doc_id) in self._parked:
            self._database.execute(
                "DELETE FROM mongo_letters WHERE collection = ? AND way = 'out' AND id = ?"
                " AND reason <> 'field_name'",
                (collection, doc_id),
            )

    def nameable(self, collection: str, doc_id: str) -> None:
        """Every field of a document can be named in MongoDB."""
        if (collection, "out", "id", doc_id) in self._parked:
            self._database.execute(
                "DELETE FROM mongo_letters WHERE collection = ? AND way = 'out' AND id = ?"
                " AND reason = 'field_name'",
                (collection, doc_id),
            )

    def is_parked(self, collection: str, way: Way, doc_id: str) -> bool:
        """Whether a document waits here."""
        if (collection, way, "id", doc_id) not in self._parked:
            return False
        sql = "SELECT 1 FROM mongo_letters WHERE collection = ? AND way = ? AND id = ?"
        return bool(self._database.query(sql, (collection, way, doc_id)))

    def all(self, limit: int = -1) -> list[Letter]:
        """Every letter, oldest first."""
        return self._select("ORDER BY number LIMIT ?", limit)

    def of(self, number: int) -> Letter | None:
        """One letter."""
        found = self._select("WHERE number = ?", number)
        return found[0] if found else None

    def remove(self, number: int) -> None:
        """Forget one letter."""
        self._database.execute("DELETE FROM mongo_letters WHERE number = ?", (number,))

    def count(self) -> dict[str, int]:
        """How many, by reason."""
        sql = "SELECT reason, count(*) FROM mongo_letters GROUP BY reason ORDER BY reason"
        return {reason: number for reason, number in self._database.query(sql)}

    def _select(self, rest: str, parameter: int) -> list[Letter]:
        sql = "SELECT number, collection, id, key, way, reason, detail, at_ms FROM mongo_letters"
        return [Letter(*row) for row in self._database.query(f"{sql} {rest}", (parameter,))]
