"""Who had merged what, spelt out act by act: full history for the conflict rule (C5).

The engine says what a writer had merged with one number a batch. Here it is kept as sets, per
device and document, from watching what each device is sent, so that the two can be compared.
``certain`` is what a device has merged for sure; ``maybe`` what it may have merged, when a process
died in the middle or an engine is free to take a whole document or leave it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sync.core.decode import decode
from sync.core.stamps import Stamp
from sync.local.replica import Replica
from sync.sim.ledger import HUB, Act, DocumentName, Ledger
from sync.wire.messages import Docs, Message, Part

Heard = Sequence[tuple[Message, int | None]]
"""Messages of a stream, each with the hub's seq when it read the whole documents in it."""


@dataclass(slots=True)
class Seen:
    """What one device has merged, by document."""

    certain: dict[DocumentName, set[int]] = field(default_factory=dict)
    maybe: dict[DocumentName, set[int]] = field(default_factory=dict)

    def copy(self) -> Seen:
        """For a copied file."""
        return Seen(*({k: set(v) for k, v in each.items()} for each in (self.certain, self.maybe)))


class History:
    """Follows the hub's log, and what every device is told of it."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._seq = 0
        self._seq_of: dict[int, int] = {}
        self._acts_on: dict[DocumentName, list[int]] = {}
        self._act_at: dict[Stamp, int] = {}
        self._seen: dict[int, Seen] = {}

    def follow(self, hub: Replica) -> None:
        """Read what the hub has logged since the last time."""
        while entries := hub.parts.log.since(self._seq, 500):
            for entry in entries:
                self._seq = entry.seq
                batch = decode(entry.payload)
                act = self._ledger.act_of(batch)
                if act is None or entry.status != "accepted":
                    continue
                self._seq_of[act.number] = entry.seq
                self._act_at[batch.stamp] = act.number
                for name in act.documents:
                    self._acts_on.setdefault(name, []).append(act.number)

    def forget(self, hub: Replica) -> None:
        """The hub was put back to a backup: what it has forgotten nobody can be sure to know."""
        self._seq = 0
        self._seq_of.clear()
        self._acts_on.clear()
        self.follow(hub)
        lost = self._ledger.acts.keys() - self._seq_of.keys()
        for seen in self._seen.values():
            for name, acts in seen.certain.items():
                seen.maybe.setdefault(name, set()).update(acts & lost)
                acts -= lost
        for act in self._ledger.acts.values():
            act.may_know |= act.knew & lost
            act.knew -= lost

    def logged(self) -> set[int]:
        """Acts the hub's log has accepted."""
        return set(self._seq_of)

    def seen(self, node: int) -> Seen:
        """What a device has merged."""
        return self._seen.setdefault(node, Seen())

    def replace(self, node: int, seen: Seen) -> None:
        """A device's file was replaced by a copy."""
        self._seen[node] = seen

    def hears(self, node: int, heard: Heard) -> None:
        """A device is about to merge these messages, and may die over it."""
        self._note(self.seen(node).maybe, heard, whole=True)

    def has_heard(self, node: int, heard: Heard) -> None:
        """It has merged them."""
        self._note(self.seen(node).certain, heard, whole=False)

    def holds(self, node: int, act: Act) -> None:
        """A peer has brought an act that the hub may not have."""
        for name in act.documents:
            self.seen(node).certain.setdefault(name, set()).add(act.number)

    def lets_go(self, node: int, act: Act) -> None:
        """It is not shown here any more, unless the hub has brought it as well."""
        seen = self.seen(node)
        for name in act.documents:
            seen.certain.setdefault(name, set()).discard(act.number)
            seen.maybe.setdefault(name, set()).add(act.number)

    def wrote(self, node: int, act: Act) -> None:
        """An act was committed on a device."""
        for name in act.documents if node != HUB else ():
            self.seen(node).certain.setdefault(name, set()).add(act.number)

    def known_to(self, node: int, names: Iterable[DocumentName]) -> tuple[set[int], set[int]]:
        """(acts for certain, acts perhaps) that a writer has merged on these documents."""
        certain: set[int] = set()
        maybe: set[int] = set()
        for name in names:
            if node == HUB:
                certain |= set(self._acts_on.get(name, ()))
            else:
                certain |= self.seen(node).certain.get(name, set())
                maybe |= self.seen(node).maybe.get(name, set())
        return certain, maybe - certain

    def _note(self, into: dict[DocumentName, set[int]], heard: Heard, *, whole: bool) -> None:
        for message, made_at in heard:
            if isinstance(message, Part):
                act = self._act_at.get(Stamp(message.source.hlc, message.source.replica))
                for delta in message.deltas if act is not None else ():
                    into.setdefault((delta.collection, delta.doc_id), set()).add(act or 0)
                for docs in message.whole if whole else ():
                    self._note_whole(into, docs, made_at)
            elif isinstance(message, Docs):
                self._note_whole(into, message, made_at)

    def _note_whole(
        self, into: dict[DocumentName, set[int]], docs: Docs, made_at: int | None
    ) -> None:
        for doc_id in docs.ids:
            name = (str(docs.collection), doc_id)
            acts = {a for a in self._acts_on.get(name, ()) if self._seq_of[a] <= (made_at or 0)}
            into.setdefault(name, set()).update(acts)
