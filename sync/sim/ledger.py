"""What everybody did, written down beside the engine: the independent book the checkers read.

An *act* is one transaction somebody made. It is followed by its fingerprint, the contents of its
batch without what a new number or a new stamp changes, so that it is the same act after a fork or
a correction of the clock. Every act writes something no other act writes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Literal, TypeAlias

from sync.core.batch import Batch, Birth, Change, pack_deltas
from sync.core.decode import decode
from sync.core.state import is_increment
from sync.ids import NIL_REPLICA

HUB = -1
"""The hub's number where devices have theirs."""

DocumentName: TypeAlias = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Count:
    """What an act did to one counter: added an amount, or counted anew."""

    document: DocumentName
    kind: Literal["add", "restart"]
    amount: int


@dataclass(eq=False, slots=True)
class Act:
    """One transaction. ``knew`` and ``may_know`` are earlier acts on its documents that its writer
    had merged for certain, and may have merged. ``holders`` are the devices whose files have it."""

    number: int
    by: int
    verb: str
    fingerprint: str
    documents: tuple[DocumentName, ...]
    counts: tuple[Count, ...]
    knew: set[int]
    may_know: set[int]
    holders: set[int] = field(default_factory=set)
    gone: bool = False

    def __str__(self) -> str:
        return f"act {self.number} ({self.verb} by {self.by})"


@dataclass(slots=True)
class Ledger:
    """Every act, and which files hold it."""

    acts: dict[int, Act] = field(default_factory=dict)
    by_fingerprint: dict[str, int] = field(default_factory=dict)
    counted: set[DocumentName] = field(default_factory=set)

    def add(self, act: Act) -> None:
        """An act was committed."""
        self.acts[act.number] = act
        self.by_fingerprint[act.fingerprint] = act.number

    def act_of(self, batch: Batch) -> Act | None:
        """The act a batch stands for; None for what the hub writes of itself."""
        number = self.by_fingerprint.get(fingerprint(batch))
        return None if number is None else self.acts[number]

    def held_by(self, node: int) -> set[int]:
        """The acts in the file of a device."""
        return {act.number for act in self.acts.values() if node in act.holders}

    def copied(self, acts: Iterable[int], node: int) -> None:
        """A file with these acts becomes the file of ``node``, in place of what it had."""
        kept = set(acts)
        for act in self.acts.values():
            if act.number in kept:
                act.holders.add(node)
            else:
                act.holders.discard(node)

    def write_off(self, at_hub: set[int]) -> None:
        """Acts that neither a device nor the hub holds any more went with a file; nobody can be
        asked to bring them back."""
        for act in self.acts.values():
            if not act.holders and act.number not in at_hub:
                act.gone = True


def fingerprint(batch: Batch) -> str:
    """The contents of a batch, whatever its number, stamp and replica."""
    deltas = [
        delta
        if isinstance(delta, Birth)
        else Change.of(
            delta.collection,
            delta.doc_id,
            {
                (*key[:-1], (NIL_REPLICA, 0)) if is_increment(key) else key: value
                for key, value in delta.ops()
            },
        )
        for delta in batch.deltas
    ]
    text = repr([batch.user, pack_deltas(deltas)])
    return blake2b(text.encode(), digest_size=16).hexdigest()


def fingerprint_of(payload: bytes) -> str:
    """The fingerprint of an encoded batch."""
    return fingerprint(decode(payload))
