"""Pages of the log as they are told: judged and encoded once for all who read the same within the
same lines (S1, S4).

Whoever stands at one place in the log and draws the same lines through what has changed since is
told the same, up to their own batches. Pages are cut at the same places for all, so whoever falls
behind stands where others have stood, and costs what they cost: else a busy moment would make the
next one busier. Which lines count is decided here and nowhere else: those
through the collections that the page touches, or the whole scope where documents of these rest on
others. A page is judged on present copies and stays good: told later, it is what would have been
told then, only late.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, TypeAlias

from sync.hub.moves import Moves
from sync.hub.present import Copies, Present
from sync.hub.ripples import Name
from sync.hub.scope import Scope
from sync.hub.tail import Logged, Tail
from sync.ids import Collection, ReplicaId
from sync.local.replica import Replica
from sync.wire.codec import encode
from sync.wire.messages import Message, Position

PAGES_BYTES_MAX = 16 * 1_048_576
"""Kept ready: those of the last moments for the stores of a chain."""

CUTS_MAX = 1_000
"""Places kept at which pages end: those of the last minute."""
MOVES_KEPT_MAX = 200
"""Lines whose moves are followed: of all the stores of a chain."""
MOVES_ENTRIES_MAX = 20_000
"""Entries that moves are followed for; then they begin anew, so that they stay small."""

RUN_BYTES_MIN = 32_768
"""Of lines that go out together: half of what is packed without a thread."""

Covers: TypeAlias = Callable[[int, str], bool]
"""Whether what the entry at a seq may have moved in a collection has been told already."""


class Told(NamedTuple):
    """A message, and the line that it travels as."""

    message: Message
    line: bytes


def told(message: Message) -> Told:
    """A message with its line."""
    return Told(message, encode(message))


def joined(page: Sequence[Told]) -> Iterator[bytes]:
    """Lines in runs of some size, so that one long page neither waits nor goes out as a whole."""
    run: list[bytes] = []
    size = 0
    for each in page:
        run.append(each.line)
        size += len(each.line)
        if size >= RUN_BYTES_MIN:
            yield b"".join(run)
            run, size = [], 0
    if run:
        yield b"".join(run)


class PageEntry(NamedTuple):
    """One entry of the log as others than its author hear of it, and the documents that it may have
    moved without touching them."""

    logged: Logged
    part: Told | None
    by_others: Sequence[Name]


@dataclass(frozen=True)
class Page:
    """Some entries in a row; none where the first may have moved more than can be told with it."""

    entries: tuple[PageEntry, ...]

    @property
    def size(self) -> int:
        """The bytes of its lines, and a little for each entry."""
        return sum(200 + (len(each.part.line) if each.part else 0) for each in self.entries)

    @cached_property
    def places(self) -> dict[ReplicaId, list[int]]:
        """Where among the entries each author's batches are."""
        found: dict[ReplicaId, list[int]] = {}
        for place, each in enumerate(self.entries):
            found.setdefault(each.logged.entry.replica, []).append(place)
        return found

    @cached_property
    def parts(self) -> list[Told | None]:
        """What others than the author hear of each entry."""
        return [each.part for each in self.entries]

    @cached_property
    def told(self) -> list[Told]:
        """What everybody hears but the authors."""
        parts = [*filter(None, self.parts)]
        return [*parts, self.position] if self.parts[-1] is None else parts

    @cached_property
    def position(self) -> Told:
        """Word that all of it has been told."""
        last = self.entries[-1].logged.entry
        return told(Position(last.seq, last.chain))


