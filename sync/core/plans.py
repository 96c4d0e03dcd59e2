"""What setting some fields means for bodies of one form: found out once, used for every document.

A plan knows only fields that show in such a body as registers, and counters that do. Values are
taken and put in an order of its own, map by map.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import compress
from operator import itemgetter, ne
from typing import Any, Final, NamedTuple, TypeAlias

from sync.core.conflicts import SOFT_DELETE
from sync.core.slots import Form
from sync.core.state import Key, anybodys
from sync.core.values import is_same
from sync.ids import Json

PLANS_MAX: Final = 1_024
"""Plans remembered at once, and masks of each."""

Values: TypeAlias = tuple[Json, ...]
Take: TypeAlias = Callable[[Any], Values]
Put: TypeAlias = tuple[Key, tuple[Any, ...], Take]
"""A map by its path, the names that are set in it, and how their values are taken."""


class Count(NamedTuple):
    """One counter that is counted on: the place of its amount among the values, and its slot."""

    place: int
    where: Key
    bit: int


class Plan:
    """Fields of one form, set or counted on together."""

    __slots__ = ("_inner", "_picks", "_puts", "_top", "bits", "came", "counts", "keys", "touched")

    def __init__(self, form: Form, keys: Sequence[Key]) -> None:
        maps: dict[Key, list[int]] = {}
        self.counts: list[Count] = []
        for index, key in enumerate(keys):
            last = key[-1]
            if isinstance(last, tuple):
                self.counts.append(Count(index, key[:-1], form.bits[key[:-1]]))
            else:
                maps.setdefault(key[:-1], []).append(index)
        top = maps.pop((), [])
        order = [*top, *(index for indexes in maps.values() for index in indexes)]
        self.keys = tuple(keys[index] for index in order)
        self.bits = tuple(form.bits[key] for key in self.keys)
        """The slots of the fields that are set."""
        self.touched = sum(self.bits)
        self.came = _taker(order)
        """What came for them."""
        self._top = _reader([keys[index][-1] for index in top])
        self._inner: list[tuple[Key, Take]] = [
            (path, _reader([keys[index][-1] for index in indexes]))
            for path, indexes in maps.items()
        ]
        self._picks: dict[int, tuple[tuple[Key, ...], Take]] = {}
        self._puts: dict[int, list[Put]] = {}

    def held(self, document: dict[Any, Any]) -> Values:
        """What a document has there."""
        found = self._top(document)
        for path, take in self._inner:
            found += take(map_at(document, path))
        return found

    def differing(self, held: Values, came: Values) -> int:
        """The slots whose values say different things."""
        found = sum(compress(self.bits, map(ne, held, came)))
        if found != self.touched:  # 1, 1.0 and True are equal, and yet three values
            for bit, one, other in zip(self.bits, held, came, strict=True):
                if not (bit & found or is_same(one, other)):
                    found |= bit
        return found

    def picked(self, mask: int) -> tuple[tuple[Key, ...], Take]:
        """The keys of some slots, and how their values are taken out of all."""
        found = self._picks.get(mask)
        if found is None:
            if len(self._picks) >= PLANS_MAX:
                self._picks.clear()
            chosen = [index for index, bit in enumerate(self.bits) if bit & mask]
            found = tuple(self.keys[index] for index in chosen), _taker(chosen)
            self._picks[mask] = found
        return found

    def put(self, mask: int, document: dict[Any, Any], came: Values) -> None:
        """Put what came for some slots into a document."""
        puts = self._puts.get(mask)
        if puts is None:
            if len(self._puts) >= PLANS_MAX:
                self._puts.clear()
            puts = self._puts[mask] = self._putting(mask)
        for path, names, take in puts:
            holder = map_at(document, path) if path else document
            holder.update(zip(names, take(came), strict=True))

    def _putting(self, mask: int) -> list[Put]:
        maps: dict[Key, list[int]] = {}
        for index, bit in enumerate(self.bits):
            if bit & mask:
                maps.setdefault(self.keys[index][:-1], []).append(index)
        return [
            (path, tuple(self.keys[index][-1] for index in indexes), _taker(indexes))
            for path, indexes in maps.items()
        ]


def map_at(document: dict[Any, Any], path: Key) -> dict[Any, Any]:
    """The map at a path, where there is one."""
    for step in path:
        document = document[step]
    return document


_plans: dict[tuple[Form, tuple[Key, ...]], Plan | None] = {}


def plan_of(form: Form, keys: tuple[Key, ...]) -> Plan | None:
    """The plan for bodies of a form; None where one of the keys is not that of a field there.
    Whose increment it is does not matter to it."""
    alike = anybodys(keys)
    if (form, alike) not in _plans:
        if len(_plans) >= PLANS_MAX:
            _plans.clear()
        is_plain = all(_is_plain(form, key) for key in alike)
        _plans[form, alike] = Plan(form, alike) if is_plain else None
    return _plans[form, alike]


def _is_plain(form: Form, key: Key) -> bool:
    last = key[-1] if key else None
    field = key[:-1] if isinstance(last, tuple) else key
    return last is not None and field in form.bits and key != SOFT_DELETE


def _taker(places: Sequence[int]) -> Take:
    """What takes the values at some places out of all, as a tuple, however many there are."""
    first, count = (places[0], len(places)) if places else (0, 0)
    if [*places] == [*range(first, first + count)]:
        return itemgetter(slice(first, first + count))
    take: Take = itemgetter(*places)
    return take


def _reader(names: Sequence[Any]) -> Take:
    """What takes the values of some names out of a map, as a tuple, however many there are."""
    if len(names) > 1:
        take: Take = itemgetter(*names)
        return take
    if not names:
        return lambda _: ()
    (name,) = names
    return lambda document: (document[name],)
