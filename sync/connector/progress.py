"""Where each collection stands: its snapshots, and the hub's commits looked at (M2, M5)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from sync.connector.rules import Rules
from sync.local.database import Database

CollectionState: TypeAlias = Literal["due", "live", "stopped"]
"""due: a snapshot has to be taken or is under way; the hub's changes wait meanwhile. stopped: an
operator has to decide, with the reason beside it; nothing goes either way."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Where one collection stands. ``round`` numbers its snapshots, ``after`` is the key the
    running one has come to and ``done`` how many documents that are; ``seq`` is the commit of the
    hub up to which its changes have been looked at."""

    name: str
    state: CollectionState
    reason: str = ""
    round: int = 0
    after: str | None = None
    done: int = 0
    seq: int = 0

    def again(self, reason: str) -> Progress:
        """The same collection with a snapshot to be taken from the beginning."""
        return replace(self, state="due", reason=reason, round=self.round + 1, after=None, done=0)


class Collections:
    """The table ``mongo_collections``, of those that the rules exchange."""

    def __init__(self, database: Database, rules: Rules) -> None:
        self._database = database
        self.rules = rules

    def introduce(self, head: int) -> None:
        """Every collection of the rules is exchanged; ``head`` is the hub's newest commit."""
        for name in self.rules.collections.keys() - {each.name for each in self.all()}:
            if self.rules.collections[name].initial_sync:
                self.save(Progress(name, "due", round=1))
            else:
                self.save(Progress(name, "live", round=1, seq=head))

    def of(self, name: str) -> Progress:
        """The progress of one collection."""
        return self._select("WHERE name = ?", (name,))[0]

    def all(self) -> list[Progress]:
        """Every collection that is exchanged, in the order of the rules."""
        held = {each.name: each for each in self._select("", ())}
        return [held[name] for name in self.rules.collections if name in held]

    def rounds(self) -> dict[str, int]:
        """The number of the present snapshot of each collection whose events count."""
        return {each.name: each.round for each in self.all() if each.state != "stopped"}

    def lose(self, names: Iterable[str], reason: str) -> None:
        """Snapshots are due: events may have been missed."""
        wanted = set(names)
        for each in self.all():
            if each.name in wanted and each.state != "stopped":
                self.save(each.again(reason))

    def stop(self, name: str, reason: str) -> None:
        """Nothing goes either way until an operator says so."""
        for each in self.all():
            if each.name == name:
                self.save(replace(each, state="stopped", reason=reason))

    def save(self, each: Progress) -> None:
        """Keep the progress of a collection."""
        row = (each.name, each.state, each.reason, each.round, each.after, each.done, each.seq)
        self._database.execute(
            "INSERT OR REPLACE INTO mongo_collections"
            "(name, state, reason, round, after, done, seq) VALUES(?,?,?,?,?,?,?)",
            row,
        )

    def _select(self, rest: str, parameters: tuple[str, ...]) -> list[Progress]:
        sql = f"SELECT name, state, reason, round, after, done, seq FROM mongo_collections {rest}"
        return [Progress(*row) for row in self._database.query(sql, parameters)]