def judged(
    scope: Scope,
    moves: Moves,
    found: Sequence[Logged],
    copies: Copies,
    covers: Covers = lambda seq, name: False,
    but: ReplicaId | None = None,
) -> Page:
    """Entries of the log as they are told within a scope, to others than ``but``. Call it with the
    lock of the database held: there is no commit between what moves later and the rows."""
    moves.look()
    wide = {seq for name, seqs in moves.wide().items() for seq in seqs if not covers(seq, name)}
    tellable = found
    if wide:
        cut = next((i for i, each in enumerate(found) if each.seq in wide), len(found))
        tellable = found[:cut]
    heard = [each for each in tellable if each.is_accepted and each.entry.replica != but]
    present = Present(scope, copies, [each.batch for each in heard])
    touched = {name for each in heard for name in each.names}
    within = scope.bounds.collections
    inside = {name for name in touched if name[0] in within and present.holds(*name)}
    entries = []
    for each in tellable:
        names = [name for name in moves.by_others(each.seq) if not covers(each.seq, name[0])]
        part = None
        is_heard = each.is_accepted and each.entry.replica != but
        if is_heard and not _is_elsewhere(each, names, inside, moves):
            part = _part(scope, moves, each, names, present)
        entries.append(PageEntry(each, part, names))
    return Page(tuple(entries))


def _is_elsewhere(
    logged: Logged, by_others: Sequence[Name], inside: AbstractSet[object], moves: Moves
) -> bool:
    """Whether an entry is no business of a scope, as most are of that of a store."""
    if by_others or not logged.is_plain or not inside.isdisjoint(logged.names):
        return False
    return not any(map(moves.knows, logged.names))


def _part(
    scope: Scope, moves: Moves, logged: Logged, names: Sequence[Name], present: Present
) -> Told | None:
    entry, batch = logged.entry, logged.batch
    part = scope.part(entry.seq, entry.chain, batch, moves.is_later, names, present)
    return None if part is None else told(part)


class Pages:
    """Those of one hub, for readers near the end of its log."""

    def __init__(self, replica: Replica, tail: Tail) -> None:
        self._replica = replica
        self._tail = tail
        self.copies = Copies(replica.parts)
        """The hub's documents, for all who are told of them."""
        self._known: OrderedDict[object, Page] = OrderedDict()
        self._bytes = 0
        self._touched: tuple[tuple[int, int], frozenset[Collection]] = ((0, 0), frozenset())
        self._cuts: list[int] = []
        self._moves: OrderedDict[object, tuple[int, Moves]] = OrderedDict()

    def cut(self, seq: int) -> None:
        """Everybody's pages end after this entry, the newest there is."""
        if not self._cuts or seq > self._cuts[-1]:
            self._cuts.append(seq)
            del self._cuts[:-CUTS_MAX]

    def end_after(self, seq: int, up_to: int | None) -> int | None:
        """Where the page ends that begins after ``seq``, ``up_to`` at the latest."""
        after = bisect_right(self._cuts, seq)
        if after == len(self._cuts):
            return up_to
        return self._cuts[after] if up_to is None else min(up_to, self._cuts[after])

    def page(self, scope: Scope, since: int, found: Sequence[Logged]) -> Page:
        """The page of what was found after ``since``."""
        place = (since, found[-1].seq)
        if self._touched[0] != place:
            names = frozenset(d.collection for each in found for d in each.batch.deltas)
            self._touched = (place, names)
        lines = _lines(scope, self._touched[1])
        key = (place, lines)
        page = self._known.get(key)
        if page is None:
            page = self._known[key] = judged(
                scope, self._moves_in(lines, scope, since), found, self.copies
            )
            self._bytes += page.size
            while self._bytes > PAGES_BYTES_MAX:
                self._bytes -= self._known.popitem(last=False)[1].size
        return page

    def _moves_in(self, lines: object, scope: Scope, since: int) -> Moves:
        """What has moved across these lines after ``since``, and maybe before."""
        start, moves = self._moves.pop(lines, (since + 1, None))
        if moves is None or not start <= since <= start + MOVES_ENTRIES_MAX:
            start, moves = since, Moves(self._replica, self._tail, scope, since)
        self._moves[lines] = (start, moves)
        while len(self._moves) > MOVES_KEPT_MAX:
            self._moves.popitem(last=False)
        return moves


def _lines(scope: Scope, touched: frozenset[Collection]) -> object:
    """What of a scope decides what is told of changes in some collections."""
    bounds = scope.bounds
    if touched & bounds.related:
        return bounds.digest
    return tuple((name, bounds.line(name)) for name in sorted(touched & bounds.collections))
