"""Accepting a push: every batch gets its place in the log once, accepted or refused (S2, S3)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from sync.core.batch import Batch, Birth, Change, Context, digest_of, encode
from sync.core.decode import decode
from sync.core.stamps import CLOCK_DRIFT_MS_MAX, hlc_of_ms
from sync.core.values import TOMBSTONE
from sync.errors import (
    AuthorMismatch,
    MessageGarbage,
    ReplicaForked,
    SignInRequired,
    VersionUnknown,
)
from sync.hub import Hub
from sync.ids import Collection, DocId
from tests.helpers.clocks import NOON_MS, FixedClock
from tests.helpers.lines import Line, stocked_hub
from tests.helpers.replicas import fingerprint, open_replica, waiting_payloads
from tests.helpers.two_devices import ANA, BELLEVUE, BEN, CLEO, DARA

YEAR_2099_MS = 4_070_908_800_000
INVENTORY, ORDERS = Collection("inventory"), Collection("orders")


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def hub(clock: FixedClock) -> Hub:
    return stocked_hub(clock=clock)


@pytest.fixture
def ana(hub: Hub) -> Line:
    line = Line.signed_in(hub, ANA)
    line.pull()
    return line


def noted(line: Line, text: str, doc_id: str = "inv_1") -> None:
    with line.replica.transaction() as tx:
        tx.update("inventory", doc_id, {"notes": text})


def refusals(hub: Hub, line: Line) -> list[str]:
    """Codes of the person's batches that are in quarantine after a pull."""
    line.pull()
    return [item.code for item in line.replica.quarantine()]


def test_a_batch_is_merged_logged_and_acknowledged(hub: Hub, ana: Line) -> None:
    noted(ana, "from Ana")
    head = hub.replica.identity.seq
    assert ana.push() == 1
    assert hub.replica.get("inventory", "inv_1")["notes"] == "from Ana"  # type: ignore[index]
    assert hub.replica.identity.seq == head + 1
    assert hub.replica.parts.log.head(ana.replica.id)[0] == 1


def test_pushing_again_changes_nothing_at_all(hub: Hub, ana: Line) -> None:
    noted(ana, "once")
    payloads = waiting_payloads(ana.replica)
    ana.push_these(payloads)
    before = fingerprint(hub.replica)
    for _ in range(3):
        assert ana.push_these(payloads) == 1
    assert fingerprint(hub.replica) == before


def test_a_push_that_was_cut_off_goes_on_where_the_hub_stands(hub: Hub, ana: Line) -> None:
    for number in range(4):
        noted(ana, str(number))
    payloads = waiting_payloads(ana.replica)
    assert ana.push_these(payloads[:2]) == 2
    assert ana.push_these(payloads) == 4
    assert hub.replica.get("inventory", "inv_1")["notes"] == "3"  # type: ignore[index]


def test_a_gap_is_answered_with_where_to_start_again(hub: Hub, ana: Line) -> None:
    for number in range(4):
        noted(ana, str(number))
    payloads = waiting_payloads(ana.replica)
    before = fingerprint(hub.replica)
    assert ana.push_these(payloads[1:]) == 0
    assert fingerprint(hub.replica) == before
    assert ana.push_these([payloads[0], *payloads[2:]]) == 1


def test_the_same_number_with_other_contents_is_a_fork(hub: Hub, ana: Line) -> None:
    noted(ana, "one")
    (payload,) = waiting_payloads(ana.replica)
    ana.push_these([payload])
    other = encode(replace(decode(payload), hlc=decode(payload).hlc + 1))
    before = fingerprint(hub.replica)
    with pytest.raises(ReplicaForked):
        ana.push_these([other])
    assert fingerprint(hub.replica) == before


def test_a_batch_that_does_not_follow_the_one_before_is_a_fork(hub: Hub, ana: Line) -> None:
    """A restored backup went on from an older state. Nothing of its push is kept."""
    noted(ana, "one")
    noted(ana, "two")
    first, second = waiting_payloads(ana.replica)
    stray = encode(replace(decode(second), prev=digest_of(b"another past")))
    before = fingerprint(hub.replica)
    with pytest.raises(ReplicaForked):
        ana.push_these([first, stray])
    assert fingerprint(hub.replica) == before


