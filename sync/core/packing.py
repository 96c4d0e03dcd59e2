"""A state as two short texts, the form of a database row and of a document in a snapshot (L1).

*body* is the canonical JSON of the visible document, or None. *meta* holds what the body does not
say: ``[hlc, site, exceptions, extras]``. Every leaf of the body carries the stamp (hlc, site)
unless an exception ``[hlc, site, mask]`` has it, a mask of slots (``slots``); where a body has too
many leaves, and in rows of earlier versions, that is ``[hlc, site, [path, …]]``. No leaf is in two
exceptions. Extras are leaves the reader does not see:
``[path, hlc, site, value]``, ``[path, hlc, site]`` for a tombstone, or ``[path]`` for a place of
the body that has no leaf of its own (a map that shows through its children, a counter without a
base). A site is a small integer that stands for a replica id; whoever stores the row keeps the
table.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sync.core.slots import Places, bits_of, form_of, in_order, is_related, named
from sync.core.stamps import Stamp
from sync.core.state import Key, Leaf, State, leaves_at, leaves_of
from sync.core.text import canonical, compact, parse
from sync.core.values import TOMBSTONE
from sync.ids import Document, Json, ReplicaId

NO_LEAF = "[[null]]"
"""In the meta of every document that shows without having been made where it lies."""

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
    others = [(stamp, keys) for stamp, keys in by_stamp.items() if stamp != base]
    bits = bits_of(in_order(shown)) if others else None
    exceptions: list[Json] = [
        [stamp.hlc, site_of(stamp.replica), _places(keys, bits)] for stamp, keys in others
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
    shown = [] if document is None else leaves_of(document)
    state: State = dict(leaves_at(Stamp(hlc, replica_of(site)), shown)) if shown else {}
    leaves = [*state] if exceptions else []
    for hlc, site, places in exceptions:
        stamp = Stamp(hlc, replica_of(site))
        for key in named(places, leaves):
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


def newest_at(body: str | None, meta: str, path: Key) -> int:
    """The newest reading of the leaves at a path, above it and below it; 0 if there are none."""
    hlc, _, exceptions, extras = (*parse(meta), [], [])[:4]
    form = None if body is None else form_of(body, parse(body))
    found, base = 0, 0
    if form is not None:
        base = around = form.around(path)
        for when, _, places in exceptions:
            mask = form.mask(places)
            base &= ~mask
            if mask & around:
                found = max(found, when)
    for each, *rest in extras:
        key = _key(each, _as_it_is)
        if is_related(key, path):
            found = max(found, rest[0] if rest else 0)
            base &= ~form.mask([[*key]]) if form is not None else 0
    return max(found, hlc) if base else found


def remap(meta: str, site: Callable[[int], int]) -> str:
    """The same meta with other site numbers, for a row that moves to another file."""
    hlc, base, exceptions, extras = (*parse(meta), [], [])[:4]
    moved: list[Json] = [hlc, site(base)]
    if exceptions or extras:
        moved.append([[h, site(s), places] for h, s, places in exceptions])
    if extras:
        moved.append(
            [[_remapped(p, site), *([r[0], site(r[1]), *r[2:]] if r else [])] for p, *r in extras]
        )
    return compact(moved)


def _remapped(path: list[Any], site: Callable[[int], int]) -> list[Any]:
    return [[site(step[0]), step[1]] if isinstance(step, list) else step for step in path]


def _places(keys: list[Key], bits: dict[Key, int] | None) -> Places:
    if bits is None:
        return [list(key) for key in keys]
    return sum(bits[key] for key in keys)


def _path(key: Key, site_of: SiteOf) -> list[Any]:
    return [[site_of(step[0]), step[1]] if isinstance(step, tuple) else step for step in key]


def _as_it_is(site: int) -> ReplicaId:
    return ReplicaId(str(site))


def _key(path: list[Any], replica_of: ReplicaOf) -> Key:
    return tuple((replica_of(s[0]), s[1]) if isinstance(s, list) else s for s in path)
