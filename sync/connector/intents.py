"""Own writes under way: made durable before they are sent, at most one a document (M3, M5).

An intent ends when the stream has shown what it did, or is known to have nothing to show.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from sync.connector.paths import Path
from sync.connector.ports import Kind
from sync.connector.values import MISSING
from sync.core.text import compact, parse
from sync.ids import Json
from sync.local.database import Database

IntentState: TypeAlias = Literal["sent", "applied", "missed", "unknown", "doubtful"]
"""sent: not answered yet. applied, missed, unknown: answered so. doubtful: the stream has nothing
to show for the answer, so the document has to be read."""

_NUMBER = "mongo_write_number"


class Foreign:
    """What a write does to a field it does not touch."""

    __slots__ = ()


FOREIGN = Foreign()


@dataclass(slots=True)
class Wanted:
    """What a write makes of a document. Values are as the hub has them; an insert sets each field
    of the document. ``stamps`` are those of the hub's leaves it carries."""

    kind: Kind
    sets: dict[Path, Json] = field(default_factory=dict)
    unsets: tuple[Path, ...] = ()
    counts: dict[Path, int] = field(default_factory=dict)
    stamps: tuple[tuple[Path, int], ...] = ()

    def after(self, path: Path) -> Json:
        """The value it leaves at a path, ``MISSING`` for none, ``FOREIGN`` where it has no say."""
        if path in self.sets:
            return self.sets[path]
        if path in self.unsets:
            return MISSING
        for cut in range(len(path) - 1, 0, -1):
            above = path[:cut]
            if above in self.unsets:
                return MISSING
            if above in self.sets:
                value = self.sets[above]
                for name in path[cut:]:
                    value = value.get(name, MISSING) if isinstance(value, dict) else MISSING
                return value
        return FOREIGN

    def changes(self, path: Path, before: Json) -> Json:
        """The value it leaves at a path where ``before`` was."""
        if path in self.counts:
            is_number = isinstance(before, int) and not isinstance(before, bool)
            return (before if is_number else 0) + self.counts[path]
        after = self.after(path)
        return before if after is FOREIGN else after

    def paths(self) -> list[Path]:
        """Every path it touches."""
        return [*self.sets, *self.unsets, *self.counts]

    def text(self) -> str:
        """As it is kept."""
        pairs = [[list(path), value] for path, value in self.sets.items()]
        counts = [[list(path), by] for path, by in self.counts.items()]
        stamps = [[list(path), hlc] for path, hlc in self.stamps]
        whole = [self.kind, pairs, [list(path) for path in self.unsets], counts, stamps]
        return compact(whole)

    @classmethod
    def of(cls, text: str) -> Wanted:
        """The inverse of ``text``."""
        kind, sets, unsets, counts, stamps = parse(text)
        return cls(
            kind=kind,
            sets={tuple(path): value for path, value in sets},
            unsets=tuple(tuple(path) for path in unsets),
            counts={tuple(path): by for path, by in counts},
            stamps=tuple((tuple(path), hlc) for path, hlc in stamps),
        )


@dataclass(slots=True)
class Intent:
    """One write. ``seq`` is the commit of the hub whose form it carries; ``seen``: the stream has
    shown it, and only the answer is lacking. ``Intents`` alone changes these two. ``answered``:
    in which handful of answers its own came, 0 for none in this life of the connector."""

    collection: str
    doc_id: str
    number: int
    seq: int
    wanted: Wanted
    state: IntentState = "sent"
    seen: bool = False
    answered: int = 0

    @property
    def name(self) -> tuple[str, str]:
        """(collection, id in the hub)."""
        return self.collection, self.doc_id


class Intents:
    """The table ``mongo_writes``, mirrored in memory: there are as many as writes under way."""

    def __init__(self, database: Database) -> None:
        self._database = database
        with database.transaction():
            database.execute("UPDATE mongo_writes SET state = 'unknown' WHERE state = 'sent'")
        self._load()
        database.on_rollback(self._load)

    def _load(self) -> None:
        sql = "SELECT collection, id, number, seq, wanted, state, seen FROM mongo_writes"
        found = (self._intent(*row) for row in self._database.query(sql))
        self._held = {intent.name: intent for intent in found}
        self._moved: dict[tuple[str, str], Intent] = {}
        """What became of writes since it was written down last."""
        rows = self._database.query("SELECT value FROM notes WHERE name = ?", (_NUMBER,))
        self._number = int(self._database.parse(rows[0][0])) if rows else 0

    @staticmethod
    def _intent(*row: Any) -> Intent:
        collection, doc_id, number, seq, wanted, state, seen = row
        return Intent(collection, doc_id, number, seq, Wanted.of(wanted), state, bool(seen))

    def __len__(self) -> int:
        return len(self._held)

    def __iter__(self) -> Iterator[Intent]:
        return iter(list(self._held.values()))

    def of(self, name: tuple[str, str]) -> Intent | None:
        """The write under way for a document."""
        return self._held.get(name)

    def numbers(self, count: int) -> range:
        """Numbers for so many writes; none is ever given twice."""
        first, self._number = self._number + 1, self._number + count
        self._database.execute("DELETE FROM notes WHERE name = ?", (_NUMBER,))
        row = (_NUMBER, str(self._number))
        self._database.execute("INSERT INTO notes(name, value) VALUES(?, ?)", row)
        return range(first, self._number + 1)

    def add(self, intents: Iterable[Intent]) -> None:
        """Make intents durable; part of a transaction, before anything is sent."""
        added = list(intents)
        self._database.executemany(
            "INSERT INTO mongo_writes(collection, id, number, seq, wanted, state, seen)"
            " VALUES(?,?,?,?,?,'sent',0)",
            ((i.collection, i.doc_id, i.number, i.seq, i.wanted.text()) for i in added),
        )
        self._held.update((intent.name, intent) for intent in added)

    def change(
        self, intent: Intent, state: IntentState | None = None, *, seen: bool = False
    ) -> None:
        """Note what became of a write."""
        intent.state, intent.seen = state or intent.state, intent.seen or seen
        self._moved[intent.name] = intent

    def drop(self, intent: Intent) -> None:
        """A write is over."""
        self._held.pop(intent.name, None)
        self._moved[intent.name] = intent

    def save(self) -> None:
        """Write down what became of writes; part of the transaction in which it did."""
        moved, self._moved = self._moved, {}
        self._database.executemany(
            "DELETE FROM mongo_writes WHERE collection = ? AND id = ?",
            (name for name in moved if name not in self._held),
        )
        self._database.executemany(
            "UPDATE mongo_writes SET state = ?, seen = ? WHERE collection = ? AND id = ?",
            ((i.state, i.seen, *name) for name, i in moved.items() if name in self._held),
        )
