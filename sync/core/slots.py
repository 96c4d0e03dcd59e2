"""The leaves of a body by number, so that a set of them is one whole number.

Slots count in the order in which ``leaves_of`` tells the leaves of a canonical body. They follow
from the names in the body alone, and nothing of them is stored. What the names of one body mean is
found out once for all bodies that have the same: that is their *form*.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, TypeAlias

from sync.core.state import Key, key_order, leaves_of

SLOTS_MAX: Final = 60
"""Every reader of JSON takes a mask of so many bits for a whole number; larger documents name
their leaves by path."""
FORMS_MAX: Final = 1_024
"""Forms remembered at once. Where every document is another, they cost little and gain nothing."""

Places: TypeAlias = "int | list[list[Any]]"
"""Leaves of a body as a meta names them: a mask of slots, or paths."""


class Form:
    """What bodies with the same names have in common."""

    __slots__ = ("_around", "bits", "leaves", "maps", "nested")

    def __init__(self, document: dict[str, Any]) -> None:
        self.leaves = leaves = [key for key, _ in leaves_of(document)]
        self.bits: dict[Key, int] = bits_of(leaves) or {}
        """The mask of each leaf; empty where there are too many."""
        self.maps = sum(key[-1] is None for key in leaves)
        self.nested = [(key[:-1], _names(document, key[:-1])) for key in leaves if _is_inner(key)]
        self._around: dict[Key, int] = {}

    def around(self, path: Key) -> int:
        """The mask of the leaves at a path, above it and below it, however many there are."""
        mask = self._around.get(path)
        if mask is None:
            if len(self._around) >= FORMS_MAX:
                self._around.clear()
            near = (slot for slot, key in enumerate(self.leaves) if is_related(key, path))
            mask = self._around[path] = sum(1 << slot for slot in near)
        return mask

    def mask(self, places: Places) -> int:
        """The mask of leaves as a meta names them; of paths where no leaf is, nothing."""
        if isinstance(places, int):
            return places
        keys = {tuple(path) for path in places}
        return sum(1 << slot for slot, key in enumerate(self.leaves) if key in keys)

    def fits(self, document: dict[str, Any]) -> bool:
        """Whether the maps of a document are the same; its outermost names are."""
        for path, names in self.nested:
            inner: Any = document
            for step in path:
                inner = inner[step]
            if inner.__class__ is not dict or tuple(inner) != names:
                return False
        return True


_likely: dict[tuple[str, ...], Form] = {}
"""By the outermost names the form that was last seen with them."""
_forms: dict[tuple[Any, ...], Form] = {}


def form_of(body: str, document: dict[str, Any]) -> Form:
    """The form of a canonical body, which was parsed to ``document``."""
    names = tuple(document)
    form = _likely.get(names)
    # Every map has its brace: where there are no more of these, there is no other map.
    if form is None or body.count("{") != form.maps or not form.fits(document):
        form = _likely[names] = _shaped(document)
    return form


def _shaped(document: dict[str, Any]) -> Form:
    if len(_forms) >= FORMS_MAX or len(_likely) >= FORMS_MAX:
        _forms.clear()
        _likely.clear()
    shape = _shape(document)
    form = _forms.get(shape)
    if form is None:
        form = _forms[shape] = Form(document)
    return form


def _shape(document: dict[str, Any]) -> tuple[Any, ...]:
    inner = [(name, _shape(value)) for name, value in document.items() if type(value) is dict]
    return (tuple(document), *inner)


def _is_inner(key: Key) -> bool:
    return len(key) > 1 and key[-1] is None


def _names(document: dict[Any, Any], path: Key) -> tuple[str, ...]:
    for step in path:
        document = document[step]
    return tuple(document)


def bits_of(leaves: Sequence[Key]) -> dict[Key, int] | None:
    """The mask of each leaf of a body, which are told in their order; None for too many."""
    if len(leaves) > SLOTS_MAX:
        return None
    return {key: 1 << slot for slot, key in enumerate(leaves)}


def is_related(one: Key, other: Key) -> bool:
    """Whether two paths are the same, or one leads through the other."""
    depth = min(len(one), len(other))
    return one[:depth] == other[:depth]


def in_order(leaves: Iterable[Key]) -> list[Key]:
    """The leaves of a document in the order in which its canonical body has them."""
    return sorted(leaves, key=key_order)


def named(places: Places, leaves: Sequence[Key]) -> list[Key]:
    """The leaves that a meta names, of those that the body has, in their order."""
    if isinstance(places, int):
        return [key for slot, key in enumerate(leaves) if places >> slot & 1]
    return [tuple(path) for path in places]
