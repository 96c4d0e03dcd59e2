"""One open file: reading it, from any thread, in any order."""

from __future__ import annotations

import threading
from contextlib import closing
from typing import Any

import pytest

from sync.local import Replica
from sync.query import Equals, Has, Range
from tests.helpers.clocks import FixedClock, SeededEntropy
from tests.helpers.replicas import PaperHub, everything_settled, open_replica, shelf, stocked


@pytest.fixture
def mixed() -> Replica:
    """Documents whose ``x`` is of every type there is."""
    replica = open_replica()
    values: dict[str, Any] = {
        "null": None,
        "true": True,
        "false": False,
        "two": 2,
        "one_and_a_half": 1.5,
        "text": "b",
        "list": [1],
        "map": {"a": 1},
    }
    with replica.transaction() as tx:
        for name, value in values.items():
            tx.insert("things", {"_id": name, "x": value, "same": 1})
        tx.insert("things", {"_id": "missing", "same": 1})
    return replica


def ids(documents: list[dict[str, Any]]) -> list[str]:
    return [document["_id"] for document in documents]


ASCENDING = ["false", "true", "one_and_a_half", "two", "text", "list", "map", "null", "missing"]


class TestFinding:
    def test_types_have_an_order(self, mixed: Replica) -> None:
        assert ids(mixed.find("things", order_by=[(("x",), "asc")])) == ASCENDING
        assert ids(mixed.find("things", order_by=[(("x",), "desc")])) == ASCENDING[::-1]

    def test_ties_are_broken_by_id(self, mixed: Replica) -> None:
        for direction in ("asc", "desc"):
            found = ids(mixed.find("things", order_by=[(("same",), direction)]))
            assert found == sorted(ASCENDING)
        by_two = [(("same",), "desc"), (("x",), "asc")]
        assert ids(mixed.find("things", order_by=by_two)) == ASCENDING

    def test_a_part_of_the_result(self, mixed: Replica) -> None:
        order = [(("x",), "asc")]
        assert ids(mixed.find("things", order_by=order, limit=2)) == ASCENDING[:2]
        assert ids(mixed.find("things", order_by=order, limit=2, offset=3)) == ASCENDING[3:5]
        assert ids(mixed.find("things", order_by=order, offset=7)) == ASCENDING[7:]
        assert mixed.find("things", limit=0) == []

    def test_counting(self, mixed: Replica) -> None:
        assert mixed.count("things") == 9
        assert mixed.count("things", Has(("x",))) == 8
        assert mixed.count("things", Range(("x",), low=1)) == 2
        assert mixed.count("nothing") == 0

    def test_what_is_handed_out_is_a_copy(self, mixed: Replica) -> None:
        for document in (mixed.get("things", "map"), mixed.find("things", Has(("x", "a")))[0]):
            assert document is not None
            document["x"]["a"] = "changed outside"
        assert mixed.get("things", "map") == {"_id": "map", "x": {"a": 1}, "same": 1}

    def test_collections_and_ids_nobody_has_heard_of(self, mixed: Replica) -> None:
        assert mixed.get("nothing", "x") is None
        assert mixed.get("things", "'; DROP TABLE c_things; --") is None
        assert mixed.find("nothing") == []
        assert mixed.find("'; --", Equals(("a",), 1)) == []


def test_more_documents_than_fit_a_page_or_a_question() -> None:
    replica, other, hub = open_replica(), open_replica(seed=2), PaperHub()
    with replica.transaction() as tx:
        for number in range(2_500):
            tx.insert("things", {"_id": f"t{number:04}", "n": number})
    with replica.transaction() as tx:
        for number in range(2_500):
            tx.update("things", f"t{number:04}", {"seen": True})
    assert replica.count("things", Equals(("seen",), True)) == 2_500
    assert ids(replica.find("things")) == [f"t{number:04}" for number in range(2_500)]
    replica.receive([hub.hello()])
    everything_settled(hub, replica, other)
    assert other.digest("things") == replica.digest("things")


