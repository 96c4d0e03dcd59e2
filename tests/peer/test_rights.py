"""What a batch does to a document, as rights see it: made, changed, removed; and which fields."""

from __future__ import annotations

import pytest

from sync.core.batch import Batch, Birth, Change, Context, Delta
from sync.core.stamps import hlc_of_ms
from sync.core.state import ROOT
from sync.core.values import TOMBSTONE, canonical
from sync.ids import Collection, DocId, Document, Json, UserId
from sync.local import Replica
from sync.peer.rights import differing, effects_of, writes_of
from tests.helpers.clocks import NOON_MS
from tests.helpers.replicas import open_replica

SHELVES, ID = Collection("inventory"), DocId("inv_1")
SHELF: Document = {"_id": "inv_1", "store_id": "s", "location": {"aisle": "4", "bay": "2"}}


@pytest.fixture
def replica() -> Replica:
    replica = open_replica(seed=5)
    with replica.transaction() as tx:
        tx.insert(SHELVES, SHELF)
    return replica


def done(replica: Replica, *deltas: Delta) -> list[tuple[str, set[str]]]:
    """Kind and fields of each write of a batch that another replica makes a minute later."""
    stranger = open_replica(seed=6).id
    stamp = hlc_of_ms(NOON_MS + 60_000)
    batch = Batch(stranger, 1, stamp, UserId("u"), Context("", 0), "", deltas)
    effects = effects_of(replica.parts.merging.plan(batch))
    return [
        (each.kind, {".".join(path) for path in each.touched}) for each in writes_of(batch, effects)
    ]


def change(**fields: Json) -> Change:
    changes = {tuple(name.split("__")): value for name, value in fields.items()}
    return Change.of(SHELVES, ID, {**changes})


def test_a_change_touches_what_it_writes(replica: Replica) -> None:
    assert done(replica, change(notes="x", location__bay="3")) == [
        ("change", {"notes", "location.bay"})
    ]


def test_a_change_touches_what_it_writes_even_if_nothing_shows(replica: Replica) -> None:
    assert done(replica, change(store_id="s")) == [("change", {"store_id"})]


def test_what_a_change_hides_is_touched_too(replica: Replica) -> None:
    ((kind, touched),) = done(replica, change(location=TOMBSTONE))
    assert kind == "change"
    assert touched == {"location", "location.aisle", "location.bay"}


def test_a_count_touches_its_field(replica: Replica) -> None:
    counted = Change.of(SHELVES, ID, {("stock_level", (replica.id, 1)): -2})
    assert done(replica, counted) == [("change", {"stock_level"})]


def test_a_new_document_is_made(replica: Replica) -> None:
    birth = Birth(SHELVES, DocId("inv_2"), canonical({"store_id": "s"}))
    assert done(replica, birth) == [("create", {"store_id"})]


def test_a_birth_of_what_is_there_is_a_change(replica: Replica) -> None:
    birth = Birth(SHELVES, ID, canonical({"store_id": "other"}))
    assert done(replica, birth) == [("change", {"store_id"})]


def test_a_removal_is_a_delete(replica: Replica) -> None:
    assert done(replica, Change.of(SHELVES, ID, {ROOT: TOMBSTONE})) == [("delete", set())]


def test_making_again_what_was_removed_is_a_create(replica: Replica) -> None:
    with replica.transaction() as tx:
        tx.delete(SHELVES, ID)
    birth = Birth(SHELVES, ID, canonical({"store_id": "s"}))
    assert [kind for kind, _ in done(replica, birth)] == ["create"]


def test_a_soft_delete_is_a_change_of_its_fields(replica: Replica) -> None:
    assert done(replica, change(deleted=True, deleted_at="now")) == [
        ("change", {"deleted", "deleted_at"})
    ]


@pytest.mark.parametrize(
    ("one", "other", "fields"),
    [
        ({"a": 1}, {"a": 1}, set()),
        ({"a": 1}, {"a": 1.0}, {"a"}),
        ({"a": 1}, {"a": True}, {"a"}),
        ({"a": None}, {}, {"a"}),
        ({}, {"a": {"b": 1}}, {"a.b"}),
        ({"a": {}}, {}, {"a"}),
        ({"a": {"b": 1}}, {"a": 1}, {"a"}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 1, "c": 3}}, {"a.c"}),
        ({"a": [1]}, {"a": [2]}, {"a"}),
    ],
)
def test_fields_differ_by_type_and_value(one: Document, other: Document, fields: set[str]) -> None:
    for pair in ((one, other), (other, one)):
        assert {".".join(path) for path in differing(*pair)} == fields
