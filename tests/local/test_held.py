"""What a replica holds for others, and how it lets go of it (L7, S4, S8)."""

from __future__ import annotations

from pathlib import Path

import pytest

from sync.core.batch import digest_of
from sync.core.decode import decode
from sync.errors import DatabaseCorrupt
from sync.local import Replica, held
from sync.wire.messages import Settled
from tests.helpers.replicas import (
    PaperHub,
    everything_settled,
    fingerprint,
    open_replica,
    shelf,
    stocked,
    waiting_payloads,
)


def hold(replica: Replica, payload: bytes) -> None:
    """Take a batch of another replica in, as a peer session does."""
    batch = decode(payload)
    with replica.parts.database.transaction():
        replica.identity.seq += 1
        replica.held.put(batch, payload, "[]", replica.parts.merging.plan(batch))
        replica.identity.save()


@pytest.fixture
def pair() -> tuple[Replica, Replica, PaperHub]:
    """An author and a holder, in step with a hub on paper."""
    hub, author = PaperHub(), stocked(2, seed=1)
    holder = open_replica(seed=2)
    everything_settled(hub, author, holder)
    return author, holder, hub


def sell(replica: Replica, by: int) -> None:
    with replica.transaction() as tx:
        tx.increment("inventory", "inv_1", ("stock_level",), -by)


def stock(replica: Replica) -> int:
    document = replica.get("inventory", "inv_1")
    assert document is not None
    return int(document["stock_level"])


def scaffolding(replica: Replica) -> list[object]:
    return [
        row
        for table in ("held", "pending", "confirmed")
        for row in replica.parts.database.query(f"SELECT * FROM {table}")
    ]


def test_a_released_batch_leaves_nothing(pair: tuple[Replica, Replica, PaperHub]) -> None:
    author, holder, _ = pair
    sell(author, 3)
    (payload,) = waiting_payloads(author)
    hold(holder, payload)
    assert stock(holder) == -2
    holder.check()
    holder.receive([Settled(author.id, decode(payload).n)])
    assert stock(holder) == 1
    assert scaffolding(holder) == []
    holder.check()


def test_a_logged_batch_is_merged_once(pair: tuple[Replica, Replica, PaperHub]) -> None:
    author, holder, hub = pair
    sell(author, 3)
    (payload,) = waiting_payloads(author)
    hold(holder, payload)
    holder.receive([hub.part(payload)])
    assert stock(holder) == -2
    assert scaffolding(holder) == []
    assert holder.digest("inventory") == author.digest("inventory")


def test_own_work_above_it_stays(pair: tuple[Replica, Replica, PaperHub]) -> None:
    author, holder, _ = pair
    sell(author, 3)
    (payload,) = waiting_payloads(author)
    hold(holder, payload)
    sell(holder, 5)
    holder.receive([Settled(author.id, decode(payload).n)])
    assert stock(holder) == -4
    holder.check()


def test_a_later_batch_names_what_was_held(pair: tuple[Replica, Replica, PaperHub]) -> None:
    author, holder, _ = pair
    sell(author, 3)
    (payload,) = waiting_payloads(author)
    hold(holder, payload)
    sell(holder, 5)
    (own,) = waiting_payloads(holder)
    assert decode(own).context.beside == (decode(payload).stamp,)


def test_what_is_not_held_is_settled_without_a_word(
    pair: tuple[Replica, Replica, PaperHub],
) -> None:
    _, holder, _ = pair
    before = fingerprint(holder)
    before.pop("identity")
    holder.receive([Settled(holder.id, 9)])
    after = fingerprint(holder)
    after.pop("identity")
    assert before == after


def test_a_retraction_is_remembered_until_the_hub_sends_the_document_again(
    pair: tuple[Replica, Replica, PaperHub],
) -> None:
    author, holder, hub = pair
    sell(author, 3)
    (payload,) = waiting_payloads(author)
    hold(holder, payload)
    with author.transaction() as tx:
        tx.insert("orders", {"_id": "order_1"})
    (other,) = [p for p in waiting_payloads(author) if p != payload]
    holder.receive([hub.gone("inventory", "inv_1", by=other)])
    assert holder.get("inventory", "inv_1") is None
    assert holder.held.is_evicted("inventory", "inv_1")
    assert scaffolding(holder) == []
    with author.transaction() as tx:
        tx.upsert("inventory", shelf("inv_1"))
    again = [p for p in waiting_payloads(author) if p not in (payload, other)]
    holder.receive([hub.part(again[0])])
    assert not holder.held.is_evicted("inventory", "inv_1")


def test_so_many_retractions_are_remembered(
    pair: tuple[Replica, Replica, PaperHub], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held, "EVICTED_MAX", 3)
    _, holder, _ = pair
    with holder.parts.database.transaction():
        for number in range(5):
            holder.held.leave("inventory", f"inv_{number}")
    remembered = [n for n in range(5) if holder.held.is_evicted("inventory", f"inv_{n}")]
    assert remembered == [2, 3, 4]


@pytest.mark.parametrize(("cap", "value"), [("HELD_BATCHES_MAX", 1), ("HELD_BYTES_MAX", 300)])
def test_there_is_room_for_so_much(
    pair: tuple[Replica, Replica, PaperHub],
    monkeypatch: pytest.MonkeyPatch,
    cap: str,
    value: int,
) -> None:
    author, holder, _ = pair
    sell(author, 3)
    (payload,) = waiting_payloads(author)
    assert holder.held.has_room(author.id, len(payload))
    hold(holder, payload)
    monkeypatch.setattr(held, cap, value)
    assert not holder.held.has_room(author.id, len(payload))
    monkeypatch.undo()
    monkeypatch.setattr(held, "HELD_REPLICAS_MAX", 1)
    assert holder.held.has_room(author.id, 1)
    assert not holder.held.has_room(holder.id, 1)


def test_damage_is_named(tmp_path: Path) -> None:
    author, holder = stocked(1), open_replica(tmp_path / "holder.db", seed=2)
    (payload,) = waiting_payloads(author)
    hold(holder, payload)
    assert holder.held.all()[0].digest == digest_of(payload)
    holder.parts.database.execute("UPDATE held SET payload = ?", (payload + b" ",))
    with pytest.raises(DatabaseCorrupt):
        holder.held.all()
    with pytest.raises(DatabaseCorrupt):
        holder.check()
    holder.close()
