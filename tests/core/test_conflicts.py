"""Who lost, to whom, by which rule, and whether they knew of each other (C5)."""

from __future__ import annotations

import pytest

from sync.core.batch import Context, Known
from sync.core.conflicts import (
    Provenance,
    Rule,
    conflict_id,
    had_merged,
    rule_of,
    soft_delete_clashes,
)
from sync.core.stamps import Stamp
from sync.core.state import ROOT, Beaten, Key, Leaf, State, merge
from sync.core.values import TOMBSTONE
from sync.ids import Json, ReplicaId, UserId
from tests.helpers.core import REPLICAS

ANA, BEN, CIM = REPLICAS
SALE = (BEN, 4)


def at(hlc: int, value: Json, replica: ReplicaId = ANA) -> Leaf:
    return Leaf(Stamp(hlc, replica), value)


def batch(
    replica: ReplicaId, n: int, seq: int | None, knows: int = 0, *beside: Known
) -> Provenance:
    """Batch ``n`` of a replica, at ``seq`` of the log; its writer had read up to ``knows``."""
    return Provenance(replica, n, 100 + n, UserId("u"), Context("e1", knows, beside), seq)


def stamp_of(source: Provenance) -> Stamp:
    return Stamp(source.hlc, source.replica)


def test_a_writer_had_merged_what_its_cursor_had_passed() -> None:
    assert had_merged(batch(ANA, 1, None, 5), batch(BEN, 4, 5))
    assert not had_merged(batch(ANA, 1, None, 5), batch(BEN, 4, 6))


def test_a_writer_had_merged_its_own_earlier_batches_logged_or_not() -> None:
    assert had_merged(batch(ANA, 2, None), batch(ANA, 1, None))
    assert had_merged(batch(ANA, 2, 9), batch(ANA, 1, 8))
    assert not had_merged(batch(ANA, 1, 8), batch(ANA, 2, 9))


def test_a_writer_had_merged_what_a_peer_had_given_it() -> None:
    brought = batch(BEN, 4, None)
    assert had_merged(batch(ANA, 1, None, 0, stamp_of(brought)), brought)
    assert had_merged(batch(ANA, 1, 2, 0, stamp_of(brought)), brought._replace(hub_seq=7))
    assert not had_merged(batch(ANA, 1, 2, 0, stamp_of(batch(BEN, 3, None))), brought)


def test_of_two_batches_that_bear_one_number_a_writer_knows_the_one_it_names() -> None:
    """A file went back to its backup and counted on from there (C8)."""
    forgotten = batch(BEN, 4, 7)
    anew = forgotten._replace(hlc=200, hub_seq=None)
    writer = batch(CIM, 1, 8, 0, stamp_of(anew))
    assert had_merged(writer, anew)
    assert not had_merged(writer, forgotten)


def test_a_batch_named_by_its_number_as_they_once_were_is_known() -> None:
    assert had_merged(batch(ANA, 1, 2, 0, (BEN, 4)), batch(BEN, 4, 7))
    assert not had_merged(batch(ANA, 1, 2, 0, (BEN, 3)), batch(BEN, 4, 7))


def test_what_the_hub_has_not_logged_nobody_knows_from_the_hub() -> None:
    assert not had_merged(batch(ANA, 1, None, 5), batch(BEN, 4, None))


@pytest.mark.parametrize(
    ("key", "loser", "by_key", "winner", "rule"),
    [
        (("note",), at(1, "x"), ("note",), at(2, "y", BEN), "overwritten"),
        (("note",), at(1, "x"), ("note",), at(2, TOMBSTONE, BEN), "overwritten"),
        (("note",), at(1, "x"), ("note", "a"), at(2, 1, BEN), "overwritten"),
        (("m", "a"), at(1, "x"), ("m",), at(2, 1, BEN), "overwritten"),
        (("note",), at(1, "x"), ROOT, at(2, TOMBSTONE, BEN), "deleted"),
        (("stock", SALE), at(1, -1, BEN), ROOT, at(2, TOMBSTONE), "deleted"),
        (("stock", SALE), at(1, -1, BEN), ("stock",), at(2, 40), "absorbed"),
        (("stock", SALE), at(1, -1, BEN), ("stock",), at(2, TOMBSTONE), "overwritten"),
        (("m", "n", SALE), at(1, -1, BEN), ("m",), at(2, 5), "overwritten"),
        (ROOT, at(1, TOMBSTONE), ("note",), at(2, "x", BEN), "revived"),
    ],
)
def test_every_loss_has_its_rule(
    key: Key, loser: Leaf, by_key: Key, winner: Leaf, rule: Rule
) -> None:
    assert rule_of(Beaten(key, loser, by_key, winner)) == rule


def test_the_id_depends_on_document_path_and_loser_alone() -> None:
    known = conflict_id("inventory", "i1", ("note",), Stamp(5, ANA))
    assert known == conflict_id("inventory", "i1", ("note",), Stamp(5, ANA))
    others = {
        conflict_id("orders", "i1", ("note",), Stamp(5, ANA)),
        conflict_id("inventory", "i2", ("note",), Stamp(5, ANA)),
        conflict_id("inventory", "i1", ("note", None), Stamp(5, ANA)),
        conflict_id("inventory", "i1", ("note", (ANA, 1)), Stamp(5, ANA)),
        conflict_id("inventory", "i1", (), Stamp(5, ANA)),
        conflict_id("inventory", "i1", ("note",), Stamp(6, ANA)),
        conflict_id("inventory", "i1", ("note",), Stamp(5, BEN)),
    }
    assert len(others | {known}) == 8


FLAGGED: State = {
    (None,): at(1, True),
    ("note",): at(3, "x", BEN),
    ("stock", SALE): at(9, -1, BEN),
    ("gone",): at(3, TOMBSTONE, BEN),
    ("deleted",): at(6, True),
    ("deleted_at",): at(6, "2026-11-20T10:00:00Z"),
}


def clashing(state: State, arrived: set[Key], stamp: Stamp) -> set[Key]:
    return {item.key for item in soft_delete_clashes(state, arrived, stamp)}


def test_a_soft_delete_meets_every_edit_that_stands() -> None:
    arrived: set[Key] = {("deleted",), ("deleted_at",)}
    assert clashing(FLAGGED, arrived, Stamp(6, ANA)) == {("note",), ("stock", SALE), ("gone",)}


def test_an_edit_meets_the_soft_delete_that_stands() -> None:
    assert clashing(FLAGGED, {("note",)}, Stamp(3, BEN)) == {("note",)}


def test_an_edit_that_lost_on_arrival_is_not_the_one_that_stands() -> None:
    assert clashing(FLAGGED, {("note",)}, Stamp(2, CIM)) == set()


def test_a_restored_document_has_no_clashes() -> None:
    restored = {**FLAGGED, ("deleted",): at(7, False)}
    assert clashing(restored, {("note",)}, Stamp(3, BEN)) == set()


def test_an_edit_that_had_lost_to_the_entries_below_it_is_left_out() -> None:
    state: State = {("note",): at(3, "x", BEN), ("note", "a"): at(4, 1)}
    merge(state, [(("deleted",), at(6, True, CIM))])
    assert clashing(state, {("deleted",)}, Stamp(6, CIM)) == {("note", "a")}
