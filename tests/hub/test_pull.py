"""What a pull sends from a cursor (S1)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from sync.core.decode import BESIDE_MAX
from sync.errors import MessageGarbage, SignInRequired, VersionUnknown
from sync.hub import Hub, feed
from sync.local.documents import Row
from sync.wire import codec
from sync.wire.frames import FRAME_BYTES_MAX
from sync.wire.messages import (
    Begin,
    Docs,
    End,
    Hello,
    Message,
    Outcome,
    Part,
    Position,
)
from tests.helpers.clocks import NOON_MS
from tests.helpers.lines import Line, kinds, noted
from tests.helpers.replicas import open_replica, shelf
from tests.helpers.two_devices import ANA, BEN, DARA


class TestContinuing:
    def test_the_first_pull_is_a_snapshot(self, hub: Hub, ana: Line) -> None:
        hello, begin, *docs, end = ana.pull()
        assert isinstance(hello, Hello)
        assert hello.snapshot
        assert (hello.hub_id, hello.hub_time_ms) == (hub.hub_id, NOON_MS)
        assert isinstance(begin, Begin)
        assert isinstance(end, End)
        assert (begin.at, end.at, hello.head) == (hub.replica.identity.seq,) * 3
        loaded = sum(len(message.rows) for message in docs if isinstance(message, Docs))
        assert loaded == begin.total
        assert ana.replica.identity.cursor == end.at

    def test_the_next_one_continues_from_the_log(self, hub: Hub, ana: Line) -> None:
        ana.pull()
        assert kinds(ana.pull()) == ["Hello"]
        with hub.replica.transaction() as tx:
            tx.update("inventory", "inv_1", {"notes": "news"})
        hello, part = ana.pull()
        assert isinstance(hello, Hello)
        assert not hello.snapshot
        assert isinstance(part, Part)

    def test_what_is_none_of_our_business_only_moves_the_cursor(self, hub: Hub, ana: Line) -> None:
        dara = Line.signed_in(hub, DARA, open_replica(seed=1_003))
        dara.pull()
        ana.pull()
        for number in range(3):
            noted(dara, str(number), "inv_4")
        dara.push()
        hello, position = ana.pull()
        assert isinstance(hello, Hello)
        assert isinstance(position, Position)
        assert ana.replica.identity.cursor == hub.replica.identity.seq

    @pytest.mark.parametrize(
        "stray",
        [
            {"chain": "0" * 32},
            {"seq": 1_000_000},
            {"scope": "another"},
            {"seq": 0, "chain": ""},
        ],
        ids=["another log", "beyond the log", "another scope", "from the beginning"],
    )
    def test_a_cursor_that_does_not_fit_gets_a_snapshot(
        self, hub: Hub, ana: Line, stray: dict[str, Any]
    ) -> None:
        ana.pull()
        hello = next(ana.sent(ana.cursor(**stray)))
        assert isinstance(hello, Hello)
        assert hello.snapshot

    def test_a_snapshot_sweeps_what_the_hub_no_longer_has_for_us(self, hub: Hub, ana: Line) -> None:
        ana.pull()
        with ana.replica.transaction() as tx:
            tx.insert("orders", {"_id": "order_w", "store_id": "store_seattle"})
        with ana.replica.parts.database.transaction():
            ana.replica.parts.documents.save("inventory", 1, [("stray", Row('{"a":1}', "[1,0]"))])
        assert ana.replica.get("inventory", "stray") is not None
        ana.replica.receive([*ana.sent(ana.cursor(seq=0, chain=""))])
        assert ana.replica.get("inventory", "stray") is None
        assert ana.replica.get("orders", "order_w") is not None
        assert ana.replica.count("inventory") == 3

    def test_a_hub_started_again_is_the_same_log(self, hub: Hub, ana: Line) -> None:
        ana.pull()
        hub.replica.begin_epoch()
        hello = next(ana.sent())
        assert isinstance(hello, Hello)
        assert not hello.snapshot
        assert hello.epoch == hub.epoch


class TestSnapshot:
    def test_nothing_that_is_written_meanwhile_is_lost(
        self, hub: Hub, ana: Line, ben: Line, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Between any two messages of the snapshot Ben and the hub write, everywhere."""
        monkeypatch.setattr(feed, "PULL_PAGE_DOCUMENTS_MAX", 2)
        ben.pull()
        received: list[Message] = []
        for number, message in enumerate(ana.sent()):
            received.append(message)
            noted(ben, f"during {number}", f"inv_{1 + number % 3}")
            with ben.replica.transaction() as tx:
                order = {"_id": f"order_{number}", "store_id": "store_seattle"}
                tx.insert("orders", order)
                tx.increment("inventory", "inv_2", ("stock_level",), -1)
            ben.push()
            with hub.replica.transaction() as tx:
                tx.insert("products", {"_id": f"a_new_{number}"})
                tx.insert("inventory", shelf(f"0_{number}"))
            if isinstance(message, End):
                break
        ana.replica.receive(received)
        ana.pull()
        for name in ("inventory", "orders", "products"):
            held = {each["_id"] for each in ana.replica.find(name)}
            assert held == {
                each["_id"]
                for each in hub.replica.find(name)
                if name == "products" or each["store_id"] == "store_seattle"
            }
            assert ana.replica.digest(name, held) == hub.replica.digest(name, held)

    def test_cut_off_it_starts_again_and_what_came_is_usable_at_once(
        self, hub: Hub, ana: Line, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(feed, "PULL_PAGE_DOCUMENTS_MAX", 2)
        messages = [*ana.sent()]
        for cut in range(1, len(messages)):
            for message in messages[:cut]:
                ana.replica.receive([message])
            if not isinstance(messages[cut - 1], End):
                assert next(ana.sent()).snapshot  # type: ignore[union-attr]
        assert ana.replica.count("customers") == 1
        ana.pull()
        assert ana.replica.count("inventory") == 3

    def test_own_work_the_hub_has_settled_meanwhile_is_settled(self, hub: Hub, ana: Line) -> None:
        ana.pull()
        noted(ana, "accepted")
        with ana.replica.transaction() as tx:
            tx.update("products", "prod_1", {"base_price": 0.01})
        ana.push()
        noted(ana, "still here")
        messages = [*ana.sent(ana.cursor(seq=0, chain=""))]
        begin = next(message for message in messages if isinstance(message, Begin))
        assert [(each.n, each.error is None) for _, each in begin.own] == [(1, True), (2, False)]
        ana.replica.receive(messages)
        assert (ana.replica.outbox().sent, ana.replica.outbox().pending) == (0, 1)
        assert [item.code for item in ana.replica.quarantine()] == ["permission_denied"]
        held = ana.replica.get("inventory", "inv_1")
        assert held is not None
        assert held["notes"] == "still here"

    def test_writing_on_much_of_it_before_it_is_complete_can_be_sent(
        self, hub: Hub, ana: Line
    ) -> None:
        """The batch says what its writer had seen, and a hub reads only so much of that."""
        for number in range(BESIDE_MAX + 5):
            with hub.replica.transaction() as tx:
                tx.insert("inventory", shelf(f"many_{number:04}"))
        *messages, end = ana.sent()
        ana.replica.receive(messages)
        with ana.replica.transaction() as tx:
            for number in range(BESIDE_MAX + 5):
                tx.update("inventory", f"many_{number:04}", {"notes": "seen"})
        ana.replica.receive([end])
        assert ana.push() == 1
        assert hub.replica.get("inventory", "many_0000")["notes"] == "seen"  # type: ignore[index]

    def test_large_documents_come_in_several_messages(self, hub: Hub, ana: Line) -> None:
        """Each fits a frame, though all of them together would not."""
        for number in range(5):
            with hub.replica.transaction() as tx:
                tx.insert("products", {"_id": f"large_{number}", "text": "x" * 4_500_000})
        messages = ana.pull()
        assert ana.replica.count("products") == 8
        assert max(len(codec.encode(message)) for message in messages) <= FRAME_BYTES_MAX


class TestLog:
    def test_own_batches_come_back_as_a_verdict(self, hub: Hub, ana: Line) -> None:
        ana.pull()
        noted(ana, "mine")
        ana.push()
        hello, outcome = ana.pull()
        assert isinstance(hello, Hello)
        assert isinstance(outcome, Outcome)
        assert (outcome.verdict.n, outcome.verdict.error) == (1, None)
        assert ana.replica.outbox().sent == 0

    def test_a_refused_batch_reaches_its_author_alone(self, hub: Hub, ana: Line, ben: Line) -> None:
        ana.pull()
        ben.pull()
        with ana.replica.transaction() as tx:
            tx.update("products", "prod_1", {"base_price": 0.01})
        ana.push()
        assert "Part" not in kinds(ben.pull())
        (_, outcome) = ana.pull()
        assert isinstance(outcome, Outcome)
        assert outcome.verdict.error is not None
        assert outcome.verdict.error.code == "permission_denied"

    def test_pages_follow_one_another(
        self, hub: Hub, ana: Line, ben: Line, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(feed, "PULL_PAGE_ENTRIES_MAX", 3)
        ana.pull()
        ben.pull()
        for number in range(10):
            noted(ben, str(number))
        ben.push()
        seqs = [message.seq for message in ana.pull() if isinstance(message, Part)]
        assert len(seqs) == 10
        assert seqs == sorted(seqs)
        assert ana.replica.get("inventory", "inv_1")["notes"] == "9"  # type: ignore[index]

    def test_a_whole_order_is_one_message(self, hub: Hub, ana: Line, ben: Line) -> None:
        ana.pull()
        ben.pull()
        with ben.replica.transaction() as tx:
            tx.insert("orders", {"_id": "order_1", "store_id": "store_seattle"})
            for number in range(3):
                item = {"_id": f"item_{number}", "store_id": "store_seattle"}
                tx.insert("order_items", item)
            tx.increment("inventory", "inv_1", ("stock_level",), -3)
        ben.push()
        (part,) = [message for message in ana.pull() if isinstance(message, Part)]
        assert len(part.deltas) == 5


REFUSED: dict[str, tuple[Callable[[dict[str, Any]], dict[str, Any]], type[Exception]]] = {
    "nothing": (lambda body: {}, VersionUnknown),
    "another protocol": (lambda body: {**body, "v": 99}, VersionUnknown),
    "no replica": (lambda body: {**body, "replica": None}, MessageGarbage),
    "a negative place": (lambda body: {**body, "seq": -1}, MessageGarbage),
    "a place beyond all numbers": (lambda body: {**body, "seq": 1 << 70}, MessageGarbage),
    "a chain of a megabyte": (lambda body: {**body, "g": "x" * 1_000_000}, MessageGarbage),
}


@pytest.mark.parametrize(("change", "error"), REFUSED.values(), ids=REFUSED)
def test_a_request_that_is_no_cursor_is_named(
    hub: Hub, ana: Line, change: Callable[[dict[str, Any]], dict[str, Any]], error: type[Exception]
) -> None:
    request = json.loads(codec.encode(ana.cursor()))
    with pytest.raises(error):
        hub.feed(ANA.identity, change(request))


def test_another_persons_device_is_refused(hub: Hub, ana: Line, ben: Line) -> None:
    request = json.loads(codec.encode(ana.cursor()))
    with pytest.raises(SignInRequired):
        hub.feed(BEN.identity, request)
