"""Sets that follow commits: right at every moment, and they know what came and went."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sync.ids import Collection
from sync.local import Replica
from sync.local import inner_sets as module
from sync.query.selecting import rule_of
from sync.query.selection import Inner
from tests.helpers.replicas import open_replica

ITEMS = Collection("items")


@pytest.fixture
def replica() -> Iterator[Replica]:
    made = open_replica(seed=9)
    for number in (1, 2):
        write(made, number, "north" if number == 1 else "south")
    yield made
    made.close()


def write(replica: Replica, number: int, bay: str) -> int:
    """Write an order; the commit's number."""
    with replica.transaction() as tx:
        tx.upsert("orders", {"_id": f"o{number}", "bay": bay})
    return replica.identity.seq


def inner(condition: str = "bay = 'north'") -> Inner:
    text = f"order_id IN (SELECT _id FROM orders WHERE {condition})"
    (found,) = rule_of(ITEMS, text, {}).inner
    return found


def ids(replica: Replica) -> set[object]:
    return set(replica.parts.related.answers(inner()).scalars() or ())


def test_a_set_follows_each_commit(replica: Replica) -> None:
    assert ids(replica) == {"o1"}
    write(replica, 2, "north")
    assert ids(replica) == {"o1", "o2"}
    with replica.transaction() as tx:
        tx.delete("orders", "o1")
    assert ids(replica) == {"o2"}


def test_within_a_transaction_that_fails_it_is_as_before(replica: Replica) -> None:
    assert ids(replica) == {"o1"}
    with pytest.raises(RuntimeError), replica.parts.database.transaction():
        rows = replica.parts.documents.rows("orders", ["o1"])
        replica.parts.documents.save("orders", 99, [("o2", rows["o1"])])
        assert ids(replica) == {"o1", "o2"}
        raise RuntimeError
    assert ids(replica) == {"o1"}


def test_it_tells_what_came_and_went_at_which_commit(replica: Replica) -> None:
    sets = replica.parts.related
    start = replica.identity.seq
    assert sets.changes(inner(), start - 1, start) is None
    assert sets.changes(inner(), start, start) == set()
    first = write(replica, 2, "north")
    second = write(replica, 1, "south")
    assert sets.changes(inner(), start, first) == {"o2"}
    assert sets.changes(inner(), first, second) == {"o1"}
    assert sets.changes(inner(), second, write(replica, 1, "west")) == set()
    assert sets.changes(inner(), start, second) == {"o1", "o2"}


def test_what_happened_before_anybody_asked_counts_as_one_change(replica: Replica) -> None:
    """Who has read as far as the first of these commits asked then, and found it noted."""
    sets, start = replica.parts.related, replica.identity.seq
    assert sets.changes(inner(), start, start) == set()
    first = write(replica, 1, "south")
    last = write(replica, 1, "west")
    assert sets.changes(inner(), start, first) == set()
    assert sets.changes(inner(), first, last) == {"o1"}


def test_it_remembers_no_more_than_it_has_room_for(
    replica: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "JOURNAL_KEYS_MAX", 2)
    sets, start = replica.parts.related, replica.identity.seq
    assert sets.changes(inner(), start, start) == set()
    for bay in ("north", "south", "north"):
        last = write(replica, 2, bay)
        assert ids(replica) >= {"o1"}
    assert sets.changes(inner(), start, last) is None
    assert sets.changes(inner(), last - 1, last) == {"o2"}


@pytest.mark.parametrize("cap", ["SETS_MAX", "KEYS_MAX", "TOUCHED_MAX"])
def test_over_its_caps_it_begins_anew(
    replica: Replica, monkeypatch: pytest.MonkeyPatch, cap: str
) -> None:
    monkeypatch.setattr(module, cap, 0)
    for condition in ("bay = 'south'", "bay = 'north'"):
        assert len(replica.parts.related.answers(inner(condition)).scalars() or ()) == 1
    write(replica, 2, "north")
    assert ids(replica) == {"o1", "o2"}
