"""What a device does not take from a peer, and that it says why (S7, S3, S4, C1, C8)."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sync.hub import Hub
from sync.local import held
from sync.peer.session import PeerSession
from sync.wire.messages import Hello
from tests.helpers.clocks import DAY_MS, MINUTE_MS, FixedClock
from tests.helpers.lines import Line, noted
from tests.helpers.peers import (
    SCHEME,
    declined,
    field,
    holds,
    meet,
    met,
    session_of,
    sold,
    stock,
    wrote,
)
from tests.helpers.replicas import fingerprint, open_replica, shelf
from tests.helpers.two_devices import ANA, BELLEVUE, SEATTLE


class Forger:
    """Proves itself rightly, and signs batches with a key of its own."""

    public = staticmethod(SCHEME.public)
    verify = staticmethod(SCHEME.verify)

    @staticmethod
    def sign(seed: bytes, message: bytes) -> bytes:
        return SCHEME.sign(b"x" * 32 if message.startswith(b"zava batch") else seed, message)


def codes(session: PeerSession) -> list[str]:
    return [error.code for error in session.meeting.declined]


def test_a_forged_signature_leaves_no_trace(
    ana: Line, ben: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    sold(ana, 3)
    before = fingerprint(ben.replica)
    forging, honest = session_of(ana), session_of(ben)
    monkeypatch.setattr(forging, "_signatures", Forger())
    meet(forging, honest)
    assert codes(honest) == ["signature_invalid"]
    assert [error.code for error in forging.meeting.refused] == ["signature_invalid"]
    ben.replica.set_note("peers_met", None)  # that they met is true all the same
    assert fingerprint(ben.replica) == before


def test_work_passed_on_is_proved_by_its_author_and_nobody_else(
    ana: Line, ben: Line, cleo: Line
) -> None:
    sold(ana, 3)
    met(ana, ben)
    database = ben.replica.parts.database
    ((proof,),) = database.query("SELECT proof FROM held")
    database.execute("UPDATE held SET proof = ?", (proof[:-4] + '00"]',))
    assert declined(ben, cleo) == ["signature_invalid"]
    assert holds(cleo) == {}


def test_a_batch_of_somebody_else_is_not_vouched_for(ana: Line, ben: Line) -> None:
    with ana.replica.transaction(author="user_cleo") as tx:
        tx.update("inventory", "inv_1", {"notes": "who wrote this?"})
    there, here = met(ana, ben)
    assert (there.meeting.offered, here.meeting.taken) == (0, 0)


def test_a_stamp_in_the_future_of_the_receiver_is_refused(ana: Line, ben: Line) -> None:
    clock = ana.replica.parts.clock
    assert isinstance(clock, FixedClock)
    clock.move(6 * MINUTE_MS)
    sold(ana, 3)
    assert declined(ana, ben) == ["clock_ahead"]
    assert stock(ben) == 40


def test_documents_outside_the_scope_are_not_even_offered(ana: Line, dara: Line) -> None:
    sold(ana, 3)
    there, here = met(ana, dara)
    assert there.meeting.offered == 0
    assert codes(here) == []
    assert dara.replica.get("inventory", "inv_1") is None


def test_what_is_offered_all_the_same_is_refused(
    ana: Line, dara: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    sold(ana, 3)
    monkeypatch.setattr("sync.peer.session.may_hold", lambda *_: True)
    assert declined(ana, dara) == ["peer_declined"]
    assert dara.replica.get("inventory", "inv_1") is None


def test_a_batch_goes_whole_or_not_at_all(ana: Line, dara: Line, cleo: Line) -> None:
    with cleo.replica.transaction() as tx:
        tx.insert("orders", {"_id": "order_1", "store_id": SEATTLE})
        tx.insert("orders", {"_id": "order_2", "store_id": BELLEVUE})
    there, _ = met(cleo, dara)
    assert there.meeting.offered == 0
    there, _ = met(cleo, ana)
    assert there.meeting.offered == 0


def test_what_the_author_may_not_do_is_refused(ana: Line, ben: Line) -> None:
    with ana.replica.transaction() as tx:
        tx.insert("inventory", shelf("inv_worker"))  # only a manager adds shelves
    assert declined(ana, ben) == ["permission_denied"]
    assert ben.replica.get("inventory", "inv_worker") is None


def test_no_peer_brings_back_what_the_hub_took_away(hub: Hub, ana: Line, cleo: Line) -> None:
    wrote(ana, notes="counted")
    with hub.replica.transaction() as tx:
        tx.update("inventory", "inv_1", {"store_id": BELLEVUE})
    cleo.sync()
    assert cleo.replica.get("inventory", "inv_1") is None
    assert declined(ana, cleo) == ["peer_declined"]
    assert cleo.replica.get("inventory", "inv_1") is None


def test_nor_the_birth_of_a_document_that_has_left(hub: Hub, ana: Line, cleo: Line) -> None:
    with cleo.replica.transaction() as tx:
        tx.insert("inventory", shelf("inv_new"))
    cleo.push()  # she has not heard what became of it
    with hub.replica.transaction() as tx:
        tx.update("inventory", "inv_new", {"store_id": BELLEVUE})
    ana.sync()
    assert declined(cleo, ana) == ["peer_declined"]
    assert ana.replica.get("inventory", "inv_new") is None


def test_what_comes_back_by_the_hub_may_come_from_peers_again(
    hub: Hub, ana: Line, cleo: Line
) -> None:
    for store in (BELLEVUE, SEATTLE):
        with hub.replica.transaction() as tx:
            tx.update("inventory", "inv_1", {"store_id": store})
        cleo.sync()
    ana.sync()
    wrote(ana, notes="counted")
    assert declined(ana, cleo) == []
    assert field(cleo, "notes") == "counted"


def test_a_document_that_leaves_takes_held_work_with_it(
    hub: Hub, ana: Line, ben: Line, cleo: Line
) -> None:
    wrote(ana, notes="counted")
    met(ana, ben)
    met(ana, cleo)
    with hub.replica.transaction() as tx:
        tx.update("inventory", "inv_1", {"store_id": BELLEVUE})
    ben.sync()
    assert (field(ben, "store_id"), field(ben, "notes")) == (BELLEVUE, "counted")  # reps see all
    cleo.sync()
    assert holds(cleo) == {}
    assert cleo.replica.get("inventory", "inv_1") is None
    cleo.replica.check()


def test_held_work_goes_when_the_rights_of_the_holder_change(
    hub: Hub, ana: Line, ben: Line
) -> None:
    sold(ana, 3)
    met(ana, ben)
    ben.becomes(store_id=BELLEVUE, role="worker")
    ben.sync()
    assert holds(ben) == {}
    assert ben.replica.get("inventory", "inv_1") is None
    ben.replica.check()


def test_a_copied_file_is_noticed_by_whoever_meets_both(
    hub: Hub, ben: Line, tmp_path: Path
) -> None:
    ana = Line.signed_in(hub, ANA, open_replica(tmp_path / "ana.db", seed=5))
    ana.sync()
    ana.replica.close()
    shutil.copyfile(tmp_path / "ana.db", tmp_path / "copy.db")
    lines = []
    for name, seed in (("ana", 5), ("copy", 6)):
        replica = open_replica(tmp_path / f"{name}.db", seed=seed)
        lines.append(Line(hub, ANA, replica, ana.welcome))
        replica.author = ANA.user_id
        sold(lines[-1], seed)
    met(lines[0], ben)
    assert declined(lines[1], ben) == ["replica_forked"]
    assert stock(ben) == 35
    for line in lines:
        line.replica.close()


def test_a_device_holds_so_much_and_no_more(
    ana: Line, ben: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held, "HELD_BATCHES_MAX", 2)
    for _ in range(3):
        sold(ana, 1)
    assert declined(ana, ben) == ["peer_full"]
    assert stock(ben) == 38


def test_what_the_hub_has_not_heard_of_for_long_is_let_go(hub: Hub, ana: Line, ben: Line) -> None:
    sold(ana, 3)
    met(ana, ben)
    identity = ben.replica.identity
    days = held.HELD_KEEP_DAYS + 1
    now_ms = hub.clock.now_ms() + days * DAY_MS
    ben.replica.receive(
        [Hello(hub.hub_id, hub.epoch, identity.cursor, now_ms, identity.scope, False, 1 << 40)]
    )
    assert holds(ben) == {}
    assert stock(ben) == 40
    noted(ben, "nothing else happened")
    ben.replica.check()
