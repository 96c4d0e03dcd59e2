"""What a device makes of the answers, without a network or a loop."""

from __future__ import annotations

from sync.device.exchange import Exchange
from sync.wire.messages import Begin, Docs, End
from tests.helpers.clocks import FixedClock
from tests.helpers.lines import Line, stocked_hub
from tests.helpers.peers import met
from tests.helpers.replicas import open_replica
from tests.helpers.scripted_link import ANA as SIGNED_IN
from tests.helpers.scripted_link import NoChance
from tests.helpers.two_devices import ANA, CLEO


def test_a_download_never_shows_more_than_it_expects() -> None:
    """Documents that were deleted travel too, and are not what a person waits for."""
    hub = stocked_hub()
    cleo = Line.signed_in(hub, CLEO, open_replica(seed=1_001))
    cleo.pull()
    with cleo.replica.transaction() as tx:
        tx.delete("inventory", "inv_1")
        tx.delete("customers", "cust_SEA")
    cleo.push()
    ana = Line.signed_in(hub, ANA, open_replica(seed=1_002))
    exchange = Exchange(ana.replica, FixedClock(), NoChance())
    shown: list[tuple[int, int]] = []
    for message in ana.sent():
        exchange.heard([message], exchange.merge([message]))
        if isinstance(message, Begin | Docs | End):
            shown.append((exchange.status.loaded, exchange.status.expected))
    expected = shown[0][1]
    assert all(loaded <= expected for loaded, _ in shown)
    assert shown[-2] == (expected, expected)
    assert shown[-1] == (0, 0)


def test_a_download_is_not_begun_anew_because_a_peer_came() -> None:
    hub = stocked_hub()
    cleo = Line.signed_in(hub, CLEO, open_replica(seed=1_001))
    ana = Line.signed_in(hub, ANA, open_replica(seed=1_002))
    cleo.sync()
    exchange = Exchange(ana.replica, FixedClock(), NoChance(), SIGNED_IN)
    exchange.cursor(SIGNED_IN)
    reads_on: list[tuple[str, bool]] = []
    for message in ana.sent():
        going_on = exchange.heard([message], exchange.merge([message]))
        if isinstance(message, Docs) and not ana.replica.held.all():
            with cleo.replica.transaction() as tx:
                tx.insert("orders", {"_id": f"order_{len(reads_on)}", "store_id": ANA.store_id})
            met(cleo, ana)
        reads_on.append((type(message).__name__, going_on))
    assert ana.replica.held.all()
    assert [name for name, going_on in reads_on if not going_on] == ["End"]


def test_work_under_a_new_id_waits_until_the_pull_has_introduced_it() -> None:
    """A forked replica takes its new id in the middle of a pull; the hub knows only the old one."""
    hub = stocked_hub()
    ana = Line.signed_in(hub, ANA, open_replica(seed=1_001))
    ana.pull()
    with ana.replica.transaction() as tx:
        tx.update("inventory", "inv_1", {"notes": "unsent"})
    exchange = Exchange(ana.replica, FixedClock(), NoChance(), SIGNED_IN)
    exchange.cursor(SIGNED_IN)
    exchange.heard([hello := next(ana.sent())], exchange.merge([hello]))
    assert exchange.view(pulling=True, pushing=False).heard
    ana.replica.reissue()
    assert not exchange.view(pulling=True, pushing=False).heard
    assert exchange.take() is None
    exchange.cursor(SIGNED_IN)
    exchange.heard([hello := next(ana.sent())], exchange.merge([hello]))
    assert exchange.view(pulling=True, pushing=False).heard
    outgoing = exchange.take()
    assert outgoing is not None
    assert outgoing.author == ana.replica.id
