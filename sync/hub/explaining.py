"""Why a record is or is not on a device, asked at the hub: it gathers what it knows of the document
and of each device, and ``sync.explain`` draws the conclusions."""

from __future__ import annotations

from dataclasses import replace
from functools import cache, partial

from sync.explain import Facts, items_of
from sync.explain.facts import Lacks
from sync.hub.device_facts import OnDevice, Sources, SubjectOf
from sync.hub.subject import Subject
from sync.ids import Document
from sync.query.selection import DAY_MS

EXPLAINED_DEVICES_MAX = 500
"""Of one question: the devices of a chain of stores."""


class Explaining:
    """Answers for one hub's file, whether the hub runs or not."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    def __call__(self, collection: str, doc_id: str, on: str | None) -> list[Document]:
        """An item a device and reason, as ``EXPLAIN SYNC`` answers. ``on`` is what a device or a
        person is called; None stands for every device."""
        return [item for facts in self.facts(collection, doc_id, on) for item in items_of(facts)]

    def facts(self, collection: str, doc_id: str, on: str | None = None) -> list[Facts]:
        """What is known of a document and each device that is asked about."""
        people = self._sources.people
        found = people.devices() if on is None else people.called(on)
        if not found:
            lacks: Lacks = "device" if found is None else "devices_of"
            now_ms = self._sources.replica.parts.clock.now_ms()
            return [Facts(collection, doc_id, now_ms, device=on or "", at_hub=True, lacks=lacks)]
        subject_of = cache(partial(Subject.of, self._sources.replica))
        subject = subject_of(collection, doc_id)
        return [self._about(subject, each, subject_of) for each in found[:EXPLAINED_DEVICES_MAX]]

    def _about(self, subject: Subject, device: Document, subject_of: SubjectOf) -> Facts:
        people, clock = self._sources.people, self._sources.replica.parts.clock
        now_ms = clock.now_ms()
        there = OnDevice(self._sources, device, now_ms // DAY_MS, subject_of)
        facts = Facts(
            collection=subject.collection,
            doc_id=subject.doc_id,
            now_ms=now_ms,
            device=there.name,
            replica=there.replica_id,
            at_hub=True,
            known=subject.row is not None,
            refused=subject.refused(people, there.replica_id if subject.row else None),
        )
        if subject.row is None:
            return facts
        return replace(
            facts,
            deleted=subject.deleted(people),
            soft_deleted=subject.soft_deleted(people),
            rights=there.rights(subject),
            asked=there.asked(subject),
            left=None if there.holds(subject) else there.left(subject),
            former=None if there.holds(subject) else there.former(subject),
            reading=there.reading(subject),
        )
