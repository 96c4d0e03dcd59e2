"""The commonest merge of all, without taking a document apart: values where values are.

A change that sets fields which show in a row, or counts on counters that do, needs no state: of
each path the later stamp stays, the body takes the values that won, the meta their stamp.
Everything else is for ``state.merge``; both give the same row, which ``tests/laws`` holds them to.
"""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias, cast

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


_HLC, _SITE, _PATHS, _KEYS, _HELD, _CAME = range(6)
"""What is kept of each writer with a stamp of its own: its stamp, the paths that have it, and of
those that differ from the change the key, the value held and the value that came."""
_Writer: TypeAlias = list[Any]


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
    document, stamp_of, base, hlc = row.document, row.stamps.get, row.base, stamp.hlc
    if document.get("deleted") is True or SOFT_DELETE in changes:
        return None
    won: list[Key] = []
    counted = False
    for key, value in changes.items():
        last = key[-1] if key else None
        if last.__class__ is tuple:
            if not (counted or row.is_older(hlc)) or not row.count(key, stamp, site_of, value):
                return None
            counted = True
            continue
        holder = document if len(key) == 1 else _holder(document, key)
        held = holder.get(last, document)
        writer = stamp_of(key, base)
        then = writer[_HLC]
        if held.__class__ is dict or last is None or value is TOMBSTONE or then == hlc:
            return None
        if row.extras and row.extras_at(key):
            return None
        if held != value or not is_same(held, value):
            writer[_KEYS].append(key)
            writer[_HELD].append(held)
            writer[_CAME].append(value)
        if then < hlc:
            holder[last] = value
            won.append(key)
    lost = row.lost(stamp, replica_of)
    if not (won or counted):
        return Overwritten(None, meta, lost)
    if won:
        row.write(won, hlc, site_of(stamp.replica))
    return Overwritten(canonical(document), row.meta(), lost)


class _Row:
    """A row whose fields are being overwritten; see ``packing`` for the parts of its meta."""

    __slots__ = ("base", "document", "extras", "stamps", "writers")

    def __init__(self, body: str, meta: str) -> None:
        hlc, site, *rest = parse(meta)
        self.document: dict[Any, Json] = parse(body)
        self.base: _Writer = [hlc, site, [], [], [], []]
        self.writers: list[_Writer] = rest[0] if rest else []
        self.extras: list[list[Any]] = rest[1] if len(rest) > 1 else []
        self.stamps: dict[Key, _Writer] = {}
        for writer in self.writers:
            writer[_PATHS] = keys = [*map(tuple, writer[_PATHS])]
            writer.extend(([], [], []))
            self.stamps.update(dict.fromkeys(keys, writer))

    def lost(self, stamp: Stamp, replica_of: ReplicaOf) -> list[Lost]:
        """What lost to the change, and what of the change lost to others."""
        found = []
        for hlc, site, _, keys, held, came in (self.base, *self.writers):
            if keys:
                writer = Stamp(hlc, replica_of(site))
                sides = (writer, stamp, keys, held, came)
                if hlc > stamp.hlc:
                    sides = (stamp, writer, keys, came, held)
                found.append(Lost("overwritten", *sides))
        return found

    def extras_at(self, key: Key) -> list[list[Any]]:
        """The unseen leaves above a path, at it and below it; the flag of a soft delete."""
        path, depth = list(key), len(key)
        return [e for e in self.extras if e[0][:depth] == path[: len(e[0])] or e[0] == ["deleted"]]

    def write(self, keys: list[Key], hlc: int, site: int) -> None:
        """The leaves shown at some paths were written anew; all of them were older."""
        written = set(keys)
        for writer in self.writers:
            if writer[_HLC] < hlc:
                writer[_PATHS] = [key for key in writer[_PATHS] if key not in written]
        self.writers.append([hlc, site, keys])

    def count(self, key: Key, stamp: Stamp, site_of: SiteOf, amount: int) -> bool:
        """Count on the number shown at a path; False where that is not plain counting."""
        where, (replica, n) = key[:-1], cast(IncrementId, key[-1])
        holder, path = _holder(self.document, where), list(where)
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
            self.base[_HLC] < hlc
            and all(writer[_HLC] < hlc for writer in self.writers)
            and all(each[1] < hlc for each in self.extras if len(each) > 1)
        )

    def _take_stamp(self, key: Key) -> list[int]:
        """[hlc, site] of the leaf shown at a path, which has none from now on."""
        writer = self.stamps.pop(key, self.base)
        if writer is not self.base:
            writer[_PATHS].remove(key)
        return writer[:_PATHS]

    def meta(self) -> str:
        """The meta as ``packing`` spells it."""
        base = self.base[:_PATHS]
        exceptions = [writer[:_KEYS] for writer in self.writers if writer[_PATHS]]
        if self.extras:
            return compact([*base, exceptions, self.extras])
        return compact([*base, exceptions])


def _holder(document: dict[Any, Json], key: Key) -> dict[Any, Json]:
    """The map that a path leads into; an empty one where it leads into none."""
    for step in key[:-1]:
        document = document.get(step, {})
        if document.__class__ is not dict:
            return {}
    return document


def _counts_on(extra: list[Any], path: list[Any]) -> bool:
    """Whether an unseen leaf is the base of the counter at a path, or an increment of it."""
    where = extra[0]
    is_increment = len(where) == len(path) + 1 and isinstance(where[-1], list)
    return bool(where == path or is_increment) and (len(extra) == 4 or where == path)
