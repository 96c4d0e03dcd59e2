"""The commonest line of all, read at once: a part of the log that changes one document.

Nearly all that a device hears while it is online. ``small_part`` believes a line only where it has
the form that ``codec.encode`` gives it and nothing in it needs a second look; of every other line
it says None, and ``codec`` has the word. So both mean the same, which ``tests/laws`` holds them to.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from sync.core.batch import Change, Context
from sync.core.conflicts import Provenance
from sync.core.decode import NAME_BYTES_MAX
from sync.core.stamps import HLC_MAX
from sync.core.text import parse
from sync.core.values import ID_BYTES_MAX, INT_MAX, INT_MIN
from sync.errors import ZavaError
from sync.ids import ReplicaId
from sync.wire import compiled
from sync.wire.messages import Part
from sync.wire.remembered import Odd, counting, new_shape, new_writer, shapes, writers

SMALL_BYTES_MAX: Final = 4_096
_NAMES: Final = ("k", "seq", "g", "s", "d", "w", "x")
_START: Final = b'{"k":"part","seq":'

_context: Callable[[tuple[Any, ...]], Context] = partial(tuple.__new__, Context)
_provenance: Callable[[tuple[Any, ...]], Provenance] = partial(tuple.__new__, Provenance)
_changed: Callable[[tuple[Any, ...]], Change] = partial(tuple.__new__, Change)
_part: Callable[[tuple[Any, ...]], Part] = partial(tuple.__new__, Part)
"""Named tuples without the Python call that makes one."""


def small_part(line: bytes) -> Part | None:
    """The part in a line, if it is a small and plain one."""
    if len(line) > SMALL_BYTES_MAX or not line.startswith(_START):
        return None
    try:
        found = compiled.small_part(line) if compiled.IS_COMPILED else None
        return found or _read(parse(line.decode()))
    except (KeyError, TypeError, ValueError, ZavaError):
        return None


def _read(body: dict[str, Any]) -> Part:
    if tuple(body) != _NAMES:
        raise Odd
    kind, seq, chain, source, deltas, whole, gone = body.values()
    if not (kind == "part" and whole == [] == gone and type(seq) is int and 0 < seq <= INT_MAX):
        raise Odd
    if not (type(chain) is str and chain.isascii() and len(chain) <= NAME_BYTES_MAX):
        raise Odd
    replica, n, hlc, user, (epoch, known, beside), hub_seq = source
    if not (type(n) is type(hlc) is type(known) is type(hub_seq) is int and beside == []):
        raise Odd
    if not (0 < n <= INT_MAX and 0 < hub_seq <= INT_MAX):
        raise Odd
    if not (0 <= hlc <= HLC_MAX and 0 <= known <= INT_MAX):
        raise Odd
    writer = writers.get((replica, user, epoch)) or new_writer(replica, user, epoch)
    context = _context((writer.epoch, known, ()))
    told = _provenance((writer.replica, n, hlc, writer.user, context, hub_seq))
    return _part((seq, chain, told, (_change(deltas, writer.replica, n),), (), (), None))


def _change(deltas: list[Any], replica: ReplicaId, n: int) -> Change:
    ((name, columns, (row,)),) = deltas
    group = [name]
    for kind, path in columns:
        if type(path) is not list:
            raise Odd
        group.append((kind, *path))
    named = (*group,)
    collection, keys, counted = shapes.get(named) or new_shape(named, columns)
    if type(row) is not list or len(row) != 1 + len(keys):
        raise Odd
    doc_id, *values = row
    if not (type(doc_id) is str and doc_id.isascii() and 0 < len(doc_id) <= ID_BYTES_MAX):
        raise Odd
    for value in values:
        if type(value) is str:
            if not value.isascii():
                raise Odd
        elif type(value) is int:
            if not INT_MIN <= value <= INT_MAX:
                raise Odd
        elif value is not None and type(value) is not bool:
            raise Odd
    if counted:
        keys = counting(keys, counted, values, (replica, n))
    return _changed((collection, doc_id, keys, (*values,)))
