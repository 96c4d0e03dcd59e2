"""A snapshot merged in bulk is the pure merge of what the hub has with what waits here, whatever
was there before, and wherever the process died in between."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.core.decode import decode
from sync.core.state import State, merge
from sync.hub import Hub
from sync.hub import feed as hub_feed
from sync.local import Replica
from sync.local.own_work import UNSETTLED
from tests.helpers.clocks import SteppingClock
from tests.helpers.lines import Line, stocked_hub
from tests.helpers.replicas import open_replica, shelf
from tests.helpers.two_devices import ANA, CLEO

IDS = [f"inv_{number:02}" for number in range(12)]

changes = st.one_of(
    st.tuples(st.just("note"), st.text(max_size=3)),
    st.tuples(st.just("place"), st.sampled_from([{"bin": "9"}, {"aisle": "é\n", "deep": {}}])),
    st.tuples(st.just("count"), st.integers(-3, 3)),
    st.tuples(st.just("recount"), st.integers(0, 9)),
    st.tuples(st.just("unset"), st.sampled_from([("location",), ("notes",)])),
    st.tuples(st.just("delete"), st.none()),
    st.tuples(st.just("revive"), st.none()),
)
work = st.lists(st.tuples(st.sampled_from(IDS), changes), max_size=10)


def done(replica: Replica, steps: list[tuple[str, tuple[str, Any]]]) -> None:
    """Some work, a transaction each."""
    for doc_id, (kind, value) in steps:
        with replica.transaction() as tx:
            if kind == "revive":
                tx.revive("inventory", doc_id)
            elif tx.get("inventory", doc_id) is None:
                tx.insert("inventory", shelf(doc_id))
            elif kind == "delete":
                tx.delete("inventory", doc_id)
            elif kind == "unset":
                tx.unset("inventory", doc_id, value)
            elif kind == "count":
                tx.increment("inventory", doc_id, ("stock_level",), value)
            elif kind == "recount":
                tx.restart("inventory", doc_id, ("stock_level",), value)
            else:
                tx.update(
                    "inventory", doc_id, {{"note": "notes", "place": "location"}[kind]: value}
                )


def state_in(replica: Replica, doc_id: str) -> State:
    row = replica.parts.documents.rows("inventory", [doc_id]).get(doc_id)
    return replica.parts.documents.state(row)[0]


def expected(hub: Hub, replica: Replica, doc_id: str) -> State:
    """What the hub has, and on top what waits here, by the merge of ``sync.core`` alone."""
    state = state_in(hub.replica, doc_id)
    for entry in replica.parts.log.with_status(UNSETTLED):
        batch = decode(entry.payload)
        for delta in batch.deltas:
            if delta.doc_id == doc_id:
                merge(state, batch.leaves(delta))
    return state


@given(st.data(), work, work, work, st.integers(1, 5), st.booleans())
@settings(max_examples=60, deadline=None)
def test_a_snapshot_is_the_pure_merge_wherever_it_was_cut(
    data: st.DataObject,
    before: list[tuple[str, tuple[str, Any]]],
    meanwhile: list[tuple[str, tuple[str, Any]]],
    own: list[tuple[str, tuple[str, Any]]],
    page: int,
    alone: bool,
) -> None:
    clock = SteppingClock()
    hub = stocked_hub(clock=clock)
    with pytest.MonkeyPatch.context() as patch, TemporaryDirectory() as folder:
        patch.setattr(hub_feed, "PULL_PAGE_DOCUMENTS_MAX", page)
        path = Path(folder, "device.db")
        device = Line.signed_in(hub, ANA, open_replica(path, seed=1_001, clock=clock))
        other = Line.signed_in(hub, CLEO, open_replica(seed=1_002, clock=clock))
        done(other.replica, before)
        other.sync()
        if not alone:
            device.pull()
        done(device.replica, own[:5])
        done(other.replica, meanwhile)
        other.sync()
        start = device.cursor(seq=0, chain="")
        messages = [*device.sent(start)]
        for message in messages[: data.draw(st.integers(0, len(messages)))]:
            device.replica.receive([message])  # then the process dies
        device.replica.close()
        device.replica = open_replica(path, seed=1_003, clock=clock)
        device.replica.author = ANA.user_id
        done(device.replica, own[5:])
        for message in device.sent(device.cursor(seq=0, chain="")):
            device.replica.receive([message])
        for doc_id in IDS:
            assert state_in(device.replica, doc_id) == expected(hub, device.replica, doc_id)
        for message in device.sent(device.cursor(seq=0, chain="")):  # and again, which moves none
            device.replica.receive([message])
        for doc_id in IDS:
            assert state_in(device.replica, doc_id) == expected(hub, device.replica, doc_id)
        device.replica.check()
        device.replica.close()
    hub.close()
