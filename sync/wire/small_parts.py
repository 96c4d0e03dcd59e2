"""The commonest line of all, read at once: a part of the log that changes one document.

Nearly all that a device hears while it is online. ``small_part`` believes a line only where it has
the form that ``codec.encode`` gives it and nothing in it needs a second look; of every other line
it says None, and ``codec`` has the word. So both mean the same, which ``tests/laws`` holds them to.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final, NamedTuple

from sync.core.batch import Change, Column, Context
from sync.core.conflicts import Provenance
from sync.core.decode import NAME_BYTES_MAX, collection_name, columns_of, replica_id, short_text
from sync.core.stamps import HLC_MAX
from sync.core.state import Key
from sync.core.text import parse
from sync.core.values import ID_BYTES_MAX, INT_MAX, INT_MIN
from sync.errors import ZavaError
from sync.ids import Collection, DocId, Json, ReplicaId, UserId
from sync.wire.messages import Part

SMALL_BYTES_MAX: Final = 4_096
_START: Final = b'{"k":"part"'
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
    """Which fields of which collection are changed."""

    collection: Collection
    columns: tuple[Column, ...]


_context: Callable[[tuple[Any, ...]], Context] = partial(tuple.__new__, Context)
_provenance: Callable[[tuple[Any, ...]], Provenance] = partial(tuple.__new__, Provenance)
_part: Callable[[tuple[Any, ...]], Part] = partial(tuple.__new__, Part)
"""Named tuples without the Python call that makes one."""

_writers: dict[tuple[str, str, str], _Writer] = {}
_shapes: dict[tuple[str, str], _Shape] = {}


def small_part(line: bytes) -> Part | None:
    """The part in a line, if it is a small and plain one."""
    if len(line) > SMALL_BYTES_MAX or not line.startswith(_START):
        return None
    try:
        return _read(parse(line.decode()))
    except (KeyError, TypeError, ValueError, ZavaError):
        return None


def _read(body: dict[str, Any]) -> Part:
    seq, chain = body["seq"], body["g"]
    is_plain = len(body) == 7 and body["k"] == "part" and body["w"] == [] == body["x"]
    if not (is_plain and type(seq) is int and 0 < seq <= INT_MAX):
        raise _Odd
    if not (type(chain) is str and chain.isascii() and len(chain) <= NAME_BYTES_MAX):
        raise _Odd
    source = _source(body["s"])
    ((name, shape, (row,)),) = body["d"]
    change = _change(name, shape, row, source)
    return _part((seq, chain, source, (change,), (), (), None))


def _source(item: list[Any]) -> Provenance:
    replica, n, hlc, user, (epoch, known, beside), hub_seq = item
    if not (type(n) is type(hlc) is type(known) is type(hub_seq) is int and beside == []):
        raise _Odd
    if not (0 < n <= INT_MAX and 0 < hub_seq <= INT_MAX):
        raise _Odd
    if not (0 <= hlc <= HLC_MAX and 0 <= known <= INT_MAX):
        raise _Odd
    writer = _writers.get((replica, user, epoch)) or _new_writer(replica, user, epoch)
    context = _context((writer.epoch, known, ()))
    return _provenance((writer.replica, n, hlc, writer.user, context, hub_seq))


def _new_writer(replica: object, user: object, epoch: object) -> _Writer:
    if len(_writers) >= _REMEMBERED_MAX:
        _writers.clear()
    texts = replica_id(replica), UserId(short_text(user, "user")), short_text(epoch, "epoch")
    writer = _writers[texts] = _Writer(*texts)
    return writer


def _change(name: str, shape: list[Any], row: list[Any], source: Provenance) -> Change:
    group = (name, repr(shape))
    collection, columns = _shapes.get(group) or _new_shape(group, shape)
    if type(row) is not list or len(row) != 1 + len(columns):
        raise _Odd
    doc_id = row[0]
    if not (type(doc_id) is str and doc_id.isascii() and 0 < len(doc_id) <= ID_BYTES_MAX):
        raise _Odd
    keys: list[Key] = []
    for (kind, path), value in zip(columns, row[1:], strict=True):
        keys.append((*path, (source.replica, source.n)) if kind == "+" else path)
        if not _is_plain(value) or (kind == "+" and type(value) is not int):
            raise _Odd
    return Change(collection, DocId(doc_id), tuple(keys), tuple(row[1:]))


def _new_shape(group: tuple[str, str], shape: list[Any]) -> _Shape:
    if len(_shapes) >= _REMEMBERED_MAX:
        _shapes.clear()
    columns = columns_of(shape)
    if any(kind not in "=+" for kind, _ in columns):
        raise _Odd
    found = _shapes[group] = _Shape(collection_name(group[0]), columns)
    return found


def _is_plain(value: Json) -> bool:
    if type(value) is str:
        return value.isascii()
    if type(value) is int:
        return INT_MIN <= value <= INT_MAX
    return value is None or type(value) is bool