def test_a_batch_of_another_device_is_not_taken_from_this_one(hub: Hub, ana: Line) -> None:
    ben = Line.signed_in(hub, BEN)
    noted(ana, "mine")
    with pytest.raises(AuthorMismatch):
        ben.push_these(waiting_payloads(ana.replica))
    assert hub.replica.parts.log.head(ana.replica.id)[0] == 0


@pytest.mark.parametrize("payload", [b"", b"{}", b"[]", b"\xff", b'{"v":1}'], ids=repr)
def test_garbage_is_named_and_leaves_no_trace(hub: Hub, ana: Line, payload: bytes) -> None:
    noted(ana, "good")
    (good,) = waiting_payloads(ana.replica)
    before = fingerprint(hub.replica)
    with pytest.raises((MessageGarbage, VersionUnknown)):
        hub._pushing._intake.take(ANA.identity, ana.replica.id, [good, payload])
    assert fingerprint(hub.replica) == before


class TestRejection:
    """What the hub refuses takes its place in the log, and nothing behind it is blocked."""

    def test_without_the_right_it_is_set_aside_with_its_reason(self, hub: Hub, ana: Line) -> None:
        with ana.replica.transaction() as tx:
            tx.insert("products", {"_id": "prod_9", "name": "made up"})
        assert ana.push() == 1
        assert hub.replica.get("products", "prod_9") is None
        assert refusals(hub, ana) == ["permission_denied"]
        assert ana.replica.get("products", "prod_9") is None
        (entry,) = hub.replica.parts.log.newest_of(ana.replica.id, 1_000_000, 10)
        assert (entry.status, entry.n) == ("rejected", 1)

    def test_what_comes_behind_it_goes_through(self, hub: Hub, ana: Line) -> None:
        noted(ana, "fine")
        with ana.replica.transaction() as tx:
            tx.update("products", "prod_1", {"base_price": 0.01})
        noted(ana, "also fine")
        assert ana.push() == 3
        assert refusals(hub, ana) == ["permission_denied"]
        assert hub.replica.get("inventory", "inv_1")["notes"] == "also fine"  # type: ignore[index]
        assert ana.replica.get("products", "prod_1")["base_price"] == 9.5  # type: ignore[index]
        assert ana.replica.outbox().waiting == 0

    def test_a_batch_is_refused_whole(self, hub: Hub, ana: Line) -> None:
        with ana.replica.transaction() as tx:
            tx.update("inventory", "inv_1", {"notes": "allowed"})
            tx.update("products", "prod_1", {"base_price": 0.01})
        ana.push()
        assert hub.replica.get("inventory", "inv_1")["notes"] == "as delivered"  # type: ignore[index]
        assert refusals(hub, ana) == ["permission_denied"]

    def test_a_refusal_is_logged_once_however_often_it_is_pushed(self, hub: Hub, ana: Line) -> None:
        with ana.replica.transaction() as tx:
            tx.update("products", "prod_1", {"base_price": 0.01})
        payloads = waiting_payloads(ana.replica)
        ana.push_these(payloads)
        before = fingerprint(hub.replica)
        assert ana.push_these(payloads) == 1
        assert fingerprint(hub.replica) == before

    def test_somebody_elses_work_is_refused(self, hub: Hub, ana: Line) -> None:
        """The device changed hands; the batch names who really made it."""
        with ana.replica.transaction(author="user_ben") as tx:
            tx.update("inventory", "inv_1", {"notes": "by Ben"})
        ana.push()
        assert refusals(hub, ana) == ["author_mismatch"]
        assert hub.replica.get("inventory", "inv_1")["notes"] == "as delivered"  # type: ignore[index]

    @pytest.mark.parametrize("clock_ms", [YEAR_2099_MS, NOON_MS + CLOCK_DRIFT_MS_MAX + 1])
    def test_a_stamp_from_the_future_is_refused(self, hub: Hub, ana: Line, clock_ms: int) -> None:
        hub_clock = hub.replica.identity.clock.last
        ana.push_these([forged(ana, hlc=hlc_of_ms(clock_ms))])
        (entry,) = hub.replica.parts.log.newest_of(ana.replica.id, 1_000_000, 10)
        assert entry.status == "rejected"
        assert "clock_ahead" in (entry.reason or "")
        assert hub.replica.identity.clock.last == hub_clock
        assert hub.replica.get("inventory", "inv_1")["notes"] == "as delivered"  # type: ignore[index]

    def test_a_stamp_within_the_drift_is_taken(self, hub: Hub, ana: Line) -> None:
        ana.push_these([forged(ana, hlc=hlc_of_ms(NOON_MS + CLOCK_DRIFT_MS_MAX))])
        assert hub.replica.get("inventory", "inv_1")["notes"] == "forged"  # type: ignore[index]

    def test_a_stamp_from_1970_is_taken_and_loses(self, hub: Hub, ana: Line) -> None:
        ana.push_these([forged(ana, hlc=hlc_of_ms(1))])
        (entry,) = hub.replica.parts.log.newest_of(ana.replica.id, 1_000_000, 10)
        assert entry.status == "accepted"
        assert hub.replica.get("inventory", "inv_1")["notes"] == "as delivered"  # type: ignore[index]


