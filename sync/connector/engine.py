"""The deciding half of the connector: one state machine over the hub's file (M1–M6).

Event batches, images, write results and marks go in; each call is one local transaction. Writes
come out of ``writes``, already durable as intents. It does no I/O but that file and is called from
one thread at a time; ``ports`` says what it relies on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from sync.connector.batches import Batches
from sync.connector.events import (
    Bson,
    Delivery,
    Dropped,
    Event,
    Image,
    Invalidated,
    Renamed,
)
from sync.connector.ids import key_of, key_text
from sync.connector.inbound import DocumentEvent, Inbound
from sync.connector.intents import Intent, Intents
from sync.connector.letters import Letter, Letters
from sync.connector.outbound import Outbound
from sync.connector.ports import Chunk, Write, WriteResult
from sync.connector.position import Positions
from sync.connector.progress import Collections, Progress
from sync.connector.rules import Rules
from sync.connector.shadow import Shadow
from sync.connector.units import last_token, units_of
from sync.ids import UserId
from sync.local.collecting import NOTHING_COLLECTED
from sync.local.replica import Replica

MONGODB_USER = UserId("mongodb")
"""Author of what others wrote in MongoDB."""

INTENTS_MAX = 5_000
"""Writes under way at once: what a busy second needs; the rest waits in the hub's log."""
GONE_PAGE_MAX = 500
"""Documents removed in one commit when a snapshot has not found them."""