class TestDigest:
    def test_equal_states_have_equal_digests(self) -> None:
        hub, one, two = PaperHub(), stocked(3), open_replica(seed=2)
        everything_settled(hub, one, two)
        assert one.digest("inventory") == two.digest("inventory")
        assert one.digest("inventory", ["inv_2"]) == two.digest("inventory", ["inv_2"])
        assert one.digest("inventory", ["inv_1", "inv_2"]) == one.digest(
            "inventory", ["inv_2", "inv_1"]
        )

    def test_what_shows_the_same_may_be_another_state(self) -> None:
        """Stamps count: they decide what the next merge makes of it."""
        hub, one, two = PaperHub(), stocked(3), open_replica(seed=2)
        everything_settled(hub, one, two)
        before = two.digest("inventory")
        with two.transaction() as tx:
            tx.update("inventory", "inv_1", {"notes": "as delivered"})
        assert two.find("inventory") == one.find("inventory")
        assert two.digest("inventory") != before

    def test_a_deleted_document_is_not_a_missing_one(self) -> None:
        one, two = stocked(1), stocked(2)
        with two.transaction() as tx:
            tx.delete("inventory", "inv_2")
        assert one.find("inventory") == two.find("inventory")
        assert one.digest("inventory") != two.digest("inventory")


def test_notes_are_small_settings_that_stay() -> None:
    replica = open_replica()
    assert replica.note("theme") is None
    replica.set_note("theme", {"dark": True})
    replica.set_note("other", 7)
    assert replica.note("theme") == {"dark": True}
    replica.set_note("theme", None)
    assert (replica.note("theme"), replica.note("other")) == (None, 7)


def test_writers_and_readers_on_many_threads() -> None:
    replica = stocked(4)
    failures: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for turn in range(25):
                with replica.transaction(author=f"user_{number}") as tx:
                    tx.increment("inventory", "inv_1", ("stock_level",), 1)
                    tx.insert("orders", {"_id": f"order_{number}_{turn}"})
                    tx.insert("order_items", {"_id": f"item_{number}_{turn}"})
                assert replica.count("orders") <= replica.count("order_items")
                assert replica.get("inventory", "inv_1") is not None
        except BaseException as error:
            failures.append(error)

    workers = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert failures == []
    assert replica.count("orders") == replica.count("order_items") == 150
    assert replica.get("inventory", "inv_1")["stock_level"] == 151  # type: ignore[index]
    assert replica.identity.n == 151


def test_a_commit_is_announced_once_it_is_there() -> None:
    replica = stocked()
    seen: list[Any] = []
    replica.on_commit(lambda: seen.append(replica.get("orders", "order_1")))
    with replica.transaction() as tx:
        tx.insert("orders", {"_id": "order_1"})
    with pytest.raises(KeyError), replica.transaction() as tx:
        tx.delete("orders", "order_1")
        raise KeyError
    assert seen == [{"_id": "order_1"}]


def test_the_mark_beside_a_record_follows_its_work() -> None:
    hub, replica = PaperHub(), stocked(2)
    replica.receive([hub.hello()])
    assert replica.state_of("inventory", "inv_1") == "saved"
    everything_settled(hub, replica)
    with replica.transaction() as tx:
        tx.insert("inventory", shelf("inv_9"))
    assert replica.state_of("inventory", "inv_1") == "synced"
    assert replica.state_of("inventory", "inv_9") == "saved"
    assert replica.state_of("inventory", "nobody") == "synced"


@pytest.mark.parametrize(
    ("kind", "asked", "mib"), [("device", None, 64), ("hub", None, 400), ("device", 8, 8)]
)
def test_a_hub_may_keep_more_of_its_file_in_memory(kind: str, asked: int | None, mib: int) -> None:
    clock, entropy = FixedClock(), SeededEntropy(1)
    with closing(
        Replica.open(":memory:", clock=clock, entropy=entropy, kind=kind, cache_mib=asked)
    ) as replica:
        assert replica.parts.database.query("PRAGMA cache_size") == [(-mib * 1_024,)]
