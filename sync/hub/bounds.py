"""The bounds of one scope: a person's rights ∩ what their device asks for, on one document.

A device that names no subscription is given what its role is, or everything its person may read,
where the rules say nothing of the role. What SELECTs within
conditions yield comes in as ``Related``; those within a subscription see what its person may read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b

from sync.core.values import canonical
from sync.errors import ZavaError
from sync.hub.collections import COLLECTIONS
from sync.hub.permissions import default_rules
from sync.ids import Collection, Document
from sync.peer.access import Access
from sync.peer.identity import Identity
from sync.peer.rules import Rules, person
from sync.query.errors import StatementError
from sync.query.nodes import Path
from sync.query.related import Related
from sync.query.selecting import selection_of
from sync.query.selection import Probe, Selection
from sync.query.subscription import Subscription
from sync.query.subscription_errors import SubscriptionError, SubscriptionRefused


@dataclass(frozen=True, slots=True)
class Judged:
    """One subscription as the hub reads it; without a selection, ``error`` says why."""

    subscription: Subscription
    selection: Selection | None
    error: ZavaError | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """Documents of ``outer`` rest on those of an inner SELECT; where they are only in between,
    ``above`` is the link that in turn rests on them."""

    outer: Collection
    probe: Probe
    above: Link | None = None


@dataclass(frozen=True)
class Bounds:
    """Which documents may be on a device. Equal ones have equal digests (S1)."""

    rights: Access
    judged: tuple[Judged, ...]
    defaults: tuple[Judged, ...] = ()

    @cached_property
    def selections(self) -> dict[Collection, tuple[Selection, ...]]:
        """What is asked for of each collection, or given to the role."""
        found: dict[Collection, tuple[Selection, ...]] = {}
        for each in self.judged or self.defaults:
            if (asked := each.selection) is not None:
                found[asked.collection] = (*found.get(asked.collection, ()), asked)
        return found

    @property
    def is_all(self) -> bool:
        """Whether all that may be read is within."""
        return not (self.judged or self.defaults)

    @cached_property
    def collections(self) -> frozenset[Collection]:
        """Of which anything may be within."""
        return frozenset(self.rights.read if self.is_all else self.selections)

    def holds(self, collection: Collection, document: Document, related: Related) -> bool:
        """Whether a document, with its ``_id``, is within."""
        reading = self.rights.read.get(collection)
        if reading is None or not reading.selects(document, related):
            return False
        return self.asks_for(collection, document, related)

    def has_all_of(self, collection: Collection) -> bool:
        """Whether every document of a collection is within."""
        reading = self.rights.read.get(collection)
        asked = self.selections.get(collection, ())
        return bool(
            reading is not None
            and reading.is_everything
            and (self.is_all or any(each.is_everything for each in asked))
        )

    def asks_for(self, collection: Collection, document: Document, related: Related) -> bool:
        """Whether a document is asked for, whoever may read it."""
        asked = self.selections.get(collection, ())
        return self.is_all or any(each.selects(document, related) for each in asked)

    def paths(self, collection: Collection) -> frozenset[Path]:
        """The fields that decide: a change of one can move a document in or out."""
        return self._paths.get(collection, frozenset())

    @cached_property
    def _paths(self) -> dict[Collection, frozenset[Path]]:
        return {
            name: frozenset().union(*(each.paths for each in self._conditions(name)))
            for name in self.collections
        }

    def _conditions(self, collection: Collection) -> tuple[Selection, ...]:
        return (self.rights.read[collection], *self.selections.get(collection, ()))

    @cached_property
    def links(self) -> tuple[Link, ...]:
        """What documents within rest on besides themselves."""
        return tuple(
            link
            for name in sorted(self.collections)
            for condition in self._conditions(name)
            for link in _links(condition, None)
        )

    @cached_property
    def related(self) -> frozenset[Collection]:
        """Collections in which a change may concern documents of another one, or rests on one."""
        return frozenset(
            name for link in self.links for name in (link.outer, link.probe.inner.collection)
        )

    def is_same_in(self, collection: Collection, other: Bounds) -> bool:
        """Whether both draw the same line through a collection."""
        return self.line(collection) == other.line(collection)

    def line(self, collection: Collection) -> object:
        """What draws the line through a collection: equal ones select alike, as far as no documents
        of it rest on others. None where nothing of it may be within."""
        if collection not in self.collections:
            return None
        asked = frozenset(each.name for each in self.selections.get(collection, ()))
        return self.rights.read[collection].name, None if self.is_all else asked

    @cached_property
    def digest(self) -> str:
        """The scope digest of S1. It names every subscription, so that a device whose scope stays
        the same hears what the hub makes of a new one."""
        rights = {name: each.name for name, each in self.rights.read.items()}
        asked = sorted(
            [
                *(each.subscription.text, each.subscription.args),
                "" if each.selection is None else each.selection.name,
            ]
            for each in self.judged or self.defaults
        )
        text = canonical([rights, asked] if asked else rights)
        return blake2b(text.encode(), digest_size=16).hexdigest()


def bounds_of(
    identity: Identity,
    subscriptions: Iterable[Subscription],
    now_ms: int = 0,
    rules: Rules | None = None,
) -> Bounds:
    """The bounds of a device of this person with these subscriptions, on this day; by the built-in
    rules unless others are given."""
    rules = rules or default_rules()
    rights = rules.access(identity, now_ms)
    judged = [_judged(identity, rights, each, now_ms) for each in subscriptions]
    given = () if judged or rules.is_unlimited(identity) else rules.defaults.get(identity.role, ())
    defaults = [_judged(identity, rights, Subscription.of(each), now_ms) for each in given]
    return Bounds(rights, tuple(judged), tuple(defaults))


def _judged(identity: Identity, rights: Access, subscription: Subscription, now_ms: int) -> Judged:
    def reading(collection: Collection) -> Selection:
        if collection not in COLLECTIONS:
            raise SubscriptionRefused(f"There is no collection {collection!r:.60}.")
        if collection not in rights.read:
            raise SubscriptionRefused(f"A {rights.role} may not read {collection}.")
        return rights.read[collection]

    try:
        selection = selection_of(subscription, now_ms, person(identity), reading)
        reading(selection.collection)
    except (StatementError, SubscriptionError) as error:
        return Judged(subscription, None, error)
    return Judged(subscription, selection)


def _links(condition: Selection, above: Link | None) -> Iterator[Link]:
    for probe in condition.probes:
        link = Link(condition.collection, probe, above)
        yield link
        yield from _links(probe.inner.selection, link)