class Engine:
    """One connector of one replica. Close nothing: the replica is the caller's."""

    def __init__(self, replica: Replica, rules: Rules, author: UserId = MONGODB_USER) -> None:
        """Whatever was under way when the file was closed has an unknown outcome now."""
        self._replica = replica
        self._parts = replica.parts
        database = replica.parts.database
        self.rules = rules
        self._shadow = Shadow(database, replica.parts.documents)
        self._positions = Positions(database)
        self._collections = Collections(database, rules)
        self._intents = Intents(database)
        self._letters = Letters(database)
        self._batches = Batches(replica.parts, author)
        self._held: dict[str, list[Event]] = {}
        """Events at the end of a delivery whose MongoDB transaction may go on, by stream."""
        self._answers = 0
        with self._step():
            for intent in self._intents:
                if intent.seen:
                    self._intents.drop(intent)
        self._introduce()

    def change_rules(self, rules: Rules) -> None:
        """Go on by other rules; collections that are new get their snapshot."""
        self.rules = self._collections.rules = rules
        self._introduce()

    def _introduce(self) -> None:
        with self._step():
            self._collections.introduce(self._parts.identity.seq)

    def position(self, stream: str) -> str | None:
        """Where a stream is to be resumed; None: from now on, a snapshot being due."""
        return self._positions.token(stream)

    @property
    def under_way(self) -> int:
        """How many writes the stream has still to show."""
        return len(self._intents)

    def take(self, stream: str, delivery: Delivery) -> None:
        """Take what a stream delivered: ops, shadow and position become durable together (M2).

        The end of a delivery that is part of a MongoDB transaction waits for the next delivery,
        and so does the position.
        """
        held = self._held.pop(stream, [])
        events = list(delivery.events)
        if held:  # a stream that was opened anew repeats them
            again = {event.token for event in held}
            events = held + [event for event in events if event.token not in again]
        units = list(units_of(events))
        waiting = units.pop() if delivery.events and units and units[-1][-1].transaction else []
        token = delivery.token if not waiting else last_token(units)
        with self._step():
            if token is not None:
                self._positions.move(stream, token)
            inbound = self._inbound()
            changes: list[list[DocumentEvent]] = []
            for unit in units:
                told = [event for event in unit if isinstance(event, DocumentEvent)]
                if told:
                    changes.append(told)
                else:
                    inbound.events(changes)
                    changes = []
                    self._ended(stream, unit[0])
            inbound.events(changes)
            inbound.finish()
        if waiting:
            self._held[stream] = waiting

    def _ended(self, stream: str, event: Event) -> None:
        match event:
            case Dropped():
                self._collections.stop(event.collection, "The collection was dropped in MongoDB.")
            case Renamed():
                self._collections.stop(
                    event.collection, f"The collection is named {event.to} in MongoDB now."
                )
            case Invalidated():
                self._positions.move(stream, None)
                names = [stream] if stream else list(self.rules.collections)
                self._collections.lose(names, "The stream of changes ended in MongoDB.")

    def lost(self, stream: str, reason: str) -> None:
        """A stream cannot be resumed: its collections are read anew and compared (M2)."""
        self._held.pop(stream, None)
        with self._step():
            self._positions.move(stream, None)
            self._collections.lose([stream] if stream else list(self.rules.collections), reason)

    def start(self, stream: str, token: str) -> None:
        """A stream was opened where there was no position: this is its first."""
        with self._step():
            self._positions.move(stream, token)

    def mark(self) -> int:
        """A number to take before asking a stream, for ``settle``."""
        return self._answers

    def settle(self, mark: int, collections: Iterable[str] | None = None) -> None:
        """The streams of these collections have told everything that happened before ``mark`` was
        taken. A write answered by then and not shown was never done, or its document is not what
        we think and has to be read."""
        names = set(self.rules.collections if collections is None else collections)
        with self._step():
            for intent in self._intents:
                is_told = intent.answered <= mark and intent.state != "sent"
                if intent.collection not in names or not is_told:
                    continue
                if intent.state == "unknown":
                    self._over(intent, due=True)
                elif intent.state != "doubtful":
                    self._intents.change(intent, "doubtful")

    def doubtful(self) -> list[tuple[str, Bson]]:
        """(collection, key) of documents to read, for ``refresh``."""
        found: list[tuple[str, Bson]] = []
        for intent in self._intents:
            if intent.state == "doubtful":
                record = self._shadow.by_id(intent.collection, [intent.doc_id])[intent.doc_id]
                found.append((intent.collection, key_of(record.key or "s")))
        return found

    def refresh(self, collection: str, keys: Sequence[Bson], images: Sequence[Image]) -> None:
        """Documents were read again; ``images`` lacks those that MongoDB has not."""
        with self._step():
            inbound = self._inbound()
            if collection in self._collections.rounds():
                inbound.images(collection, images)
            inbound.finish()
            there = {key_text(image.key) for image in images}
            records = self._shadow.by_key(collection, [key_text(key) for key in keys])
            for key, record in records.items():
                intent = self._intents.of(record.name)
                if intent is None or intent.state != "doubtful":
                    continue
                lost = key not in there and record.exists
                self._over(intent, due=not lost)
                if lost:
                    self._park(intent, key, "doc_missing", "MongoDB has no such document.")

    def due(self) -> list[str]:
        """Collections whose snapshot has to be taken, or goes on."""
        return [each.name for each in self._collections.all() if each.state == "due"]

    def resume_after(self, collection: str) -> tuple[Bson | None, int]:
        """Where a snapshot goes on: the last key read (None: at the beginning), and how many
        documents that were."""
        progress = self._collections.of(collection)
        return (None if progress.after is None else key_of(progress.after)), progress.done

    def images(self, collection: str, chunk: Chunk) -> None:
        """Take the next documents of a snapshot, and how far it has come."""
        with self._step():
            progress = self._collections.of(collection)
            inbound = self._inbound()
            inbound.images(collection, chunk.images)
            inbound.finish()
            done = progress.done + len(chunk.images)
            self._collections.save(replace(progress, after=key_text(chunk.last), done=done))

    def finish(self, collection: str, at: int, *, force: bool = False) -> None:
        """The snapshot has come to its end at cluster time ``at``: what it has not shown is gone.

        A collection that turns out empty while the hub has documents of it stops instead, unless
        ``force``: an operator has to say that they are to go.
        """
        progress = self._collections.of(collection)
        is_empty = not self._shadow.seen(collection, progress.round)
        if is_empty and not force and self._shadow.unseen(collection, progress.round, 1):
            self.stop(collection, "The collection is empty in MongoDB.")
            return
        while records := self._shadow.unseen(collection, progress.round, GONE_PAGE_MAX):
            with self._step():
                inbound = self._inbound()
                inbound.gone(collection, [record.doc_id for record in records], at)
                inbound.finish()
        with self._step():
            self._collections.save(replace(progress, state="live", reason="", after=None))

    def again(self, collection: str, reason: str) -> None:
        """Have a snapshot taken from the beginning, of a stopped collection too."""
        with self._step():
            self._collections.save(self._collections.of(collection).again(reason))

    def stop(self, collection: str, reason: str) -> None:
        """Let nothing go either way until ``again``."""
        with self._step():
            self._collections.stop(collection, reason)

    def writes(self, limit: int) -> list[Write]:
        """What is to be written to MongoDB now; every intent is durable when this returns."""
        room = min(limit, INTENTS_MAX - len(self._intents))
        outbound = Outbound(self._parts, self.rules, self._shadow, self._intents, self._letters)
        writes: list[Write] = []
        with self._step():
            for progress in self._collections.all():
                rule = self.rules.collections[progress.name]
                if rule.direction == "in" or progress.state != "live":
                    continue
                head = outbound.look(progress)
                if head != progress.seq:
                    self._collections.save(replace(progress, seq=head))
                if room > len(writes):
                    writes += outbound.prepare(rule, room - len(writes))
        return writes

    def answered(self, results: Sequence[WriteResult]) -> None:
        """Take the answers to writes. What the stream has shown already is over."""
        by_number = {result.number: result for result in results}
        with self._step():
            self._answers += 1
            for intent in self._intents:
                result = by_number.get(intent.number)
                if result is not None:
                    self._answer(intent, result)

    def _answer(self, intent: Intent, result: WriteResult) -> None:
        intent.answered = self._answers
        if intent.seen:
            self._over(intent, due=False)
        elif result.outcome == "refused":
            key = self._shadow.by_id(intent.collection, [intent.doc_id])[intent.doc_id].key or ""
            self._over(intent, due=False)
            self._park(intent, key, result.code or "refused", result.detail)
        else:
            self._intents.change(intent, result.outcome)

    def letters(self, limit: int = -1) -> list[Letter]:
        """Documents that wait for a person, oldest first (M6); all of them without a limit."""
        return self._letters.all(limit)

    def letter(self, number: int) -> Letter | None:
        """One of them."""
        return self._letters.of(number)

    def retry(self, number: int) -> Letter | None:
        """Try a letter again. One of way ``in`` has to be read then, and handed to ``refresh``."""
        letter = self._letters.of(number)
        if letter is not None:
            with self._step():
                self._letters.remove(number)
                self._have_due(letter.collection, [letter.doc_id])
        return letter

    def repair(self, collection: str, doc_ids: Sequence[str]) -> None:
        """Documents were found to differ (M7): read all anew, then compare these on both sides."""
        with self._step():
            self._collections.save(self._collections.of(collection).again("The audit found it."))
            self._have_due(collection, doc_ids)

    def keys(self, collection: str, doc_ids: Sequence[str]) -> dict[str, Bson]:
        """MongoDB's keys of documents, of those that are bound."""
        found = self._shadow.by_id(collection, doc_ids).items()
        return {i: key_of(each.key) for i, each in found if each.key is not None}

    def progress(self) -> list[Progress]:
        """Where every collection stands."""
        return self._collections.all()

    def status(self) -> dict[str, Any]:
        """Counts for status, health and metrics."""
        return {
            "due": self._shadow.waiting(),
            "under_way": len(self._intents),
            "letters": self._letters.count(),
        }

    def _inbound(self) -> Inbound:
        rounds = self._collections.rounds()
        held = (self._shadow, self._intents, self._letters, self._batches)
        return Inbound(self._parts, self.rules, *held, rounds)

    def _over(self, intent: Intent, *, due: bool) -> None:
        self._intents.drop(intent)
        if due:
            self._have_due(intent.collection, [intent.doc_id])

    def _have_due(self, collection: str, doc_ids: Sequence[str]) -> None:
        """Have documents compared with the shadow when nothing is under way."""
        records = self._shadow.by_id(collection, doc_ids)
        for record in records.values():
            record.due, record.changed = True, True
        self._shadow.save(records.values())

    def _park(self, intent: Intent, key: str, reason: str, detail: str) -> None:
        now_ms = self._parts.identity.now_ms()
        self._letters.park(intent.name, key, "out", reason, detail, now_ms)

    @contextmanager
    def _step(self) -> Iterator[None]:
        """One local transaction, told to live queries when it is durable."""
        self._batches.changed = {}
        with NOTHING_COLLECTED, self._parts.database.transaction():
            yield
            self._intents.save()
            self._parts.identity.save()
        self._replica.notify(self._batches.changed)
