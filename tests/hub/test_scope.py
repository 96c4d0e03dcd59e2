"""What each device gets to hold, as documents move, disappear and come back (S4, C5)."""

from __future__ import annotations

import pytest

from sync.hub import Account, Hub
from sync.wire.messages import Docs, Message, Part
from tests.helpers.clocks import NOON_MS, FixedClock
from tests.helpers.lines import Line, stocked_hub
from tests.helpers.replicas import open_replica
from tests.helpers.two_devices import ANA, BELLEVUE, BEN, CLEO, DARA, SEATTLE, told


@pytest.fixture
def hub() -> Hub:
    return stocked_hub()


def joined(hub: Hub, account: Account, ahead_ms: int = 0) -> Line:
    """Signed in and in step; the clock runs ahead by so much."""
    clock = FixedClock(NOON_MS + ahead_ms)
    line = Line.signed_in(
        hub, account, open_replica(seed=1_000 + ord(account.login[0]), clock=clock)
    )
    line.pull()
    return line


@pytest.fixture
def ana(hub: Hub) -> Line:
    return joined(hub, ANA)


@pytest.fixture
def dara(hub: Hub) -> Line:
    return joined(hub, DARA)


def moved(hub: Hub, doc_id: str, store: str) -> None:
    with hub.replica.transaction() as tx:
        tx.update("inventory", doc_id, {"store_id": store})


def parts(messages: list[Message], collection: str = "inventory") -> list[Part]:
    """What of the log concerned a collection."""
    found = [message for message in messages if isinstance(message, Part)]
    return [part for part in found if collection in repr(part)]


def shelves(line: Line) -> set[str]:
    return {shelf["_id"] for shelf in line.replica.find("inventory")}


def test_a_first_pull_brings_what_the_person_may_read_and_nothing_else(
    hub: Hub, ana: Line, dara: Line
) -> None:
    ben = joined(hub, BEN)
    assert shelves(ana) == {"inv_1", "inv_2", "inv_3"}
    assert shelves(dara) == {"inv_4", "inv_5"}
    assert shelves(ben) == {"inv_1", "inv_2", "inv_3", "inv_4", "inv_5"}
    assert {each["_id"] for each in ana.replica.find("customers")} == {"cust_SEA"}
    assert ana.replica.count("products") == 3
    assert ana.replica.count("stores") == 2


def test_a_moved_document_leaves_one_store_and_arrives_whole_at_the_other(
    hub: Hub, ana: Line, dara: Line
) -> None:
    with ana.replica.transaction() as tx:
        tx.update("inventory", "inv_1", {"notes": "before it moved", "tags": {"fragile": True}})
        tx.increment("inventory", "inv_1", ("stock_level",), -4)
    ana.sync()
    dara.pull()
    moved(hub, "inv_1", BELLEVUE)
    (leaves,) = parts(ana.pull())
    assert leaves.gone == (("inventory", "inv_1"),)
    assert leaves.deltas == leaves.whole == ()
    assert shelves(ana) == {"inv_2", "inv_3"}
    dara.pull()
    assert dara.replica.get("inventory", "inv_1") == hub.replica.get("inventory", "inv_1")
    assert dara.replica.digest("inventory", ["inv_1"]) == hub.replica.digest("inventory", ["inv_1"])


def test_a_document_that_moves_to_and_fro_is_whole_in_the_end(
    hub: Hub, ana: Line, dara: Line
) -> None:
    for store in (BELLEVUE, SEATTLE, BELLEVUE):
        moved(hub, "inv_1", store)
        with hub.replica.transaction() as tx:
            tx.update("inventory", "inv_1", {"notes": f"in {store}"})
    ana.pull()
    dara.pull()
    assert shelves(ana) == {"inv_2", "inv_3"}
    assert dara.replica.digest("inventory", ["inv_1"]) == hub.replica.digest("inventory", ["inv_1"])


def test_a_document_edited_before_it_came_in_is_whole_in_the_end(hub: Hub, dara: Line) -> None:
    """The device is away while a shelf is edited elsewhere and then moves to its store."""
    with hub.replica.transaction() as tx:
        tx.update("inventory", "inv_1", {"notes": "still in Seattle"})
    moved(hub, "inv_1", BELLEVUE)
    for message in dara.sent():
        dara.replica.receive([message])
    assert dara.replica.get("inventory", "inv_1") == hub.replica.get("inventory", "inv_1")
    assert dara.replica.digest("inventory", ["inv_1"]) == hub.replica.digest("inventory", ["inv_1"])


