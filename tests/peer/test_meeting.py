"""Two devices meet without a hub, and meet the hub later (S7, L7, C5)."""

from __future__ import annotations

import pytest

from sync.core.decode import decode
from sync.hub import Hub
from sync.wire.messages import End
from tests.helpers.clocks import HOUR_MS
from tests.helpers.lines import Line
from tests.helpers.peers import field, holds, met, sold, stock, wrote
from tests.helpers.replicas import open_replica, shelf, waiting_payloads
from tests.helpers.two_devices import CLEO, told


def everybody_agrees(hub: Hub, *lines: Line) -> bool:
    """All have heard everything, and show the same in the same states."""
    for _ in range(3):
        for line in lines:
            line.sync()
    wanted = hub.replica.digest("inventory", ["inv_1"])
    return all(
        line.replica.digest("inventory", ["inv_1"]) == wanted
        and not holds(line)
        and not line.replica.parts.database.query("SELECT 1 FROM confirmed")
        for line in lines
    )


def test_both_see_what_either_did(ana: Line, ben: Line) -> None:
    sold(ana, 3)
    sold(ben, 4)
    wrote(ana, notes="moved to the window")
    met(ana, ben)
    assert stock(ana) == stock(ben) == 33
    assert field(ben, "notes") == "moved to the window"
    assert holds(ben) == {ana.replica.id: [1, 2]}


@pytest.mark.parametrize("first", ["author", "holder"])
def test_stock_is_counted_once_whoever_meets_the_hub_first(
    hub: Hub, ana: Line, ben: Line, first: str
) -> None:
    sold(ana, 3)
    met(ana, ben)
    sold(ben, 4)
    assert stock(ben) == 33
    for line in (ana, ben) if first == "author" else (ben, ana):
        line.sync()
        assert stock(ben) == 33
    assert everybody_agrees(hub, ana, ben)
    assert stock(ana) == stock(ben) == 33
    assert hub.replica.get("inventory", "inv_1")["stock_level"] == 33  # type: ignore[index]
    for line in (ana, ben):
        line.replica.check()


def test_meeting_again_brings_only_what_is_new(ana: Line, ben: Line) -> None:
    sold(ana, 3)
    met(ana, ben)
    sold(ana, 1)
    there, here = met(ana, ben)
    assert (there.meeting.offered, here.meeting.taken) == (1, 1)
    assert stock(ben) == 36


def test_work_travels_on_to_a_third_device(hub: Hub, ana: Line, ben: Line, cleo: Line) -> None:
    sold(ana, 3)
    met(ana, ben)
    met(ben, cleo)
    assert stock(cleo) == 37
    assert holds(cleo) == {ana.replica.id: [1]}
    there, here = met(cleo, ana)
    assert there.meeting.offered == here.meeting.taken == 0  # it is Ana's own
    assert everybody_agrees(hub, cleo, ben, ana)
    assert stock(cleo) == 37


def test_what_the_author_sees_confirmed_meanwhile_is_still_offered_once(
    hub: Hub, ana: Line, ben: Line
) -> None:
    sold(ana, 3)
    ana.push()  # the hub holds it, its word has not come back
    met(ana, ben)
    assert holds(ben) == {ana.replica.id: [1]}
    assert everybody_agrees(hub, ben, ana)
    assert stock(ben) == 37


def test_a_refused_batch_is_shown_nowhere_any_more(hub: Hub, ana: Line, ben: Line) -> None:
    with ana.replica.transaction() as tx:
        tx.update("inventory", "inv_1", {"notes": "Ana's"})
    met(ana, ben)
    assert field(ben, "notes") == "Ana's"
    ana.becomes(store_id="store_bellevue")  # she was moved before her work got there
    ana.sync()
    assert [item.code for item in ana.replica.quarantine()] == ["out_of_scope"]
    ben.sync()
    assert field(ben, "notes") == "as delivered"
    assert not holds(ben)


def test_own_work_on_top_of_a_refused_batch_stays(hub: Hub, ana: Line, ben: Line) -> None:
    sold(ana, 3)
    met(ana, ben)
    sold(ben, 4)
    ana.becomes(store_id="store_bellevue")
    ana.sync()
    ben.sync()
    assert stock(ben) == 36
    assert hub.replica.get("inventory", "inv_1")["stock_level"] == 36  # type: ignore[index]


def test_overwriting_what_a_peer_brought_is_no_conflict(hub: Hub, ana: Line, ben: Line) -> None:
    wrote(ana, notes="Ana's")
    met(ana, ben)
    wrote(ben, notes="Ben's, who has read Ana's")
    ben.sync()
    ana.sync()
    assert everybody_agrees(hub, ana, ben)
    for line in (ana, ben):
        assert told(line.replica, "inventory", "inv_1") == []
    assert told(hub.replica, "inventory", "inv_1") == []


