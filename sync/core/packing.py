"""A state as two short texts, the form of a database row and of a document in a snapshot (L1).

*body* is the canonical JSON of the visible document, or None. *meta* holds what the body does not
say: ``[hlc, site, exceptions, extras]``. Every leaf of the body carries the stamp (hlc, site)
unless an exception ``[hlc, site, [path, …]]`` lists it. Extras are leaves the reader does not see:
``[path, hlc, site, value]``, ``[path, hlc, site]`` for a tombstone, or ``[path]`` for a place of
the body that has no leaf of its own (a map that shows through its children, a counter without a
base). A site is a small integer that stands for a replica id; whoever stores the row keeps the
table.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sync.core.stamps import Stamp
from sync.core.state import Key, Leaf, State, leaves_at, leaves_of
from sync.core.text import canonical, compact, parse
from sync.core.values import TOMBSTONE
from sync.ids import Document, Json, ReplicaId

SiteOf = Callable[[ReplicaId], int]
ReplicaOf = Callable[[int], ReplicaId]


def pack_birth(stamp: Stamp, site_of: SiteOf) -> str:
    """Meta of a document whose every leaf has one stamp."""
    return f"[{stamp.hlc},{site_of(stamp.replica)}]"


def pack(state: State, document: Document | None, site_of: SiteOf) -> tuple[str | None, str]:
    """(body, meta) of a state and ``visible(state)``, whose values are the state's own objects.

    The state holds at least one leaf.
    """
    shown = {} if document is None else dict(leaves_of(document))
    by_stamp: dict[Stamp, list[Key]] = {}
    extras: list[Json] = [[_path(key, site_of)] for key in shown if key not in state]
    for key, leaf in state.items():
        if shown.get(key, TOMBSTONE) is leaf.value is not TOMBSTONE:
            by_stamp.setdefault(leaf.stamp, []).append(key)
        else:
            stamp = [leaf.stamp.hlc, site_of(leaf.stamp.replica)]
            value = [] if leaf.value is TOMBSTONE else [leaf.value]
            extras.append([_path(key, site_of), *stamp, *value])
    stamps = by_stamp or {leaf.stamp: [] for leaf in state.values()}
    base = max(stamps, key=lambda stamp: (len(stamps[stamp]), stamp))
    exceptions = [
        [stamp.hlc, site_of(stamp.replica), [_path(key, site_of) for key in keys]]
        for stamp, keys in by_stamp.items()
        if stamp != base
    ]
    meta: list[Json] = [base.hlc, site_of(base.replica)]
    if extras:
        meta += [exceptions, extras]
    elif exceptions:
        meta.append(exceptions)
    return None if document is None else canonical(document), compact(meta)


def unpack(body: str | None, meta: str, replica_of: ReplicaOf) -> tuple[State, Document | None]:
    """The inverse of ``pack``."""
    hlc, site, exceptions, extras = (*parse(meta), [], [])[:4]
    document: Document | None = None if body is None else parse(body)
    state: State = {}
    if document is not None:
        stamp = Stamp(hlc, replica_of(site))
        state = dict(leaves_at(stamp, leaves_of(document)))
    for hlc, site, paths in exceptions:
        stamp = Stamp(hlc, replica_of(site))
        for path in paths:
            key = _key(path, replica_of)
            state[key] = Leaf(stamp, state[key].value)
    for path, *rest in extras:
        key = _key(path, replica_of)
        if rest:
            value = rest[2] if len(rest) == 3 else TOMBSTONE
            state[key] = Leaf(Stamp(rest[0], replica_of(rest[1])), value)
        else:
            del state[key]
    return state, document


def stamps_in(meta: str) -> list[tuple[int, int]]:
    """Every (hlc, site) that a meta names, without unpacking the body."""
    hlc, site, exceptions, extras = (*parse(meta), [], [])[:4]
    found = [(hlc, site), *((e[0], e[1]) for e in exceptions)]
    found += [(e[1], e[2]) for e in extras if len(e) > 1]
    return found


def newest_at(meta: str, path: Key) -> int:
    """A reading that no leaf at a path, above it or below it exceeds, without unpacking."""
    hlc, _, exceptions, extras = (*parse(meta), [], [])[:4]
    wanted, found, is_own = list(path), 0, False
    for when, _, paths in exceptions:
        for each in paths:
            if _is_related(each, wanted):
                found, is_own = max(found, when), is_own or each == wanted
    for each, *rest in extras:
        if rest and _is_related(each, wanted):
            found, is_own = max(found, rest[0]), is_own or each == wanted
    return found if is_own else max(found, hlc)


def _is_related(one: list[Any], other: list[Any]) -> bool:
    if one and other and one[0] != other[0]:
        return False
    depth = min(len(one), len(other))
    return one[:depth] == other[:depth]


def remap(meta: str, site: Callable[[int], int]) -> str:
    """The same meta with other site numbers, for a row that moves to another file."""
    hlc, base, exceptions, extras = (*parse(meta), [], [])[:4]
    moved: list[Json] = [hlc, site(base)]
    if exceptions or extras:
        moved.append([[h, site(s), [_remapped(p, site) for p in ps]] for h, s, ps in exceptions])
    if extras:
        moved.append(
            [[_remapped(p, site), *([r[0], site(r[1]), *r[2:]] if r else [])] for p, *r in extras]
        )
    return compact(moved)


def _remapped(path: list[Any], site: Callable[[int], int]) -> list[Any]:
    return [[site(step[0]), step[1]] if isinstance(step, list) else step for step in path]


def _path(key: Key, site_of: SiteOf) -> list[Any]:
    return [[site_of(step[0]), step[1]] if isinstance(step, tuple) else step for step in key]


def _key(path: list[Any], replica_of: ReplicaOf) -> Key:
    return tuple((replica_of(s[0]), s[1]) if isinstance(s, list) else s for s in path)
