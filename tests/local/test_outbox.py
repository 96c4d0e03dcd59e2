"""Own work on its way: saved, offered, held by the hub, settled or set aside (L7, S2, S3, C1)."""

from __future__ import annotations

import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from sync.core.decode import decode
from sync.errors import ClockAhead, PermissionDenied
from sync.local import Replica, outbox
from sync.wire.messages import Begin, Outcome
from tests.helpers.replicas import (
    PaperHub,
    acknowledged,
    everything_settled,
    fingerprint,
    open_replica,
    shelf,
    stocked,
    waiting_payloads,
)

DENIED = PermissionDenied("Not yours.")


@pytest.fixture
def hub() -> PaperHub:
    return PaperHub()


@pytest.fixture
def replica(hub: PaperHub) -> Replica:
    """A replica whose four shelves the hub has confirmed."""
    replica = stocked(4)
    replica.receive([hub.hello()])
    everything_settled(hub, replica)
    return replica


def noted(replica: Replica, text: str, doc_id: str = "inv_1") -> None:
    with replica.transaction() as tx:
        tx.update("inventory", doc_id, {"notes": text})


def notes(replica: Replica, doc_id: str = "inv_1") -> Any:
    return (replica.get("inventory", doc_id) or {}).get("notes")


def counts(replica: Replica) -> tuple[int, int, int, int]:
    summary = replica.outbox()
    return (summary.pending, summary.offered, summary.sent, summary.quarantined)


