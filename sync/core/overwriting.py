"""The commonest merge of all, without taking a document apart: newer values where values are.

A change that is newer than everything in a row, and that sets fields or counts on counters which
show in it, needs no state: the body takes the values, the meta their stamp. Everything else is
for ``state.merge``; both give the same row, which ``tests/laws`` holds them to.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from sync.core.packing import ReplicaOf, SiteOf
from sync.core.stamps import Stamp
from sync.core.state import Beaten, Key, Leaf
from sync.core.values import INT_MAX, INT_MIN, TOMBSTONE, canonical, is_same
from sync.ids import Json

_dumps = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode


class Overwritten(NamedTuple):
    """A row after a change, and the leaves that lost."""

    body: str
    meta: str
    beaten: list[Beaten]


class _Row:
    """A row whose fields are being overwritten; see ``packing`` for the parts of its meta."""

    def __init__(self, body: str, meta: str) -> None:
        self.hlc, self.site, self.exceptions, self.extras = (*json.loads(meta), [], [])[:4]
        self.document: dict[str, Json] = json.loads(body)

    def is_older(self, hlc: int) -> bool:
        """Whether every leaf is strictly older."""
        return (
            self.hlc < hlc
            and all(each[0] < hlc for each in self.exceptions)
            and all(each[1] < hlc for each in self.extras if len(each) > 1)
        )

    def holder_of(self, path: list[Any]) -> dict[str, Json] | None:
        """The map that shows the last step of a path as something other than a map."""
        holder: Json = self.document
        for step in path[:-1]:
            holder = holder.get(step)
            if not isinstance(holder, dict):
                return None
        if path[-1] not in holder or isinstance(holder[path[-1]], dict):
            return None
        found: dict[str, Json] = holder
        return found

    def extras_at(self, path: list[Any]) -> list[list[Any]]:
        """The unseen leaves above a path, at it and below it."""
        depth = len(path)
        return [e for e in self.extras if e[0][:depth] == path[: len(e[0])]]

    def take_stamp(self, path: list[Any]) -> tuple[int, int]:
        """(hlc, site) of the leaf shown at a path, which has none from now on."""
        for each in self.exceptions:
            if path in each[2]:
                each[2].remove(path)
                if not each[2]:
                    self.exceptions.remove(each)
                return each[0], each[1]
        return self.hlc, self.site

    def give_stamp(self, path: list[Any], hlc: int, site: int) -> None:
        """The leaf shown at a path was written anew."""
        for each in self.exceptions:
            if each[0] == hlc and each[1] == site:
                each[2].append(path)
                return
        self.exceptions.append([hlc, site, [path]])

    def count(self, path: list[Any], n: int, stamp: tuple[int, int], amount: int) -> bool:
        """Count on the number shown at a path; False where that is not plain counting."""
        holder = self.holder_of(path)
        if holder is None or type(holder[path[-1]]) is not int:
            return False
        base = holder[path[-1]]
        unseen = self.extras_at(path)
        if any(not _counts_on(each, path) for each in unseen):
            return False
        total = base + amount
        if not INT_MIN <= total <= INT_MAX:
            return False
        if not any(each[0] == path for each in unseen):  # the base shows no longer as it is
            self.extras.append([path, *self.take_stamp(path), base])
        hlc, site = stamp
        self.extras.append([[*path, [site, n]], hlc, site, amount])
        holder[path[-1]] = total
        return True

    def meta(self) -> str:
        """The meta as ``packing`` spells it."""
        if self.extras:
            return _dumps([self.hlc, self.site, self.exceptions, self.extras])
        return _dumps([self.hlc, self.site, self.exceptions])


def overwritten(
    body: str,
    meta: str,
    leaves: list[tuple[Key, Leaf]],
    site_of: SiteOf,
    replica_of: ReplicaOf,
) -> Overwritten | None:
    """The row after leaves of one stamp were merged; None where ``state.merge`` has to decide."""
    stamp = leaves[0][1].stamp
    row = _Row(body, meta)
    if not row.is_older(stamp.hlc) or row.document.get("deleted") is True:
        return None
    site = site_of(stamp.replica)
    beaten: list[Beaten] = []
    for key, leaf in leaves:
        last = key[-1] if key else None
        if last is None or leaf.value is TOMBSTONE or key == ("deleted",):
            return None
        if isinstance(last, tuple):
            is_own = last[0] == stamp.replica
            if not is_own or not row.count(list(key[:-1]), last[1], (stamp.hlc, site), leaf.value):
                return None
            continue
        path = list(key)
        holder = row.holder_of(path)
        if holder is None or row.extras_at(path):
            return None
        held, holder[last] = holder[last], leaf.value
        hlc, former = row.take_stamp(path)
        if not is_same(held, leaf.value):
            loser = Leaf(Stamp(hlc, replica_of(former)), held)
            beaten.append(Beaten(key, loser, key, leaf))
        row.give_stamp(path, stamp.hlc, site)
    return Overwritten(canonical(row.document), row.meta(), beaten)


def _counts_on(extra: list[Any], path: list[Any]) -> bool:
    """Whether an unseen leaf is the base of the counter at a path, or an increment of it."""
    where = extra[0]
    is_increment = len(where) == len(path) + 1 and isinstance(where[-1], list)
    return bool(where == path or is_increment) and (len(extra) == 4 or where == path)
