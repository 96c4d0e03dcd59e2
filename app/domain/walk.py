"""The way past every low place of a store: one walk, aisle by aisle, nothing visited twice."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

from app.domain.codes import location_text
from app.domain.stock import Level, is_low, level, walk_key
from app.domain.times import instant, iso_z

WALK_HOURS_MAX: Final = 12
"""After a long shift the list of this morning is no walk any more."""


@dataclass(frozen=True, slots=True)
class Walk:
    """One walk: when it began, which places were low at some time since, which are ticked off."""

    started: str
    seen: frozenset[str] = field(default=frozenset())
    ticked: frozenset[str] = field(default=frozenset())

    def to_json(self) -> dict[str, Any]:
        """What a device keeps of a walk."""
        return {
            "started": self.started,
            "seen": sorted(self.seen),
            "ticked": sorted(self.ticked),
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Walk:
        """The inverse of `to_json`."""
        return cls(kept["started"], frozenset(kept["seen"]), frozenset(kept["ticked"]))

    def is_over(self, now: str | datetime) -> bool:
        """Whether it began so long ago that a new one begins."""
        return instant(now) - instant(self.started) > timedelta(hours=WALK_HOURS_MAX)

    def tick(self, row_id: str, *, done: bool) -> Walk:
        """With a place ticked off, or on the list again."""
        ticked = self.ticked | {row_id} if done else self.ticked - {row_id}
        return replace(self, ticked=ticked)


def begin(now: str | datetime) -> Walk:
    """A new walk."""
    return Walk(iso_z(now))


def with_rows(walk: Walk, rows: Iterable[Mapping[str, Any]]) -> Walk:
    """The walk with the places that are low now; what was low stays on it when it is filled up."""
    found = walk.seen | {str(row["_id"]) for row in rows if needs_a_look(row)}
    return walk if found == walk.seen else replace(walk, seen=found)


def needs_a_look(row: Mapping[str, Any]) -> bool:
    """Whether a place is out or due for reorder."""
    return is_low(row) or level(row) is Level.OUT


def stops(walk: Walk, rows: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The places of a walk in the order one passes them."""
    return sorted((row for row in rows if str(row["_id"]) in walk.seen), key=walk_key)


def is_done(walk: Walk, row: Mapping[str, Any]) -> bool:
    """Whether a place is ticked off, or was counted since the walk began, by whomever."""
    return str(row["_id"]) in walk.ticked or was_counted(walk, row)


def was_counted(walk: Walk, row: Mapping[str, Any]) -> bool:
    """Whether a place was counted since the walk began."""
    counted = row.get("last_counted")
    return bool(counted) and instant(str(counted)) >= instant(walk.started)


def aisle_name(row: Mapping[str, Any]) -> str:
    """What the stops of one aisle stand under: `Aisle 3`, or `No location`."""
    location = row.get("location") or {}
    aisle = str(location.get("aisle") or "")
    return f"Aisle {aisle}" if aisle else location_text(None)


def by_aisle(rows: Collection[Mapping[str, Any]]) -> list[tuple[str, list[Mapping[str, Any]]]]:
    """Stops in walking order, under the name of their aisle."""
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        groups.setdefault(aisle_name(row), []).append(row)
    return list(groups.items())
