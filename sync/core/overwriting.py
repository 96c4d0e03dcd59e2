"""The commonest merge of all, without taking a document apart: values where values are.

A change that sets fields which show in a row, or counts on counters that do, needs no state: of
each path the later stamp stays, the body takes the values that won, the meta their stamp.
Everything else is for ``state.merge``; both give the same row, which ``tests/laws`` holds them to.
"""

from __future__ import annotations

from typing import Any, NamedTuple, cast

from sync.core.conflicts import SOFT_DELETE, Lost
from sync.core.packing import ReplicaOf, SiteOf
from sync.core.stamps import Stamp
from sync.core.state import IncrementId, Key
from sync.core.text import canonical, compact, parse
from sync.core.values import INT_MAX, INT_MIN, TOMBSTONE, is_same
from sync.ids import Json


class Overwritten(NamedTuple):
    """A row after a change, and what lost. The body is None where nothing won."""

    body: str | None
    meta: str
    lost: list[Lost]


def overwritten(
    body: str,
    meta: str,
    stamp: Stamp,
    changes: dict[Key, Json],
    site_of: SiteOf,
    replica_of: ReplicaOf,
) -> Overwritten | None:
    """The row after changes of one stamp were merged; None where ``state.merge`` has to decide."""
    row = _Row(body, meta)
    if row.document.get("deleted") is True or SOFT_DELETE in changes:
        return None
    document, stamps, hlc = row.document, row.stamps, stamp.hlc
    won: list[Key] = []
    counted = False
    lost: dict[tuple[int, int], Lost] = {}
    for key, value in changes.items():
        last = key[-1] if key else None
        if last.__class__ is tuple:
            if not (counted or row.is_older(hlc)) or not row.count(key, stamp, site_of, value):
                return None
            counted = True
            continue
        holder = document if len(key) == 1 else row.holder_of(key)
        held = holder.get(last, row)
        if last is None or value is TOMBSTONE or held is row or held.__class__ is dict:
            return None
        then, site = stamps.get(key, row.stamp)[:2]
        if then == hlc or (row.extras and row.extras_at(key)):
            return None
        if held != value or not is_same(held, value):
            found = lost.get((then, site))
            if found is None:
                writer = Stamp(then, replica_of(site))
                sides = (writer, stamp) if then < hlc else (stamp, writer)
                found = lost[then, site] = Lost("overwritten", *sides, [], [], [])
            found.keys.append(key)
            found.losing.append(held if then < hlc else value)
            found.winning.append(value if then < hlc else held)
        if then < hlc:
            holder[last] = value
            won.append(key)
    if won:
        row.write(won, hlc, site_of(stamp.replica))
    if not (won or counted):
        return Overwritten(None, meta, [*lost.values()])
    return Overwritten(canonical(document), row.meta(), [*lost.values()])


class _Row:
    """A row whose fields are being overwritten; see ``packing`` for the parts of its meta.

    ``stamps`` has the exception that lists a path.
    """

    __slots__ = ("document", "exceptions", "extras", "stamp", "stamps")

    def __init__(self, body: str, meta: str) -> None:
        hlc, site, *rest = parse(meta)
        self.stamp: list[Any] = [hlc, site]
        self.exceptions: list[list[Any]] = rest[0] if rest else []
        self.extras: list[list[Any]] = rest[1] if len(rest) > 1 else []
        self.document: dict[Any, Json] = parse(body)
        self.stamps = {tuple(path): each for each in self.exceptions for path in each[2]}

    def holder_of(self, key: Key) -> dict[Any, Json]:
        """The map that a path leads into; an empty one where it leads into none."""
        holder = self.document
        for step in key[:-1]:
            inner = holder.get(step)
            if not isinstance(inner, dict):
                return {}
            holder = inner
        return holder

    def extras_at(self, key: Key) -> list[list[Any]]:
        """The unseen leaves above a path, at it and below it; the flag of a soft delete."""
        path, depth = list(key), len(key)
        return [e for e in self.extras if e[0][:depth] == path[: len(e[0])] or e[0] == ["deleted"]]

    def write(self, keys: list[Key], hlc: int, site: int) -> None:
        """The leaves shown at some paths were written anew."""
        for key in keys:
            each = self.stamps.get(key)
            if each is not None:
                each[2].remove(list(key))
        self.exceptions = [each for each in self.exceptions if each[2]]
        self.exceptions.append([hlc, site, keys])

    def count(self, key: Key, stamp: Stamp, site_of: SiteOf, amount: int) -> bool:
        """Count on the number shown at a path; False where that is not plain counting."""
        where, (replica, n) = key[:-1], cast(IncrementId, key[-1])
        holder, path = self.holder_of(where), list(where)
        base = holder.get(path[-1])
        unseen = self.extras_at(where)
        if type(base) is not int or not all(_counts_on(each, path) for each in unseen):
            return False
        total = base + amount
        if replica != stamp.replica or not INT_MIN <= total <= INT_MAX:
            return False
        if not any(each[0] == path for each in unseen):  # the base shows no longer as it is
            self.extras.append([path, *self._take_stamp(where), base])
        site = site_of(replica)
        self.extras.append([[*path, [site, n]], stamp.hlc, site, amount])
        holder[path[-1]] = total
        return True

    def is_older(self, hlc: int) -> bool:
        """Whether every leaf is strictly older."""
        return (
            self.stamp[0] < hlc
            and all(each[0] < hlc for each in self.exceptions)
            and all(each[1] < hlc for each in self.extras if len(each) > 1)
        )

    def _take_stamp(self, key: Key) -> list[Any]:
        """[hlc, site] of the leaf shown at a path, which has none from now on."""
        each = self.stamps.pop(key, None)
        if each is None:
            return self.stamp
        each[2].remove(list(key))
        self.exceptions = [each for each in self.exceptions if each[2]]
        return each[:2]

    def meta(self) -> str:
        """The meta as ``packing`` spells it."""
        if self.extras:
            return compact([*self.stamp, self.exceptions, self.extras])
        return compact([*self.stamp, self.exceptions])


def _counts_on(extra: list[Any], path: list[Any]) -> bool:
    """Whether an unseen leaf is the base of the counter at a path, or an increment of it."""
    where = extra[0]
    is_increment = len(where) == len(path) + 1 and isinstance(where[-1], list)
    return bool(where == path or is_increment) and (len(extra) == 4 or where == path)
