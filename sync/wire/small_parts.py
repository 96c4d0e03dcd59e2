"""The commonest line of all, read at once: a part of the log that changes one document.

Nearly all that a device hears while it is online. ``small_part`` believes a line only where it has
the form that ``codec.encode`` gives it and nothing in it needs a second look; of every other line
it says None, and ``codec`` has the word. So both mean the same, which ``tests/laws`` holds them to.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final, NamedTuple

from sync.core.batch import Change, Context
from sync.core.conflicts import Provenance
from sync.core.decode import NAME_BYTES_MAX, collection_name, columns_of, replica_id, short_text
from sync.core.stamps import HLC_MAX
from sync.core.state import Key
from sync.core.text import parse
from sync.core.values import ID_BYTES_MAX, INT_MAX, INT_MIN
from sync.errors import ZavaError
from sync.ids import Collection, ReplicaId, UserId
from sync.wire.messages import Part

SMALL_BYTES_MAX: Final = 4_096
_NAMES: Final = ("k", "seq", "g", "s", "d", "w", "x")
_START: Final = b'{"k":"part","seq":'
_REMEMBERED_MAX: Final = 1_000
"""Writers and shapes that need no second look: those of a store, many times over."""


class _Odd(ValueError):
    """Something that ``codec`` has to look at."""


class _Writer(NamedTuple):
    """Who writes, and under which epoch of the hub."""

    replica: ReplicaId
    user: UserId
    epoch: str


class _Shape(NamedTuple):
    """Which fields of which collection are changed; ``counted`` are the places of those that are
    counted on, whose keys end in who counts."""

    collection: Collection
    keys: tuple[Key, ...]
    counted: tuple[int, ...]


_context: Callable[[tuple[Any, ...]], Context] = partial(tuple.__new__, Context)
_provenance: Callable[[tuple[Any, ...]], Provenance] = partial(tuple.__new__, Provenance)
_changed: Callable[[tuple[Any, ...]], Change] = partial(tuple.__new__, Change)
_part: Callable[[tuple[Any, ...]], Part] = partial(tuple.__new__, Part)
"""Named tuples without the Python call that makes one."""

_writers: dict[tuple[str, str, str], _Writer] = {}
_shapes: dict[tuple[Any, ...], _Shape] = {}


def small_part(line: bytes) -> Part | None:
    """The part in a line, if it is a small and plain one."""
    if len(line) > SMALL_BYTES_MAX or not line.startswith(_START):
        return None
    try:
        return _read(parse(line.decode()))
    except (KeyError, TypeError, ValueError, ZavaError):
        return None


def _read(body: dict[str, Any]) -> Part:
    if tuple(body) != _NAMES:
        raise _Odd
    kind, seq, chain, source, deltas, whole, gone = body.values()
    if not (kind == "part" and whole == [] == gone and type(seq) is int and 0 < seq <= INT_MAX):
        raise _Odd
    if not (type(chain) is str and chain.isascii() and len(chain) <= NAME_BYTES_MAX):
        raise _Odd
    replica, n, hlc, user, (epoch, known, beside), hub_seq = source
    if not (type(n) is type(hlc) is type(known) is type(hub_seq) is int and beside == []):
        raise _Odd
    if not (0 < n <= INT_MAX and 0 < hub_seq <= INT_MAX):
        raise _Odd
    if not (0 <= hlc <= HLC_MAX and 0 <= known <= INT_MAX):
        raise _Odd
    writer = _writers.get((replica, user, epoch)) or _new_writer(replica, user, epoch)
    context = _context((writer.epoch, known, ()))
    told = _provenance((writer.replica, n, hlc, writer.user, context, hub_seq))
    return _part((seq, chain, told, (_change(deltas, writer.replica, n),), (), (), None))


def _new_writer(replica: object, user: object, epoch: object) -> _Writer:
    if len(_writers) >= _REMEMBERED_MAX:
        _writers.clear()
    texts = replica_id(replica), UserId(short_text(user, "user")), short_text(epoch, "epoch")
    writer = _writers[texts] = _Writer(*texts)
    return writer


def _change(deltas: list[Any], replica: ReplicaId, n: int) -> Change:
    ((name, columns, (row,)),) = deltas
    group = [name]
    for kind, path in columns:
        if type(path) is not list:
            raise _Odd
        group.append((kind, *path))
    named = (*group,)
    collection, keys, counted = _shapes.get(named) or _new_shape(named, columns)
    if type(row) is not list or len(row) != 1 + len(keys):
        raise _Odd
    doc_id, *values = row
    if not (type(doc_id) is str and doc_id.isascii() and 0 < len(doc_id) <= ID_BYTES_MAX):
        raise _Odd
    for value in values:
        if type(value) is str:
            if not value.isascii():
                raise _Odd
        elif type(value) is int:
            if not INT_MIN <= value <= INT_MAX:
                raise _Odd
        elif value is not None and type(value) is not bool:
            raise _Odd
    if counted:
        keys = _counting(keys, counted, values, (replica, n))
    return _changed((collection, doc_id, keys, (*values,)))


def _counting(
    keys: tuple[Key, ...], counted: tuple[int, ...], values: list[Any], by: tuple[ReplicaId, int]
) -> tuple[Key, ...]:
    """The keys of fields of which some are counted on."""
    found = list(keys)
    for place in counted:
        if type(values[place]) is not int:
            raise _Odd
        found[place] = (*found[place], by)
    return tuple(found)


def _new_shape(named: tuple[Any, ...], columns: list[Any]) -> _Shape:
    if len(_shapes) >= _REMEMBERED_MAX:
        _shapes.clear()
    kinds, paths = zip(*columns_of(columns), strict=True)
    if any(kind not in "=+" for kind in kinds):
        raise _Odd
    counted = tuple(place for place, kind in enumerate(kinds) if kind == "+")
    found = _shapes[named] = _Shape(collection_name(named[0]), paths, counted)
    return found
