"""What one pull sends (S1): hello, a snapshot or the difference of two scopes where one is needed,
then the log page by page.

Everything here blocks on the file; who waits, and how, is the business of ``pull``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from sync.core.conflicts import Provenance
from sync.errors import from_json
from sync.hub.bounds import Bounds
from sync.hub.difference import Difference
from sync.hub.moves import Moves
from sync.hub.pages import Page, PageEntry, Pages, Told, judged, told
from sync.hub.present import Present
from sync.hub.scope import Scope
from sync.hub.sizes import sizes_of
from sync.hub.tail import Logged, Tail
from sync.ids import Collection, ReplicaId
from sync.local.entries import Entry
from sync.local.replica import Replica
from sync.wire.messages import (
    Begin,
    Cursor,
    End,
    Hello,
    Message,
    Outcome,
    Part,
    Ping,
    Position,
    Settled,
    Verdict,
)

PULL_PAGE_ENTRIES_MAX = 200
PULL_PAGE_DOCUMENTS_MAX = 2_000
"""Documents read at once: a few hundred kilobytes, so that others get their turn in between."""
BEGIN_OWN_MAX = 1_000
"""Verdicts at the beginning of a snapshot: more than a device can have unsettled in a day's work.
Whoever was away for longer gets the older ones behind it."""


class Feed:
    """The messages for one cursor within the bounds of one device, in their order."""

    def __init__(
        self,
        replica: Replica,
        hub_id: str,
        bounds: Bounds,
        cursor: Cursor,
        former: Bounds | None,
        present: Callable[[], Bounds | None],
        tail: Tail,
        pages: Pages,
    ) -> None:
        """``former`` are the bounds the cursor was read within, if they are known; ``present``
        works the bounds out again, None when the person may not read any more."""
        self._bounds = bounds
        self._former = former
        self._present = present
        self._replica = replica
        self._hub_id = hub_id
        self._scope = Scope(replica, bounds)
        self._cursor = cursor
        self._position = cursor.seq
        self._tail = tail
        self._pages = pages
        self._moves: Moves | None = None
        """What moved after the position, where that is more than a page."""
        self._covered: tuple[int, frozenset[Collection]] = (0, frozenset())
        self._is_over = False
        self.is_behind = True
        """Whether it stands so far back that it reads by itself."""

    def opening(self) -> Iterator[Message]:
        """``Hello``, what is lacking before the log can go on, and what is settled already of the
        batches that the device holds for others; read as it is asked for."""
        hello = self._hello()
        yield hello
        if self._bounds.judged and (hello.snapshot or hello.difference):
            yield sizes_of(self._replica, self._bounds)
        if hello.snapshot:
            yield from self._snapshot(hello.head)
            self._position, self._moves = hello.head, None
        elif hello.difference and self._former is not None:
            yield from self._difference(self._former, hello.head)
        for replica, first in self._cursor.held:
            for n in self._replica.parts.log.settled_from(replica, first, self._position):
                yield Settled(replica, n)

    def is_current(self) -> bool:
        """Whether the bounds are still those the feed was opened with, and what follows can be told
        entry by entry; else it must end, and the device comes back for a difference."""
        if self._is_over:
            return False
        present = self._present()
        return present is not None and present.digest == self._bounds.digest

    @property
    def position(self) -> int:
        """How far it has read the log."""
        return self._position

    def more(self, up_to: int | None = None) -> list[Told]:
        """The next page of the log after ``opening``, none of it after ``up_to``; empty when
        everything has been sent."""
        with self._replica.parts.database.lock:
            is_near = self._tail.reaches(self._position)
            end = self._pages.end_after(self._position, up_to) if is_near else up_to
            found = self._tail.since(self._position, PULL_PAGE_ENTRIES_MAX, end)
            self.is_behind = not is_near and bool(found)
            if not found:
                return []
            page = self._page(found, is_near)
            if not page.entries:
                self._is_over = True
                return []
            self._position = page.entries[-1].logged.seq
            if self._cursor.held:
                return self._ended(page, [told for each in page.entries for told in self._of(each)])
            if self._cursor.replica in page.places:
                return self._ended(page, self._with_own(page, page.places[self._cursor.replica]))
            return page.told

    def _with_own(self, page: Page, places: Sequence[int]) -> list[Told]:
        """A page with what this device hears of its own work, at some places in it."""
        messages: list[Told] = []
        after = 0
        for place in places:
            messages += filter(None, page.parts[after:place])
            messages += self._own(page.entries[place])
            after = place + 1
        messages += filter(None, page.parts[after:])
        return messages

    def _ended(self, page: Page, messages: list[Told]) -> list[Told]:
        """Messages that say how far they go, as the last of those of a page must."""
        if not (messages and _seq_of(messages[-1].message) == self._position):
            messages.append(page.position)
        return messages

    def _page(self, found: Sequence[Logged], is_near: bool) -> Page:
        reach, covered = self._covered
        if is_near and self._position >= reach:
            self._moves = None
            return self._pages.page(self._scope, self._position, found)

        def covers(seq: int, name: str) -> bool:
            return seq <= reach and name in covered

        self._moves = self._moves or self._moves_from_here()
        return judged(
            self._scope, self._moves, found, self._pages.copies, covers, but=self._cursor.replica
        )

    def _moves_from_here(self) -> Moves:
        return Moves(self._replica, self._tail, self._scope, self._position)

    def ping(self) -> Ping:
        """The line is alive."""
        return Ping(self._replica.parts.clock.now_ms())

    def _hello(self) -> Hello:
        parts, cursor = self._replica.parts, self._cursor
        with parts.database.lock:
            identity = parts.identity
            same_log = cursor.seq > 0 and parts.log.chain_at(cursor.seq) == cursor.chain
            shared = parts.log.shared(cursor.epoch, cursor.seq, identity.epoch)
            same_scope = cursor.scope == self._bounds.digest
            if same_log and same_scope and self._bounds.links:
                self._moves = self._moves_from_here()
                self._moves.look()
                if self._moves.wide():  # the device may hold anything of these: look at them all
                    same_scope, self._former = False, self._bounds
            difference = same_log and not same_scope and self._former is not None
            return Hello(
                hub_id=self._hub_id,
                epoch=identity.epoch,
                head=identity.seq,
                hub_time_ms=parts.clock.now_ms(),
                scope=self._bounds.digest,
                snapshot=not (same_log and (same_scope or difference)),
                shared=cursor.seq if same_log else shared,
                difference=difference,
            )

    def _snapshot(self, at: int) -> Iterator[Message]:
        """Everything in the scope; documents may be newer than ``at``, none is older."""
        entries = self._replica.parts.log.newest_of(self._cursor.replica, at, BEGIN_OWN_MAX)
        own = tuple((entry.seq, _verdict(entry)) for entry in entries)
        yield Begin(at, self._scope.count(self._scope.collections()), own)
        if own:
            yield from self._older(before=own[0][1].n)
        known = set[Provenance]()
        for collection in self._scope.collections():
            after, more = "", True
            while more:
                docs, after = self._scope.page(collection, after, PULL_PAGE_DOCUMENTS_MAX)
                more = after != ""
                if docs is not None:
                    new = tuple([each for each in docs.sources if each not in known])
                    known.update(new)
                    yield replace(docs, sources=new)
        yield self._end(at, whole=True)

    def _older(self, before: int) -> Iterator[Message]:
        """The verdicts that the device lacks on what it made before the newest of its work."""
        log, replica = self._replica.parts.log, self._cursor.replica
        for n in range(self._cursor.unsettled, before):
            entry = log.of(replica, n)
            if entry is not None:
                yield Outcome(entry.seq, entry.chain, _verdict(entry), more=True)

    def _difference(self, former: Bounds, head: int) -> Iterator[Message]:
        """What the new scope has and the old one had not, and the other way round; then the log
        goes on from the cursor."""
        since = self._cursor.seq
        old = Scope(self._replica, former)
        found = Difference(self._replica, self._tail, old, self._scope, since)
        collections = found.collections()
        self._covered = (head, frozenset(collections))
        yield Begin(since, self._scope.count(collections), (), whole=False)
        yield from found.pages(PULL_PAGE_DOCUMENTS_MAX)
        yield self._end(since, whole=False)

    def _end(self, at: int, *, whole: bool) -> End:
        parts = self._replica.parts
        with parts.database.lock:
            reach, chain = parts.identity.seq, parts.log.chain_at(at) or ""
        return End(at, chain, self._bounds.digest, reach, whole)

    def _of(self, of: PageEntry) -> Iterator[Told]:
        entry, batch = of.logged.entry, of.logged.batch
        if entry.replica == self._cursor.replica:
            yield from self._own(of)
        elif of.part is not None:
            yield of.part
        if self._cursor.held:
            first = [] if batch.origin is None else [batch.origin[:2]]
            names = [(entry.replica, entry.n), *first]
            yield from (told(Settled(*name)) for name in names if self._is_held(*name))

    def _own(self, of: PageEntry) -> Iterator[Told]:
        entry, part = of.logged.entry, None
        if of.logged.is_accepted:
            present = Present(self._scope, self._pages.copies, [of.logged.batch])
            part = self._scope.own(entry.seq, entry.chain, of.logged.batch, of.by_others, present)
        yield told(Outcome(entry.seq, entry.chain, _verdict(entry), more=part is not None))
        if part is not None:
            yield told(part)

    def _is_held(self, replica: ReplicaId, n: int) -> bool:
        return any(replica == author and n >= first for author, first in self._cursor.held)


def _verdict(entry: Entry) -> Verdict:
    error = None if entry.reason is None else from_json(json.loads(entry.reason))
    return Verdict(entry.n, entry.digest, error)


def _seq_of(message: Message) -> int | None:
    return message.seq if isinstance(message, Part | Outcome | Position) else None
