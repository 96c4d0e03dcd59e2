"""Writers and shapes of small parts that need no second look: those of a store, many times over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from sync.core.decode import collection_name, columns_of, replica_id, short_text
from sync.core.state import Key
from sync.ids import Collection, ReplicaId, UserId

REMEMBERED_MAX: Final = 1_000


class Odd(ValueError):
    """Something that ``codec`` has to look at."""


class Writer(NamedTuple):
    """Who writes, and under which epoch of the hub."""

    replica: ReplicaId
    user: UserId
    epoch: str


class Shape(NamedTuple):
    """Which fields of which collection are changed; ``counted`` are the places of those that are
    counted on, whose keys end in who counts."""

    collection: Collection
    keys: tuple[Key, ...]
    counted: tuple[int, ...]


writers: dict[tuple[str, str, str], Writer] = {}
shapes: dict[tuple[Any, ...], Shape] = {}


def new_writer(replica: object, user: object, epoch: object) -> Writer:
    """A writer, from now on remembered, or an error as ``core.decode`` raises them."""
    if len(writers) >= REMEMBERED_MAX:
        writers.clear()
    texts = replica_id(replica), UserId(short_text(user, "user")), short_text(epoch, "epoch")
    writer = writers[texts] = Writer(*texts)
    return writer


def new_shape(named: tuple[Any, ...], columns: list[Any]) -> Shape:
    """A shape, from now on remembered by a name that begins with the collection's."""
    if len(shapes) >= REMEMBERED_MAX:
        shapes.clear()
    kinds, paths = zip(*columns_of(columns), strict=True)
    if any(kind not in "=+" for kind in kinds):
        raise Odd
    counted = tuple(place for place, kind in enumerate(kinds) if kind == "+")
    found = shapes[named] = Shape(collection_name(named[0]), paths, counted)
    return found


def counting(
    keys: tuple[Key, ...],
    counted: tuple[int, ...],
    values: Sequence[Any],
    by: tuple[ReplicaId, int],
) -> tuple[Key, ...]:
    """The keys of fields of which some are counted on."""
    found = list(keys)
    for place in counted:
        if type(values[place]) is not int:
            raise Odd
        found[place] = (*found[place], by)
    return tuple(found)
