"""With nothing waiting a replica is what the hub's log says, whatever happened before (L7)."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sync.errors import PermissionDenied
from tests.helpers.replicas import (
    PaperHub,
    acknowledged,
    open_replica,
    shelf,
    stocked,
    waiting_payloads,
)

DENIED = PermissionDenied("Not yours.")


steps = st.lists(
    st.tuples(
        st.sampled_from(["edit", "count", "sell", "insert", "delete", "accept", "reject", "other"]),
        st.sampled_from(["inv_1", "inv_2", "inv_3"]),
        st.integers(0, 9),
    ),
    max_size=20,
)


@given(steps)
def test_with_nothing_waiting_a_replica_is_what_the_log_says(
    steps: list[tuple[str, str, int]],
) -> None:
    """Whatever was refused or accepted in between, and whatever others wrote (L7)."""
    hub, replica, other = PaperHub(), open_replica(), stocked(2, seed=2)
    accepted = waiting_payloads(other)
    replica.receive([hub.hello(), *map(hub.part, accepted)])
    acknowledged(other, 1_000)
    waiting: list[bytes] = []

    def settle(refuse: bool) -> None:
        payload = waiting.pop(0)
        replica.receive([hub.reject(payload, DENIED) if refuse else hub.accept(payload)])
        if not refuse:
            accepted.append(payload)

    for what, doc_id, number in steps:
        if what in ("accept", "reject"):
            if waiting:
                settle(what == "reject")
            continue
        author = other if what == "other" else replica
        with author.transaction() as tx:
            change(tx, what, doc_id, number)
        fresh = waiting_payloads(author)[-1:]
        acknowledged(author, 1_000)
        if what == "other":
            accepted += fresh
            replica.receive([hub.part(payload) for payload in fresh])
        else:
            waiting += fresh
    while waiting:
        settle(refuse=len(waiting) % 2 == 0)
    witness, log = open_replica(seed=3), PaperHub()
    witness.receive([log.hello(), *map(log.part, accepted)])
    assert replica.digest("inventory") == witness.digest("inventory")
    assert replica.find("inventory") == witness.find("inventory")
    database = replica.parts.database
    assert (
        database.query("SELECT * FROM pending") == database.query("SELECT * FROM confirmed") == []
    )


def change(tx: Any, what: str, doc_id: str, number: int) -> None:
    held = tx.get("inventory", doc_id)
    if held is None or what == "insert":
        tx.upsert("inventory", shelf(doc_id, stock_level=number))
    elif what == "delete":
        tx.delete("inventory", doc_id)
    elif what == "count":
        tx.restart("inventory", doc_id, ("stock_level",), number)
    elif what == "sell":
        tx.increment("inventory", doc_id, ("stock_level",), -number)
    else:
        tx.update("inventory", doc_id, {"notes": f"{what} {number}"})
