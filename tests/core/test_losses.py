"""What one merge lost, as one text, and the records that are read from it (C5)."""

from __future__ import annotations

import json

from sync.core.conflicts import Conflict, ConflictSide, losses
from sync.core.losses import Losses, conflicts_of
from sync.core.stamps import Stamp, hlc_of_ms
from sync.core.state import ROOT, Beaten, Leaf
from sync.core.values import TOMBSTONE
from sync.ids import Json, ReplicaId, UserId
from tests.helpers.core import REPLICAS

ANA, BEN, _ = REPLICAS
SALE = (BEN, 4)
USERS = UserId("ana"), UserId("ben")


def at(ms: int, value: Json, replica: ReplicaId = ANA) -> Leaf:
    return Leaf(Stamp(hlc_of_ms(ms), replica), value)


def told(*beaten: Beaten) -> list[Conflict]:
    """The records of a merge in which Ana lost to Ben."""
    kept = Losses(lambda *_: USERS)
    for lost in losses(beaten):
        kept.add("inventory", "i1", lost)
    found = list(conflicts_of(json.loads(kept.text())))
    assert len(found) == kept.count
    return found


def test_a_record_says_who_where_when_and_both_values() -> None:
    place = ("location", "bin")
    (conflict,) = told(Beaten(place, at(1_000, "B"), place, at(2_000, "C", BEN)))
    assert (conflict.collection, conflict.doc_id) == ("inventory", "i1")
    assert (conflict.path, conflict.rule) == (place, "overwritten")
    assert conflict.loser == ConflictSide("B", False, UserId("ana"), ANA, 1_000)
    assert conflict.winner == ConflictSide("C", False, UserId("ben"), BEN, 2_000)


def test_a_removal_has_no_value_and_an_existence_shows_as_an_empty_map() -> None:
    gone = at(2, TOMBSTONE, BEN)
    tags, note = told(
        Beaten(("tags", None), at(1, True), ROOT, gone), Beaten(("a",), at(1, "x"), ROOT, gone)
    )
    assert (tags.path, tags.rule) == (("tags",), "deleted")
    assert (tags.loser.value, tags.loser.removed) == ({}, False)
    assert (tags.winner.value, tags.winner.removed) == (None, True)
    assert (note.loser.value, note.winner.removed) == ("x", True)


def test_the_record_of_a_sale_names_the_counter() -> None:
    (conflict,) = told(Beaten(("stock", SALE), at(1, -3), ("stock",), at(2, 40, BEN)))
    assert (conflict.path, conflict.loser.value, conflict.winner.value) == (("stock",), -3, 40)
    assert conflict.rule == "absorbed"