def test_a_document_deleted_before_it_came_in_is_whole_in_the_end(
    hub: Hub, ana: Line, dara: Line
) -> None:
    """A sale newer than the delete is part of what comes in, though Bellevue never heard of it."""
    cleo, ben = joined(hub, CLEO, ahead_ms=500), joined(hub, BEN, ahead_ms=1_000)
    with ana.replica.transaction() as tx:
        tx.update("inventory", "inv_1", {"notes": "behind the ladder"})
    with cleo.replica.transaction() as tx:
        tx.delete("inventory", "inv_1")
    with ben.replica.transaction() as tx:
        tx.increment("inventory", "inv_1", ("stock_level",), -3)
    ben.push()
    dara.pull()
    ana.push()
    cleo.push()
    with hub.replica.transaction() as tx:
        tx.insert("inventory", {"_id": "inv_1", "store_id": BELLEVUE})
    dara.pull()
    assert dara.replica.digest("inventory", ["inv_1"]) == hub.replica.digest("inventory", ["inv_1"])


def test_a_change_of_what_is_not_here_yet_shows_nothing(hub: Hub, dara: Line) -> None:
    """Between the change and the move that explains it nobody sees half a shelf."""
    with hub.replica.transaction() as tx:
        tx.update("inventory", "inv_1", {"notes": "still in Seattle"})
    moved(hub, "inv_1", BELLEVUE)
    for message in dara.sent():
        dara.replica.receive([message])
        seen = dara.replica.get("inventory", "inv_1")
        assert seen is None or seen == hub.replica.get("inventory", "inv_1")


def test_others_hear_of_a_field_as_a_field_not_as_a_document(hub: Hub, ana: Line) -> None:
    with hub.replica.transaction() as tx:
        tx.update("inventory", "inv_1", {"notes": "just this"})
    (part,) = parts(ana.pull())
    (delta,) = part.deltas
    assert dict(delta.ops()) == {("notes",): "just this"}
    assert part.whole == part.gone == ()


def test_nothing_of_another_store_goes_out_not_even_an_id(hub: Hub, ana: Line, dara: Line) -> None:
    with dara.replica.transaction() as tx:
        tx.update("inventory", "inv_4", {"notes": "secret of Bellevue"})
        tx.insert("orders", {"_id": "order_9", "store_id": BELLEVUE, "total": 99})
    dara.sync()
    for message in ana.sent():
        text = repr(message)
        assert "inv_4" not in text
        assert "order_9" not in text
        assert "secret" not in text


def test_a_deleted_document_is_gone_from_every_holder(hub: Hub, ana: Line) -> None:
    cleo = joined(hub, CLEO)
    with cleo.replica.transaction() as tx:
        tx.delete("inventory", "inv_1")
    cleo.sync()
    (part,) = parts(ana.pull())
    assert part.deltas
    assert ana.replica.get("inventory", "inv_1") is None
    assert ana.replica.digest("inventory") == cleo.replica.digest("inventory")


def test_a_snapshot_brings_tombstones_too(hub: Hub, ana: Line) -> None:
    """A device that held the document before must hear of its end."""
    cleo = joined(hub, CLEO)
    with cleo.replica.transaction() as tx:
        tx.delete("inventory", "inv_1")
    cleo.sync()
    messages = [*ana.sent(ana.cursor(seq=0, chain="", epoch=""))]
    rows = [row for docs in messages if isinstance(docs, Docs) for row in docs.rows]
    assert [row.body for row in rows if row.doc_id == "inv_1"] == [None]
    ana.replica.receive(messages)
    assert ana.replica.get("inventory", "inv_1") is None


def test_a_document_made_anew_tells_the_same_history_everywhere(hub: Hub, ana: Line) -> None:
    """Its store is written again, which could be a move; whoever held it merges in log order."""
    ben, cleo = joined(hub, BEN, ahead_ms=1_000), joined(hub, CLEO, ahead_ms=2_000)
    with ana.replica.transaction() as tx:
        tx.delete("customers", "cust_SEA")
    with ana.replica.transaction() as tx:
        tx.insert("customers", {"_id": "cust_SEA", "primary_store_id": SEATTLE, "phone": "1"})
    with ben.replica.transaction() as tx:
        tx.delete("customers", "cust_SEA")
    with cleo.replica.transaction() as tx:
        tx.update("customers", "cust_SEA", {"phone": "3"})
    for line in (ana, ben, cleo):
        line.push()
    for line in (ana, ben, cleo):
        line.pull()
        held = line.replica
        assert held.digest("customers") == hub.replica.digest("customers", ["cust_SEA"])
        assert told(held, "customers", "cust_SEA") == told(hub.replica, "customers", "cust_SEA")
    assert told(hub.replica, "customers", "cust_SEA")


def test_writing_the_same_store_again_moves_nothing(hub: Hub, ana: Line) -> None:
    """An upsert of a whole document writes every field, equal values included."""
    shelf = hub.replica.get("inventory", "inv_1")
    assert shelf is not None
    with hub.replica.transaction() as tx:
        tx.upsert("inventory", {**shelf, "notes": "loaded again"})
    ana.pull()
    assert ana.replica.digest("inventory", ["inv_1"]) == hub.replica.digest("inventory", ["inv_1"])
    assert ana.replica.conflicts("inventory", "inv_1") == []