def forged(line: Line, *, n: int = 1, prev: str = "", **fields: object) -> bytes:
    """A batch of this replica, made by hand."""
    given: dict[str, object] = {
        "hlc": hlc_of_ms(NOON_MS + 5_000),
        "user": line.account.user_id,
        "context": Context("", 0),
        "deltas": (Change.of(INVENTORY, DocId("inv_1"), {("notes",): "forged"}),),
        **fields,
    }
    return encode(Batch(replica=line.replica.id, n=n, prev=prev, **given))  # type: ignore[arg-type]


class TestRemoval:
    """A removal is judged as one, on the fields the document had."""

    def test_a_worker_cannot_remove_a_shelf(self, hub: Hub, ana: Line) -> None:
        with ana.replica.transaction() as tx:
            tx.delete("inventory", "inv_1")
        ana.push()
        assert refusals(hub, ana) == ["permission_denied"]
        assert ana.replica.get("inventory", "inv_1") is not None

    def test_nor_where_a_newer_edit_survives_the_removal(self, hub: Hub, ana: Line) -> None:
        ben = Line.signed_in(hub, BEN, open_replica(seed=8, clock=FixedClock(NOON_MS + 1_000)))
        ben.pull()
        noted(ben, "newer")
        with ana.replica.transaction() as tx:
            tx.delete("inventory", "inv_1")
        ben.push()
        ana.push()
        assert refusals(hub, ana) == ["permission_denied"]
        assert hub.replica.get("inventory", "inv_1")["notes"] == "newer"  # type: ignore[index]

    def test_a_removal_that_a_newer_edit_survives_is_no_move(self, hub: Hub, ana: Line) -> None:
        """What is left of the document shows no store; it still belongs to the one it had."""
        ben = Line.signed_in(hub, BEN, open_replica(seed=8, clock=FixedClock(NOON_MS + 1_000)))
        ben.pull()
        with ben.replica.transaction() as tx:
            tx.update("customers", "cust_SEA", {"phone": "555-0100"})
        with ana.replica.transaction() as tx:
            tx.delete("customers", "cust_SEA")
        ben.push()
        ana.push()
        assert refusals(hub, ana) == []
        ben.pull()
        for replica in (hub.replica, ana.replica, ben.replica):
            left = {"_id": "cust_SEA", "phone": "555-0100"}
            assert replica.get("customers", "cust_SEA") == left
            rules = {record.rule for record in replica.conflicts("customers", "cust_SEA")}
            assert "revived" in rules

    def test_another_store_cannot_take_over_what_is_left(self, hub: Hub, ana: Line) -> None:
        with ana.replica.transaction() as tx:
            tx.delete("customers", "cust_SEA")
        ana.push()
        dara = Line.signed_in(hub, DARA)
        change = Change.of(Collection("customers"), DocId("cust_SEA"), {("phone",): "555-0199"})
        dara.push_these([forged(dara, deltas=(change,))])
        assert hub.replica.get("customers", "cust_SEA") is None

    def test_a_removal_cannot_hide_a_move(self, hub: Hub, ana: Line) -> None:
        """Made by hand: our own drafts never delete and write one document in one batch."""
        changes = {(): TOMBSTONE, ("primary_store_id",): BELLEVUE}
        stolen = Change.of(Collection("customers"), DocId("cust_SEA"), changes)
        ana.push_these([forged(ana, deltas=(stolen,))])
        kept = hub.replica.get("customers", "cust_SEA")
        assert kept == {"_id": "cust_SEA", "primary_store_id": "store_seattle"}

    def test_a_manager_may_remove_a_shelf(self, hub: Hub, ana: Line) -> None:
        cleo = Line.signed_in(hub, CLEO)
        cleo.pull()
        with cleo.replica.transaction() as tx:
            tx.delete("inventory", "inv_1")
        cleo.push()
        ana.pull()
        assert ana.replica.get("inventory", "inv_1") is None


