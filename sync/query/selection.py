"""What a condition over one document is, perhaps with SELECTs in it: of a subscription, of a rule.

A document is in or out by itself and by what the SELECTs within the condition yield; what those
yield a ``Related`` answers. Such a SELECT is an ``Inner``: the documents of one collection that
meet a condition of their own, and of each the parts by which it is found from outside. So
``order_id IN (SELECT order_id FROM orders WHERE …)`` and ``EXISTS (SELECT 1 FROM orders WHERE
orders.order_id = order_items.order_id AND …)`` are the same: a set of parts to look one up in.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sync.core.values import canonical
from sync.ids import Collection, Document, Json
from sync.query.evaluate import MISSING
from sync.query.nodes import EVERYTHING, And, Node, Path
from sync.query.values import Value, hashable

if TYPE_CHECKING:
    from sync.query.related import Related

DAY_MS: Final = 86_400_000


@dataclass(frozen=True, slots=True, eq=False)
class Selection:
    """A condition over the documents of one collection, ready to judge them.

    ``name`` is equal for those that select alike. ``paths`` are the fields of the document that it
    looks at, ``probes`` the SELECTs within it. ``day`` is the one it was made for, counted from
    1970, 0 where it does not ask the clock."""

    collection: Collection
    name: str
    day: int = 0
    paths: frozenset[Path] = frozenset()
    probes: tuple[Probe, ...] = ()
    judge: Callable[[Document, Related], bool] | None = None
    narrow: Callable[[Related], Node] | None = None
    is_plain: bool = False
    """Whether ``narrowed`` says all of it: enough to count by."""

    @property
    def is_everything(self) -> bool:
        """Whether it selects the whole collection."""
        return self.judge is None

    def selects(self, document: Document, related: Related) -> bool:
        """Whether a document, with its ``_id``, is meant."""
        return self.judge is None or self.judge(document, related)

    def narrowed(self, related: Related) -> Node:
        """What SQL can know of the documents it selects: it may let too many through."""
        return EVERYTHING if self.narrow is None else self.narrow(related)

    @property
    def inner(self) -> tuple[Inner, ...]:
        """Every SELECT within it, those within others before these."""
        found: dict[str, Inner] = {}
        for probe in self.probes:
            for each in (*probe.inner.selection.inner, probe.inner):
                found.setdefault(each.name, each)
        return tuple(found.values())

    @property
    def reads(self) -> frozenset[Collection]:
        """The collections of the SELECTs within it."""
        return frozenset(each.collection for each in self.inner)


@dataclass(frozen=True, slots=True, eq=False)
class Inner:
    """A SELECT within a condition: its documents, and the parts of each it is found by. The first
    ``links`` parts are compared by ``=`` with something outside, the one after them, if there is
    one, by IN. ``paths`` are the fields the parts are made of. Equal names answer alike."""

    name: str
    selection: Selection
    links: int
    paths: frozenset[Path]
    parts: Callable[[Document], tuple[Value, ...]]

    @property
    def collection(self) -> Collection:
        """Where its documents are."""
        return self.selection.collection

    def key(self, parts: tuple[Value, ...]) -> Hashable | None:
        """What parts are counted under; None where nothing can find them: null equals nothing, and
        a document without a value adds none to IN."""
        if len(parts) == 1 and type(parts[0]) is str:
            return parts[0]
        if any(value is None or value is MISSING for value in parts):
            return None
        return tuple([hashable(value) for value in parts])


@dataclass(frozen=True, slots=True, eq=False)
class Probe:
    """Where a condition asks an inner SELECT: ``paths`` are the fields of the document that stand
    for its parts, None for whatever is no plain field."""

    inner: Inner
    paths: tuple[Path | None, ...]


def both(one: Selection, other: Selection) -> Selection:
    """What two selections of one collection have in common."""
    if one.judge is None or other.judge is None or one.name == other.name:
        return other if one.judge is None else one
    first, second = one.judge, other.judge
    return Selection(
        collection=one.collection,
        name=canonical([one.name, other.name]),
        day=max(one.day, other.day),
        paths=one.paths | other.paths,
        probes=one.probes + other.probes,
        judge=lambda document, related: first(document, related) and second(document, related),
        narrow=lambda related: And((one.narrowed(related), other.narrowed(related))),
        is_plain=one.is_plain and other.is_plain,
    )


def everything(collection: Collection) -> Selection:
    """The whole collection."""
    return Selection(collection, named(collection, None), is_plain=True)


def named(collection: Collection, condition: Json, *others: Json) -> str:
    """The name of a selection."""
    return canonical([collection, condition, *others])