def test_a_document_that_came_back_by_a_newer_field_stays_with_its_store(
    hub: Hub, ana: Line
) -> None:
    ben = joined(hub, BEN, ahead_ms=1_000)
    with ana.replica.transaction() as tx:
        tx.delete("customers", "cust_SEA")
    with ben.replica.transaction() as tx:
        tx.update("customers", "cust_SEA", {"phone": "555-0100"})
    ana.push()
    ben.push()
    cleo = joined(hub, CLEO)
    for line in (ana, ben, cleo):
        line.pull()
        assert line.replica.get("customers", "cust_SEA") == {"_id": "cust_SEA", "phone": "555-0100"}
    dara = joined(hub, DARA)
    assert dara.replica.get("customers", "cust_SEA") is None


def test_a_deleted_document_stays_although_a_newer_edit_has_brought_part_of_a_map_back(
    hub: Hub,
) -> None:
    """A scope looks at its fields with the delete ignored, at those beside the newer one too."""
    ana, cleo, ben = joined(hub, ANA, ahead_ms=1_000), joined(hub, CLEO), joined(hub, BEN)
    ben.asks_for("SELECT * FROM inventory WHERE location.aisle = '3'")
    ben.pull()
    with cleo.replica.transaction() as tx:
        tx.delete("inventory", "inv_1")
    with ana.replica.transaction() as tx:
        tx.update("inventory", "inv_1", {"location": {"bin": "9"}})
    for line in (ana, cleo):
        line.push()
        ben.pull()
    assert (hub.replica.get("inventory", "inv_1") or {})["location"] == {"bin": "9"}
    assert ben.replica.get("inventory", "inv_1") == hub.replica.get("inventory", "inv_1")


class TestUnsentWork:
    """A document that left keeps the unsent work on it, and goes when that is settled."""

    def test_it_stays_while_work_on_it_waits(self, hub: Hub, ana: Line) -> None:
        with ana.replica.transaction() as tx:
            tx.update("inventory", "inv_1", {"notes": "typed in the basement"})
        moved(hub, "inv_1", BELLEVUE)
        ana.pull()
        held = ana.replica.get("inventory", "inv_1")
        assert held is not None
        assert held["notes"] == "typed in the basement"

    def test_refused_it_goes_and_the_work_is_in_quarantine(self, hub: Hub, ana: Line) -> None:
        with ana.replica.transaction() as tx:
            tx.update("inventory", "inv_1", {"notes": "typed in the basement"})
        moved(hub, "inv_1", BELLEVUE)
        ana.pull()
        ana.sync()
        assert shelves(ana) == {"inv_2", "inv_3"}
        (refused,) = ana.replica.quarantine()
        assert refused.code == "out_of_scope"
        (change,) = refused.changes
        assert change == ("inventory", "inv_1", {"notes": "typed in the basement"})

    def test_accepted_before_it_left_it_goes_too(self, hub: Hub, ana: Line) -> None:
        """The hub had the work already; only the news of it and of the move come together."""
        with ana.replica.transaction() as tx:
            tx.update("inventory", "inv_1", {"notes": "typed in the basement"})
        ana.push()
        moved(hub, "inv_1", BELLEVUE)
        ana.pull()
        assert shelves(ana) == {"inv_2", "inv_3"}
        assert ana.replica.quarantine() == []

    def test_when_it_comes_back_it_is_whole_with_the_work_on_top(self, hub: Hub, ana: Line) -> None:
        with ana.replica.transaction() as tx:
            tx.update("inventory", "inv_1", {"notes": "typed in the basement"})
        moved(hub, "inv_1", BELLEVUE)
        ana.pull()
        with hub.replica.transaction() as tx:
            tx.update("inventory", "inv_1", {"location": {"bin": "99"}})
        ana.pull()
        moved(hub, "inv_1", SEATTLE)
        ana.pull()
        ana.sync()
        shelf = hub.replica.get("inventory", "inv_1")
        assert ana.replica.get("inventory", "inv_1") == shelf
        assert shelf is not None
        assert (shelf["notes"], shelf["location"]["bin"]) == ("typed in the basement", "99")


def test_who_changes_stores_changes_what_they_hold(hub: Hub, ana: Line) -> None:
    """Another scope digest: a snapshot under the new rights, and the rest is swept away."""
    ana.becomes(store_id=BELLEVUE, store_code="BEL")
    ana.pull()
    assert shelves(ana) == {"inv_4", "inv_5"}
    assert {each["_id"] for each in ana.replica.find("customers")} == {"cust_BEL"}