def test_rights_are_those_of_the_person_at_the_moment_of_the_push(hub: Hub, ana: Line) -> None:
    noted(ana, "as a worker of Seattle")
    ana.becomes(store_id=BELLEVUE, store_code="BEL")
    ana.push()
    assert hub.replica.get("inventory", "inv_1")["notes"] == "as delivered"  # type: ignore[index]


MISCHIEF: dict[str, Callable[[Line], bytes]] = {
    "a collection that does not sync": lambda line: forged(
        line, deltas=(Birth(Collection("secrets"), DocId("x"), '{"a":1}'),)
    ),
    "a user made up": lambda line: forged(
        line, deltas=(Birth(Collection("users"), DocId("x"), '{"role":"manager"}'),)
    ),
    "an order of another store": lambda line: forged(
        line, deltas=(Birth(ORDERS, DocId("x"), f'{{"store_id":"{BELLEVUE}"}}'),)
    ),
    "an order of no store": lambda line: forged(
        line, deltas=(Birth(ORDERS, DocId("x"), '{"total":1}'),)
    ),
    "a shelf moved away": lambda line: forged(
        line, deltas=(Change.of(INVENTORY, DocId("inv_1"), {("store_id",): BELLEVUE}),)
    ),
    "somebody else's shelf": lambda line: forged(
        line, deltas=(Change.of(INVENTORY, DocId("inv_4"), {("notes",): "mine"}),)
    ),
    "sales on a shelf that is not there": lambda line: forged(
        line,
        deltas=(Change.of(INVENTORY, DocId("inv_9"), {("stock_level", (line.replica.id, 1)): -1}),),
    ),
}


@pytest.mark.parametrize("make", MISCHIEF.values(), ids=MISCHIEF)
def test_what_a_worker_may_not_do_is_refused(
    hub: Hub, ana: Line, make: Callable[[Line], bytes]
) -> None:
    before = {name: hub.replica.digest(name) for name in hub.replica.parts.documents.collections}
    assert ana.push_these([make(ana)]) == 1
    (entry,) = hub.replica.parts.log.newest_of(ana.replica.id, 1_000_000, 10)
    assert entry.status == "rejected"
    after = {name: hub.replica.digest(name) for name in hub.replica.parts.documents.collections}
    assert after == before


def test_an_unknown_replica_is_not_let_in(hub: Hub, ana: Line) -> None:
    stranger = replace(ana, replica=open_replica(seed=77))
    with stranger.replica.transaction() as tx:
        tx.insert("orders", {"_id": "order_x", "store_id": "store_seattle"})
    with pytest.raises(SignInRequired):
        stranger.push()
    assert hub.replica.parts.log.head(stranger.replica.id) == (0, "")
