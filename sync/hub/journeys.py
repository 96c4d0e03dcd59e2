"""How far a record has come, asked at the hub: from the device it was made on to everybody's."""

from __future__ import annotations

from functools import partial

from sync.explain.facts import Reading
from sync.explain.journey import Delivered, Delivery, InMongoDB, Landed, Trip, journey_items
from sync.hub.device_facts import OnDevice, Sources
from sync.hub.subject import Subject, refusal_of, touch
from sync.ids import Document
from sync.local.journeys import documents_in
from sync.local.past import Touched
from sync.query.selection import DAY_MS


class Journeys:
    """Answers for one hub's file. ``in_mongodb`` is set by a connector that runs beside it."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self.in_mongodb: InMongoDB | None = None

    def __call__(self, collection: str, doc_id: str) -> list[Document]:
        """Every change of a record with its steps, oldest first."""
        return journey_items(self.trips(collection, doc_id))

    def trips(self, collection: str, doc_id: str) -> list[Trip]:
        """The changes themselves, in the order of the log."""
        subject = Subject.of(self._sources.replica, collection, doc_id)
        readings = self._readings(subject)
        landed = None if self.in_mongodb is None else self.in_mongodb(collection, doc_id)
        return [self._trip(each, readings, landed) for each in subject.past]

    def _readings(self, subject: Subject) -> list[tuple[OnDevice, Reading]]:
        """How far each device has read that is to have the record."""
        sources = self._sources
        day = sources.replica.parts.clock.now_ms() // DAY_MS
        subject_of = partial(Subject.of, sources.replica)
        devices = [OnDevice(sources, each, day, subject_of) for each in sources.people.devices()]
        return [(each, each.reading(subject)) for each in devices if each.holds(subject)]

    def _trip(
        self, each: Touched, readings: list[tuple[OnDevice, Reading]], landed: Landed | None
    ) -> Trip:
        entry, batch, made = each.entry, each.batch, touch(each, self._sources.people)
        return Trip(
            replica=batch.replica,
            n=batch.n,
            device=made.device,
            person=made.person,
            made_ms=made.at_ms,
            documents=documents_in(batch),
            status=entry.status,
            status_ms=entry.at_ms,
            seq=entry.seq,
            by_hub=batch.replica == self._sources.replica.id,
            refusal="" if entry.status == "accepted" else str(refusal_of(entry)),
            readers=tuple(
                Delivery(there.replica_id, there.name, _state(reading, entry.seq))
                for there, reading in readings
                if there.replica_id != batch.replica
            ),
            connector=self.in_mongodb is not None,
            landed=landed,
        )


def _state(reading: Reading, seq: int) -> Delivered:
    if reading.read >= seq:
        return "read"
    return "sent" if reading.sent >= seq else "waiting"
