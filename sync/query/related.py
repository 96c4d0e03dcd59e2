"""What the SELECTs within a condition yield (see ``selection``): asked for by name, answered from
documents as they are, or as they will be when a batch is in."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Protocol, TypeAlias

from sync.ids import Collection, Document, Json
from sync.query.evaluate import MISSING
from sync.query.nodes import Node
from sync.query.selection import Inner
from sync.query.values import SCALAR_KINDS, Value

Find: TypeAlias = Callable[[Collection, Node], Iterable[Document]]
"""The documents of a collection; more than meet the condition will do."""
Change: TypeAlias = tuple[Document | None, Document | None]
"""A document before and after, None where there is none."""


class Related(Protocol):
    """Answers what inner SELECTs yield."""

    def answers(self, inner: Inner) -> Answers:
        """The parts of the documents that an inner SELECT has, in one state of the data."""
        ...


class Answers:
    """How often which parts are among the documents of an inner SELECT, counted on top of
    ``base``."""

    __slots__ = ("_base", "_counts")

    def __init__(self, base: Answers | None = None) -> None:
        self._base = base
        self._counts: dict[Hashable, int] = {}

    def count(self, key: Hashable, by: int) -> None:
        """Count ``by`` more, or less, of a key of ``Inner.key``."""
        counted = self._counts.get(key, 0) + by
        if counted or self._base is not None:
            self._counts[key] = counted
        else:
            self._counts.pop(key, None)

    def has(self, key: Hashable) -> bool:
        """Whether any document has these parts."""
        return self._count(key) > 0

    def _count(self, key: Hashable) -> int:
        counted = self._counts.get(key, 0)
        return counted if self._base is None else counted + self._base._count(key)

    def scalars(self) -> list[Json] | None:
        """The values of the only part; None where SQL has no word for one of them."""
        found: list[Json] = []
        for key in self._keys():
            if isinstance(key, str):
                found.append(key)
            elif isinstance(key, tuple) and len(key) == 1 and key[0][0] in SCALAR_KINDS:
                found.append(key[0][1][0])
            else:
                return None
        return found

    def _keys(self) -> set[Hashable]:
        known = set(self._counts) if self._base is None else self._base._keys() | set(self._counts)
        return {key for key in known if self.has(key)}


class Fresh:
    """Answers from documents as they are now, each SELECT worked out once."""

    def __init__(self, find: Find) -> None:
        self._find = find
        self._known: dict[str, Answers] = {}

    def answers(self, inner: Inner) -> Answers:
        """Everything is looked at when it is asked for first."""
        known = self._known.get(inner.name)
        if known is None:
            known = self._known[inner.name] = Answers()
            for document in self._find(inner.collection, inner.selection.narrowed(self)):
                key = key_in(inner, document, self)
                if key is not None:
                    known.count(key, 1)
        return known


class After:
    """Answers for the state that some changes make of another. Judged by it, a write may rest on
    what its own batch brings: an order and its items come together."""

    def __init__(
        self, before: Related, find: Find, changes: Mapping[Collection, Mapping[str, Change]]
    ) -> None:
        """``find`` gives the documents as they were before."""
        self._before = before
        self._changes = changes
        self._fresh = Fresh(lambda name, node: self._found(find(name, node), name))
        self._known: dict[str, Answers] = {}

    def answers(self, inner: Inner) -> Answers:
        """The former answers with the changed documents counted anew; where what they rest on
        changes as well, worked out from all documents."""
        nested = inner.selection.reads
        if nested & self._changes.keys():
            return self._fresh.answers(inner)
        if inner.collection not in self._changes:
            return self._before.answers(inner)
        known = self._known.get(inner.name)
        if known is None:
            known = self._known[inner.name] = Answers(self._before.answers(inner))
            for change in self._changes[inner.collection].values():
                for document, by in zip(change, (-1, 1), strict=True):
                    key = None if document is None else key_in(inner, document, self._before)
                    if key is not None:
                        known.count(key, by)
        return known

    def _found(self, held: Iterable[Document], name: Collection) -> Iterable[Document]:
        changes = self._changes.get(name, {})
        yield from (document for document in held if document["_id"] not in changes)
        yield from (after for _, after in changes.values() if after is not None)


class _Unrelated:
    """For conditions without a SELECT within them."""

    def answers(self, inner: Inner) -> Answers:
        """Nothing is known of any documents."""
        return Answers()


UNRELATED: Related = _Unrelated()


def parts_of_key(key: Hashable) -> tuple[Value, ...]:
    """The parts that a key stands for, MISSING for those that are no scalars."""
    if not isinstance(key, tuple):
        return (key,)
    return tuple([each[1][0] if each[0] in SCALAR_KINDS else MISSING for each in key])


def key_in(inner: Inner, document: Document, related: Related) -> Hashable | None:
    """What a document is counted under for an inner SELECT; None if it is not among its own."""
    key = inner.key(inner.parts(document))
    return key if key is not None and inner.selection.selects(document, related) else None
