"""What the hub knows of one device and one document: rights, scope, and how far it has read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from sync.explain.facts import Asked, Former, Left, Reading, Rights
from sync.hub.bounds import Bounds
from sync.hub.departure import Departure, departure
from sync.hub.known_scopes import Asked as Wanted
from sync.hub.known_scopes import KnownScopes
from sync.hub.people import People
from sync.hub.permissions import default_rules
from sync.hub.readers import Readers
from sync.hub.rule_words import rule_words
from sync.hub.scope import Scope
from sync.hub.subject import Subject, touch
from sync.ids import Document, ReplicaId
from sync.local.replica import Replica
from sync.peer.rules import Rules
from sync.query import EVERYTHING, Equals, Node
from sync.query.evaluate import lookup
from sync.query.selection import Inner


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the hub looks things up."""

    replica: Replica
    people: People
    scopes: KnownScopes
    readers: Readers
    rules: Callable[[], Rules | None]
    """Those in force; None where only those are known under which a device read last."""


SubjectOf: TypeAlias = Callable[[str, str], Subject]
"""A document as the hub has it, by collection and id."""


class OnDevice:
    """One device of the hub's, on one day. ``subject_of`` finds what documents rest on."""

    def __init__(self, sources: Sources, device: Document, day: int, subject_of: SubjectOf) -> None:
        self._subject_of = subject_of
        self.replica_id = ReplicaId(str(device["_id"]))
        self.name = sources.people.name_of(device)
        self._sources = sources
        self._known = sources.scopes.asked(self.replica_id)
        account = sources.people.account(str(device.get("user_id", "")))
        self._wanted: Wanted | None = None
        self.bounds: Bounds | None = None
        if account is not None:
            subscriptions = self._known[0].subscriptions if self._known else ()
            rules = sources.rules() or (self._known[0].rules if self._known else default_rules())
            self._wanted = Wanted(account.identity, subscriptions, day, rules)
            self.bounds = self._wanted.bounds()

    def holds(self, subject: Subject, bounds: Bounds | None = None) -> bool:
        """Whether the document is within the device's present scope, or other bounds."""
        within = bounds or self.bounds
        if within is None or subject.row is None:
            return False
        scope = Scope(self._sources.replica, within)
        return scope.holds(subject.collection, subject.doc_id, subject.row)

    def rights(self, subject: Subject) -> Rights:
        """What the device's person may read of it."""
        if self._wanted is None or self.bounds is None:
            return Rights("", "", may_read=False, rule="")
        person, rules = self._wanted.identity, self._wanted.rules
        related = self._sources.replica.parts.related
        may_read = self.bounds.rights.may_read(subject.fields, subject.collection, related)
        rule = rule_words(rules, person, subject.collection, subject.fields)
        return Rights(person.display_name, person.role, may_read, "" if may_read else rule)

    def asked(self, subject: Subject) -> Asked | None:
        """What the device asks for of the document's collection."""
        if self.bounds is None:
            return None
        name, judged = subject.collection, self.bounds.judged or self.bounds.defaults
        among = [each for each in judged if each.selection and each.selection.collection == name]
        refused = [each for each in judged if each.error and name in each.subscription.text]
        return Asked(
            total=len(judged),
            among=tuple(each.subscription.text for each in among),
            refused=tuple((each.subscription.text, str(each.error)) for each in refused),
            selects=self.bounds.asks_for(name, subject.fields, self._sources.replica.parts.related),
        )

    def left(self, subject: Subject) -> Left | None:
        """The change that took the document out of the present scope."""
        if (bounds := self.bounds) is None:
            return None
        name, related = subject.collection, self._sources.replica.parts.related
        found = departure(
            subject.accepted, lambda each: bounds.holds(name, each, related), bounds.paths(name)
        )
        return self._left(found, "") if found else self._left_with(subject, bounds)

    def _left_with(self, subject: Subject, bounds: Bounds) -> Left | None:
        """The change of another document, on which this one rests by a SELECT in a condition."""
        replica = self._sources.replica
        for inner, doc_id in self._rests_on(subject, bounds):
            other = self._subject_of(inner.collection, doc_id)
            holds = partial(inner.selection.selects, related=replica.parts.related)
            found = departure(other.accepted, holds, inner.selection.paths)
            if found is not None:
                return self._left(found, f"{inner.collection} {doc_id}")
        return None

    def _rests_on(self, subject: Subject, bounds: Bounds) -> Iterator[tuple[Inner, str]]:
        """Documents that a SELECT in a condition would find this one by."""
        for link in bounds.links:
            inner, paths = link.probe.inner, [path for path in link.probe.paths if path]
            if link.outer != subject.collection or len(paths) != len(link.probe.paths):
                continue
            parts = tuple(lookup(subject.fields, path) for path in paths)
            for each in self._sources.replica.matching(inner.collection, _with(inner, parts)):
                if inner.parts(each) == parts:
                    yield inner, str(each["_id"])

    def _left(self, found: Departure, of: str) -> Left:
        by = touch(found.by, self._sources.people)
        return Left(by, found.field, found.before, found.after, of)

    def former(self, subject: Subject) -> Former | None:
        """An earlier scope of the device that held the document as it is now."""
        present = self._wanted
        for each in self._known if present is not None else ():
            if present is None or not self.holds(subject, each.bounds()):
                continue
            if (each.identity, each.rules) != (present.identity, present.rules):
                return Former("person")
            gone = [old for old in each.subscriptions if old not in present.subscriptions]
            if gone:
                return Former("subscriptions", gone[0].text)
            return Former("day" if each.day != present.day else "subscriptions")
        return None

    def reading(self, subject: Subject) -> Reading:
        """How far the device has read, of what it needs for the document."""
        head, accepted = self._sources.replica.identity.seq, subject.accepted
        first, newest = (accepted[i].entry.seq if accepted else 0 for i in (0, -1))
        known = self._sources.readers.of(self.replica_id)
        if known is None:
            return Reading(0, 0, head, first, newest, None)
        read = known.read if self._counts(known.read_scope, subject) else 0
        sent = known.sent if self._counts(known.sent_scope, subject) else 0
        return Reading(read, sent, head, first, newest, known.heard_ms)

    def _counts(self, scope: str, subject: Subject) -> bool:
        """Whether reading the log under a scope brought the document."""
        if self.bounds is not None and scope == self.bounds.digest:
            return True
        bounds = self._sources.scopes.recall(self.replica_id, scope)
        return bounds is not None and self.holds(subject, bounds)


def _with(inner: Inner, parts: tuple[object, ...]) -> Node:
    """What SQL can know of the documents that have these parts: too many may come."""
    if len(inner.paths) == len(parts) == 1:
        return Equals(next(iter(inner.paths)), parts[0])
    return EVERYTHING