def test_a_writer_in_its_first_download_knows_what_lies_under_held_work(
    hub: Hub, ana: Line, ben: Line
) -> None:
    """It has read nothing of the log yet, so whatever it has seen must be named one by one."""
    wrote(ana, notes="in the log")
    ana.sync()
    ben.sync()
    wrote(ben, notes="held, above it")
    cleo = Line.signed_in(hub, CLEO, open_replica(seed=1_003))
    download = [*cleo.sent()]
    cleo.replica.receive(download[: [type(m) for m in download].index(End)])
    met(ben, cleo)
    wrote(cleo, notes="above both")
    (payload,) = waiting_payloads(cleo.replica)
    beside = decode(payload).context.beside
    authors = [replica for _, replica in beside]
    assert {ana.replica.id, ben.replica.id} <= {*authors}


def test_a_late_arrival_is_a_conflict_for_whoever_had_not_seen_it(
    hub: Hub, ana: Line, ben: Line, cleo: Line
) -> None:
    wrote(ana, notes="Ana's")
    met(ana, ben)
    wrote(cleo, notes="Cleo's, who met nobody")
    for line in (cleo, ana, ben):
        line.sync()
    assert everybody_agrees(hub, ana, ben, cleo)
    (record,) = told(hub.replica, "inventory", "inv_1")
    assert (record.loser.value, record.winner.value) == ("Ana's", "Cleo's, who met nobody")
    for line in (ana, ben, cleo):
        assert told(line.replica, "inventory", "inv_1") == [record]


def test_work_written_before_a_peer_came_stays_on_top(hub: Hub, ana: Line, ben: Line) -> None:
    wrote(ana, notes="first")
    wrote(ben, notes="second")
    met(ana, ben)
    newest = max(("first", ana.replica.id), ("second", ben.replica.id), key=lambda item: item[1])[0]
    assert field(ana, "notes") == field(ben, "notes") == newest
    assert everybody_agrees(hub, ana, ben)


def test_documents_born_on_one_device_can_be_changed_on_another(
    hub: Hub, ana: Line, cleo: Line
) -> None:
    with cleo.replica.transaction() as tx:
        tx.insert("inventory", shelf("inv_new", notes="a new shelf"))
    met(cleo, ana)
    wrote(ana, "inv_new", notes="filled")
    assert field(ana, "notes", "inv_new") == "filled"
    assert everybody_agrees(hub, cleo, ana)
    assert field(cleo, "notes", "inv_new") == "filled"


def test_offered_work_keeps_its_stamps_when_the_clock_is_put_right(ana: Line, ben: Line) -> None:
    wrote(ana, notes="early")
    met(ana, ben)
    assert ana.replica.outbox().offered == 1
    (before,) = ana.replica.parts.log.with_status(("offered",))
    ana.replica.judge_clock(ana.hub.clock.now_ms() + HOUR_MS)
    (after,) = ana.replica.parts.log.with_status(("offered",))
    assert before == after


def test_held_work_survives_a_restart_and_a_new_name(hub: Hub, ana: Line, ben: Line) -> None:
    sold(ana, 3)
    met(ana, ben)
    sold(ben, 4)
    ben.replica.reissue()
    assert stock(ben) == 33
    ben.replica.check()
    for ahead_ms in (HOUR_MS, 0):
        ben.replica.judge_clock(hub.clock.now_ms() + ahead_ms)
        assert stock(ben) == 33
        ben.replica.check()
    ben.sign_in()
    assert everybody_agrees(hub, ana, ben)
    assert stock(ana) == stock(ben) == 33


def test_work_written_again_takes_the_place_of_what_is_held(hub: Hub, ana: Line, ben: Line) -> None:
    sold(ana, 3)
    met(ana, ben)
    ana.replica.reissue()
    ana.sign_in()
    met(ana, ben)
    assert stock(ben) == 37
    assert holds(ben) == {ana.replica.id: [1]}
    assert everybody_agrees(hub, ana, ben)
    assert stock(ben) == 37


def test_the_hub_tells_holders_that_work_came_under_another_name(
    hub: Hub, ana: Line, ben: Line
) -> None:
    sold(ana, 3)
    met(ana, ben)
    ana.replica.reissue()
    ana.sign_in()
    ana.sync()
    ben.sync()
    assert stock(ben) == 37
    assert not holds(ben)
    assert everybody_agrees(hub, ana, ben)