class TestOnTheWay:
    def test_a_batch_goes_through_all_its_states(self, hub: PaperHub, replica: Replica) -> None:
        noted(replica, "new")
        assert counts(replica) == (1, 0, 0, 0)
        assert replica.state_of("inventory", "inv_1") == "saved"
        (payload,) = waiting_payloads(replica)
        assert counts(replica) == (0, 1, 0, 0)
        assert acknowledged(replica, 2) == 1
        assert counts(replica) == (0, 0, 1, 0)
        assert replica.state_of("inventory", "inv_1") == "sent"
        replica.receive([hub.accept(payload)])
        assert counts(replica) == (0, 0, 0, 0)
        assert replica.state_of("inventory", "inv_1") == "synced"

    def test_it_is_marked_as_offered_before_anybody_sees_it(
        self, tmp_path: Path, hub: PaperHub
    ) -> None:
        """From then on its stamps never change, even if the process dies before it sends (C1)."""
        path = tmp_path / "some.db"
        with closing(stocked(path=path)) as replica:
            payloads = waiting_payloads(replica)
        with closing(open_replica(path)) as again:
            assert counts(again) == (0, 1, 0, 0)
            assert waiting_payloads(again) == payloads

    def test_what_was_offered_is_offered_again_in_the_same_bytes(self, replica: Replica) -> None:
        noted(replica, "one")
        first = waiting_payloads(replica)
        noted(replica, "two")
        assert waiting_payloads(replica)[:1] == first

    def test_a_push_is_bounded_in_batches_and_bytes(
        self, replica: Replica, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for number in range(7):
            noted(replica, f"{number}" * 100)
        monkeypatch.setattr(outbox, "OUTBOX_PUSH_BATCHES_MAX", 5)
        assert len(waiting_payloads(replica)) == 5
        size = len(waiting_payloads(replica)[0])
        monkeypatch.setattr(outbox, "OUTBOX_PUSH_BYTES_MAX", 2 * size)
        assert len(waiting_payloads(replica)) == 2
        monkeypatch.setattr(outbox, "OUTBOX_PUSH_BYTES_MAX", 1)
        assert len(waiting_payloads(replica)) == 1

    def test_an_acknowledgement_covers_everything_up_to_it(self, replica: Replica) -> None:
        for number in range(4):
            noted(replica, str(number))
        waiting_payloads(replica)
        assert acknowledged(replica, 3) == 2
        assert counts(replica) == (0, 2, 2, 0)
        assert acknowledged(replica, 3) == 0

    def test_what_the_hub_turns_out_to_lack_is_offered_again(self, replica: Replica) -> None:
        for number in range(3):
            noted(replica, str(number))
        payloads = waiting_payloads(replica)
        acknowledged(replica, 4)
        replica.sending.offer_again(replica.id, 3)
        assert waiting_payloads(replica) == payloads[1:]

    def test_a_late_acknowledgement_undoes_no_verdict(
        self, hub: PaperHub, replica: Replica
    ) -> None:
        """The pull may be faster than the answer to the push."""
        noted(replica, "fine")
        noted(replica, "refused")
        fine, refused = waiting_payloads(replica)
        replica.receive([hub.accept(fine), hub.reject(refused, DENIED)])
        assert acknowledged(replica, 3) == 0
        assert counts(replica) == (0, 0, 0, 1)

    def test_verdicts_and_acknowledgements_at_the_same_time(
        self, hub: PaperHub, replica: Replica
    ) -> None:
        for number in range(30):
            noted(replica, str(number))
        verdicts = [hub.accept(payload) for payload in waiting_payloads(replica)]

        def acknowledge() -> None:
            for n in range(2, 32):
                acknowledged(replica, n)

        pushing = threading.Thread(target=acknowledge)
        pushing.start()
        for verdict in verdicts:
            replica.receive([verdict])
        pushing.join()
        assert counts(replica) == (0, 0, 0, 0)


class TestRefused:
    def test_the_document_is_rebuilt_without_it(self, hub: PaperHub, replica: Replica) -> None:
        before = replica.get("inventory", "inv_1")
        with replica.transaction() as tx:
            tx.update("inventory", "inv_1", {"notes": "mine", "tags": {"a": 1}})
            tx.increment("inventory", "inv_1", ("stock_level",), -9)
            tx.unset("inventory", "inv_1", ("location", "bin"))
        (payload,) = waiting_payloads(replica)
        replica.receive([hub.reject(payload, DENIED)])
        assert replica.get("inventory", "inv_1") == before
        assert replica.state_of("inventory", "inv_1") == "needs_you"

    def test_later_work_that_still_waits_stays_on_top(
        self, hub: PaperHub, replica: Replica
    ) -> None:
        with replica.transaction() as tx:
            tx.update("inventory", "inv_1", {"notes": "refused", "checked": "refused"})
            tx.increment("inventory", "inv_1", ("stock_level",), -5)
        refused = waiting_payloads(replica)[0]
        with replica.transaction() as tx:
            tx.update("inventory", "inv_1", {"notes": "later"})
            tx.increment("inventory", "inv_1", ("stock_level",), 2)
        replica.receive([hub.reject(refused, DENIED)])
        held = replica.get("inventory", "inv_1")
        assert held is not None
        assert (held["notes"], held["stock_level"], "checked" in held) == ("later", 3, False)
        assert replica.state_of("inventory", "inv_1") == "saved"
        everything_settled(hub, replica)
        held = replica.get("inventory", "inv_1")
        assert held is not None
        assert (held["notes"], held["stock_level"]) == ("later", 3)

    def test_what_others_wrote_meanwhile_stays(self, hub: PaperHub, replica: Replica) -> None:
        other = open_replica(seed=2)
        other.receive([hub.hello(), *parts_of(hub)])
        noted(other, "from elsewhere")
        noted(replica, "refused")
        with replica.transaction() as tx:
            tx.delete("inventory", "inv_2")
        first, second = waiting_payloads(replica)
        replica.receive([hub.part(payload) for payload in waiting_payloads(other)])
        replica.receive([hub.reject(first, DENIED), hub.accept(second)])
        assert notes(replica) == "from elsewhere"
        assert replica.get("inventory", "inv_2") is None

    def test_an_insert_disappears(self, hub: PaperHub, replica: Replica) -> None:
        live = replica.live("inventory")
        with replica.transaction() as tx:
            tx.insert("inventory", shelf("inv_9"))
        live.refresh()
        (payload,) = waiting_payloads(replica)
        replica.receive([hub.reject(payload, DENIED)])
        assert replica.get("inventory", "inv_9") is None
        assert [each.row["_id"] for each in live.refresh().removed] == ["inv_9"]

    def test_a_delete_is_undone(self, hub: PaperHub, replica: Replica) -> None:
        before = replica.get("inventory", "inv_1")
        with replica.transaction() as tx:
            tx.delete("inventory", "inv_1")
        (payload,) = waiting_payloads(replica)
        replica.receive([hub.reject(payload, DENIED)])
        assert replica.get("inventory", "inv_1") == before

    def test_it_can_be_read_with_its_reason(self, hub: PaperHub, replica: Replica) -> None:
        with replica.transaction() as tx:
            tx.insert("orders", {"_id": "order_1", "total": 9})
            tx.update("inventory", "inv_1", {"location": {"bin": "7"}})
            tx.increment("inventory", "inv_2", ("stock_level",), -3)
            tx.unset("inventory", "inv_3", ("notes",))
        (payload,) = waiting_payloads(replica)
        replica.receive([hub.reject(payload, ClockAhead("The change is from the future."))])
        (item,) = replica.quarantine()
        assert (item.code, item.message) == ("clock_ahead", "The change is from the future.")
        assert item.remedy == ClockAhead.remedy
        assert item.changes == [
            ("orders", "order_1", {"total": 9}),
            ("inventory", "inv_1", {"location.bin": "7"}),
            ("inventory", "inv_2", {"stock_level": "-3"}),
            ("inventory", "inv_3", {"notes": None}),
        ]

    def test_it_can_be_given_up(self, hub: PaperHub, replica: Replica) -> None:
        noted(replica, "refused")
        (payload,) = waiting_payloads(replica)
        replica.receive([hub.reject(payload, DENIED)])
        replica.discard(decode(payload).n)
        assert replica.quarantine() == []
        assert replica.state_of("inventory", "inv_1") == "synced"
        replica.discard(1)
        assert notes(replica) == "as delivered"

    def test_it_can_be_edited_and_sent_again(self, hub: PaperHub, replica: Replica) -> None:
        with replica.transaction(author="user_ana") as tx:
            tx.update("inventory", "inv_1", {"notes": "refused"})
            tx.increment("inventory", "inv_1", ("stock_level",), -2)
        (payload,) = waiting_payloads(replica)
        replica.receive([hub.reject(payload, DENIED)])
        edits = {("inventory", "inv_1"): {"notes": "better"}}
        assert replica.resend(decode(payload).n, edits=edits, author="user_ana")
        assert counts(replica) == (1, 0, 0, 0)
        held = replica.get("inventory", "inv_1")
        assert held is not None
        assert (held["notes"], held["stock_level"]) == ("better", -1)

    def test_it_can_be_given_up_after_a_new_id_was_taken(
        self, hub: PaperHub, replica: Replica
    ) -> None:
        noted(replica, "refused")
        (payload,) = waiting_payloads(replica)
        replica.receive([hub.reject(payload, DENIED)])
        replica.reissue()
        for number in range(3):
            noted(replica, f"under the new id {number}")
        (item,) = replica.quarantine()
        replica.discard(item.n)
        assert replica.quarantine() == []
        assert replica.outbox().waiting == 3

    def test_it_survives_a_restart(self, tmp_path: Path) -> None:
        hub, path = PaperHub(), tmp_path / "some.db"
        with closing(stocked(path=path)) as replica:
            (payload,) = waiting_payloads(replica)
            replica.receive([hub.hello(), hub.reject(payload, DENIED)])
        with closing(open_replica(path)) as again:
            assert [item.code for item in again.quarantine()] == ["permission_denied"]
            assert again.count("inventory") == 0


def parts_of(hub: PaperHub) -> list[Any]:
    """What somebody who joins now would hear of everything logged so far."""
    whole = PaperHub()
    return [whole.part(payload) for payload in hub.kept]


class TestVerdictsTwice:
    def test_hearing_a_verdict_again_changes_nothing(self, hub: PaperHub, replica: Replica) -> None:
        noted(replica, "fine")
        noted(replica, "refused")
        fine, refused = waiting_payloads(replica)
        verdicts = [hub.accept(fine), hub.reject(refused, DENIED)]
        replica.receive(verdicts)
        before = fingerprint(replica)
        before.pop("identity")
        replica.receive(verdicts)
        after = fingerprint(replica)
        after.pop("identity")
        assert after == before

    def test_what_a_restored_hub_refuses_of_what_it_once_took_is_set_aside(
        self, hub: PaperHub, replica: Replica
    ) -> None:
        """A late copy of the push has reached it, and rights are others by now (S1)."""
        noted(replica, "fine")
        (payload,) = waiting_payloads(replica)
        replica.receive([hub.accept(payload)])
        refused = PaperHub().reject(payload, DENIED)
        own = ((refused.seq, refused.verdict),)
        replica.receive([Begin(refused.seq, 0, own)])
        assert [each.code for each in replica.quarantine()] == [DENIED.code]
        replica.receive([Begin(refused.seq, 0, own)])
        assert counts(replica) == (0, 0, 0, 1)

    def test_a_verdict_on_another_batch_means_a_fork(self, hub: PaperHub, replica: Replica) -> None:
        """Same number, other digest: this file is a copy. Its work goes out under a new id."""
        noted(replica, "mine")
        with replica.transaction() as tx:
            tx.increment("inventory", "inv_2", ("stock_level",), -1)
        payloads = waiting_payloads(replica)
        verdict = hub.accept(payloads[0])
        strange = Outcome(verdict.seq, verdict.chain, verdict.verdict.__class__(2, "0" * 32, None))
        before, old = replica.find("inventory"), replica.id
        received = replica.receive([strange])
        assert received.forked is not None
        replica.reissue()
        assert replica.id != old
        assert replica.find("inventory") == before
        again = [decode(payload) for payload in waiting_payloads(replica)]
        assert [batch.n for batch in again] == [1, 2]
        assert [batch.hlc for batch in again] == [decode(payload).hlc for payload in payloads]
        assert {batch.replica for batch in again} == {replica.id}
