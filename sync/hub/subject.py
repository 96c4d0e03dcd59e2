"""One document as the hub has it, with its past: what is the same for every device that is asked
about."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sync.core.conflicts import SOFT_DELETE
from sync.core.stamps import ms_of_hlc
from sync.core.state import ROOT, Key, State
from sync.errors import ZavaError, from_json
from sync.explain.facts import Refused, Touch
from sync.hub.people import People
from sync.ids import Collection, Document
from sync.local.documents import Row
from sync.local.entries import Entry
from sync.local.past import Touched, past_of
from sync.local.replica import Replica


@dataclass(frozen=True, slots=True)
class Subject:
    """``row`` is None where the hub has no such document; ``past`` is in the order of the log."""

    collection: Collection
    doc_id: str
    row: Row | None
    state: State
    past: list[Touched]

    @classmethod
    def of(cls, replica: Replica, collection: str, doc_id: str) -> Subject:
        """The document in the hub's replica."""
        parts = replica.parts
        with parts.database.lock:  # one state of the document and the log
            row = parts.documents.rows(collection, [doc_id]).get(doc_id)
            past = past_of(parts, collection, doc_id)
        return cls(Collection(collection), doc_id, row, parts.documents.state(row)[0], past)

    @property
    def accepted(self) -> list[Touched]:
        """What became of it, without what was refused."""
        return [each for each in self.past if each.entry.status == "accepted"]

    @property
    def fields(self) -> Document:
        """Its fields with the id, a delete ignored (S3)."""
        return {"_id": self.doc_id, **((self.row and self.row.undeleted) or {})}

    def deleted(self, people: People) -> Touch | None:
        """Who deleted it, where it is deleted."""
        gone = self.row is not None and self.row.body is None
        return self._writer_of(ROOT, people) if gone else None

    def soft_deleted(self, people: People) -> Touch | None:
        """Who marked it as deleted, where it is so (C6)."""
        gone = self.fields.get("deleted") is True
        return self._writer_of(SOFT_DELETE, people) if gone else None

    def _writer_of(self, key: Key, people: People) -> Touch | None:
        leaf = self.state.get(key)
        made = [each for each in self.past if leaf and each.batch.stamp == leaf.stamp]
        return touch(made[-1], people) if made else None

    def refused(self, people: People, replica: str | None = None) -> tuple[Refused, ...]:
        """Changes of it that the hub refused, of one device or of all, unless that device has
        changed it since."""
        newest = {each.batch.replica: each.batch.n for each in self.accepted}
        return tuple(
            _refused(each, people)
            for each in self.past
            if each.entry.status == "rejected"
            and replica in (None, each.batch.replica)
            and each.batch.n > newest.get(each.batch.replica, 0)
        )


def touch(each: Touched, people: People) -> Touch:
    """Who made a change, where and when, as people call them."""
    batch = each.batch
    person, device = people.person(batch.user), people.device(batch.replica)
    return Touch(ms_of_hlc(batch.hlc), person, device)


def refusal_of(entry: Entry) -> ZavaError:
    """Why the hub refused a batch."""
    return from_json(json.loads(entry.reason or "null"))


def _refused(each: Touched, people: People) -> Refused:
    error = refusal_of(each.entry)
    device = people.device(each.batch.replica)
    at_ms = each.entry.at_ms
    return Refused(each.batch.n, at_ms, error.code, str(error), error.remedy, device)
