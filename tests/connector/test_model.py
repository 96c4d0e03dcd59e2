"""Whatever happens in whatever order, all sides end equal and nothing is lost or counted twice."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.connector.people import IDS, NAME, PLAIN
from tests.connector.world import FIELDS, World

_who = st.integers(0, 1)
_collection = st.sampled_from([NAME, PLAIN])
_id = st.sampled_from(IDS)
_field = st.sampled_from(FIELDS)
_by = st.sampled_from([-3, -1, 2])
_limit = st.sampled_from([1, 2, 50])


def _step(name: str, *arguments: Any) -> Any:
    return st.tuples(st.just(name), *arguments)


_COMMON = [
    _step("device_set", _who, _collection, _id, _field),
    _step("device_count", _who, _id, _by),
    _step("device_unset", _who, _collection, _id, _field),
    _step("meet", _who),
    _step("meet", _who),
    _step("outside_set", _collection, _id, _field),
    _step("outside_inc", _id, _by),
    _step("outside_unset", _collection, _id, _field),
    _step("outside_map", _collection, _id),
    _step("outside_push", _collection, _id),
    _step("outside_replace", _collection, _id),
    _step("outside_transaction", _field),
    _step("deliver", _limit),
    _step("deliver", _limit),
    _step("write", _limit),
    _step("write", _limit),
    _step("carry_out"),
    _step("carry_out"),
    _step("answer"),
    _step("read_doubtful"),
    _step("kill", st.integers(0, 7)),
    _step("snapshot_chunk"),
    _step("lose_token"),
    _step("reconnect"),
    _step("pass_time", st.sampled_from([1, 400, 1_000, 60_000])),
]
_DRASTIC = [
    _step("device_insert", _who, _collection, _id),
    _step("device_restart", _who, _id, st.integers(30, 60)),
    _step("device_delete", _who, _collection, _id),
    _step("outside_insert", _collection, _id),
    _step("outside_restart", _id, st.integers(70, 90)),
    _step("outside_delete", _collection, _id),
]
_search = settings(deadline=None, suppress_health_check=list(HealthCheck))


def _play(steps: list[Any], *, describes: bool) -> None:
    world = World(describes=describes)
    try:
        for doc_id in IDS:
            world.mongo.insert(NAME, {"_id": doc_id, "a": "a", "m": {"x": "x"}, "n": 100})
            world.mongo.insert(PLAIN, {"_id": doc_id, "a": "a", "m": {}})
        world.settle()
        for name, *arguments in steps:
            getattr(world, name)(*arguments)
        world.settle()
        world.check()
    finally:
        world.close()


@_search
@given(st.lists(st.one_of(*_COMMON), max_size=40))
def test_fields_and_counters_survive_every_interleaving(steps: list[Any]) -> None:
    _play(steps, describes=True)


@_search
@given(st.lists(st.one_of(*_COMMON, *_DRASTIC), max_size=40))
def test_counts_insertions_and_deletions_do_as_well(steps: list[Any]) -> None:
    _play(steps, describes=True)


@_search
@given(st.lists(st.one_of(*_COMMON), max_size=40))
def test_a_server_that_describes_no_updates_is_followed_by_its_documents(steps: list[Any]) -> None:
    _play(steps, describes=False)


def test_what_lost_to_a_deletion_comes_back_when_the_document_does() -> None:
    _play(
        [
            ("outside_transaction", "a"),
            ("device_set", 0, "inventory", "d1", "a"),
            ("outside_inc", "d1", -3),
            ("outside_map", "orders", "d1"),
            ("device_delete", 0, "orders", "d1"),
        ],
        describes=True,
    )


def test_an_own_write_between_two_documents_of_one_transaction_is_nobodys_change() -> None:
    _play(
        [
            ("device_set", 0, "inventory", "d1", "a"),
            ("device_count", 0, "d1", -3),
            ("outside_transaction", "a"),
            ("device_set", 0, "inventory", "d1", "a"),
            ("deliver", 1),
        ],
        describes=False,
    )
