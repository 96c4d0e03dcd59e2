"""Which losing writes are conflicts, and the record each one leaves (C5).

A loser L beaten by W is a conflict iff W's writer had not merged L. Stamps cannot tell; W's causal
context can. Merges happen in the order of the hub's log on every replica, so every replica that
holds the document finds the same conflicts and writes the same records under the same ids.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Literal, NamedTuple, TypeAlias

from sync.core.batch import Context
from sync.core.stamps import Stamp, ms_of_hlc
from sync.core.state import (
    EXISTS,
    ROOT,
    Beaten,
    Key,
    State,
    interior_of,
    is_increment,
    stands,
)
from sync.core.values import TOMBSTONE, canonical, is_number
from sync.ids import Json, ReplicaId, UserId

Rule: TypeAlias = Literal["overwritten", "absorbed", "deleted", "soft_deleted", "revived"]

SOFT_DELETE: Key = ("deleted",)
REMOVED: Json = {"removed": True}
"""A removal among values; no leaf is a map with anything in it."""


class Lost(NamedTuple):
    """Leaves of one document that lost together: of one writer, to one writer, by one rule. The
    values are as a reader is told them, a removal as ``REMOVED``."""

    rule: Rule
    loser: Stamp
    winner: Stamp
    keys: tuple[Key, ...]
    losing: tuple[Json, ...]
    winning: tuple[Json, ...]


class Provenance(NamedTuple):
    """Where a batch comes from and what its writer knew. ``hub_seq`` is None until logged.

    ``hub_seq`` and the context's ``seq`` count in the same epoch of the hub's log.
    """

    replica: ReplicaId
    n: int
    hlc: int
    user: UserId
    context: Context
    hub_seq: int | None


@dataclass(frozen=True, slots=True)
class ConflictSide:
    """One of the two writes: its value (None for a removal), who, on which replica, and when."""

    value: Json
    removed: bool
    user: UserId
    replica: ReplicaId
    at_ms: int


@dataclass(frozen=True, slots=True)
class Conflict:
    """One losing write: what it was, what beat it, and by which rule."""

    id: str
    collection: str
    doc_id: str
    path: tuple[str, ...]
    rule: Rule
    loser: ConflictSide
    winner: ConflictSide


def had_merged(writer: Provenance, other: Provenance) -> bool:
    """Whether the writer of one batch had merged another batch before writing (C5)."""
    if writer.replica == other.replica:
        return other.n <= writer.n
    beside = writer.context.beside
    if beside and (Stamp(other.hlc, other.replica) in beside or (other.replica, other.n) in beside):
        return True
    return other.hub_seq is not None and other.hub_seq <= writer.context.seq


def is_conflict(rule: Rule, loser: Provenance, winner: Provenance) -> bool:
    """Whether a loss was one. A soft delete and an edit clash if neither had merged the other."""
    if had_merged(winner, loser):
        return False
    return rule != "soft_deleted" or not had_merged(loser, winner)


def rule_of(beaten: Beaten) -> Rule:
    """The rule of ``docs/crdt.md`` by which the loser lost."""
    if beaten.key == ROOT:
        return "revived"
    if beaten.by_key == ROOT:
        return "deleted"
    counted_on = is_increment(beaten.key) and beaten.by_key == beaten.key[:-1]
    return "absorbed" if counted_on and is_number(beaten.winner.value) else "overwritten"


def losses(beaten: Iterable[Beaten], clashes: Iterable[Beaten] = ()) -> list[Lost]:
    """What merging found, and edits that met a soft delete, as losses."""
    return [
        *(_loss(rule_of(item), item) for item in beaten),
        *(_loss("soft_deleted", item) for item in clashes),
    ]


def _loss(rule: Rule, item: Beaten) -> Lost:
    loser, winner = item.loser, item.winner
    losing, winning = _told(item.key, loser.value), _told(item.by_key, winner.value)
    return Lost(rule, loser.stamp, winner.stamp, (item.key,), (losing,), (winning,))


def _told(key: Key, value: Json) -> Json:
    if value is TOMBSTONE:
        return REMOVED
    return {} if key[-1:] == EXISTS else value


def soft_delete_clashes(state: State, arrived: set[Key], stamp: Stamp) -> list[Beaten]:
    """Edits that meet a soft delete, whichever of the two arrived just now with ``stamp`` (C5).

    They do not beat one another, since they wrote different fields; but whoever edited should
    hear that the record is gone. Whether they were concurrent is the caller's question.
    """
    flag = state.get(SOFT_DELETE)
    if flag is None or flag.value is not True:
        return []
    flagged_now = SOFT_DELETE in arrived and flag.stamp == stamp
    edits = state if flagged_now else {k for k in arrived if k in state and state[k].stamp == stamp}
    interior = interior_of(state)
    return [
        Beaten(key, state[key], SOFT_DELETE, flag)
        for key in edits
        if state[key].stamp != flag.stamp and key[-1:] != EXISTS and stands(state, key, interior)
    ]


def conflict_id(collection: str, doc_id: str, key: Key, stamp: Stamp) -> str:
    """hash(document, path, loser's stamp) (C5): replicas agree on it."""
    path = [list(step) if isinstance(step, tuple) else step for step in key]
    text = canonical([collection, doc_id, path, stamp.hlc, stamp.replica])
    return blake2b(text.encode(), digest_size=16).hexdigest()


def side(writer: tuple[Stamp, UserId], value: Json) -> ConflictSide:
    """One side of a record: what somebody wrote at some time."""
    stamp, user = writer
    removed = value == REMOVED
    return ConflictSide(
        value=None if removed else value,
        removed=removed,
        user=user,
        replica=stamp.replica,
        at_ms=ms_of_hlc(stamp.hlc),
    )
