"""What a device holds for others reaches the hub by it, on the word of its author alone."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from sync.device.outgoing import PassedOn
from sync.device.profile import SignedIn
from sync.hub import Hub
from sync.peer.proofs import Proof
from sync.wire.messages import Push, PushReply
from sync.wire.pushes import decode_push_reply, encode_push
from tests.helpers.lines import Line, stocked_hub
from tests.helpers.peers import met, sold, stock, wrote
from tests.helpers.replicas import open_replica, shelf
from tests.helpers.two_devices import ANA, BELLEVUE, BEN, CLEO, PASSWORD

FULL = shelf()["stock_level"]


@pytest.fixture
def hub() -> Hub:
    return stocked_hub()


@pytest.fixture
def ana(hub: Hub) -> Line:
    line = Line.signed_in(hub, ANA, open_replica(seed=1_001))
    line.sync()
    return line


@pytest.fixture
def ben(hub: Hub, ana: Line) -> Line:
    """In step with the hub; has met Ana since, who sold three and wrote a note."""
    line = Line.signed_in(hub, BEN, open_replica(seed=1_002))
    line.sync()
    sold(ana, 3)
    wrote(ana, notes="three went")
    met(ana, line)
    return line


def bring(line: Line, push: Push) -> PushReply:
    return decode_push_reply(line.hub.push(line.account.identity, encode_push(push)))


def passed_on(line: Line) -> Push:
    outgoing = PassedOn(line.replica).take()
    assert outgoing is not None
    return outgoing.push


def hub_stock(hub: Hub) -> int:
    shelf = hub.replica.get("inventory", "inv_1")
    assert shelf is not None
    return int(shelf["stock_level"])


def test_it_counts_once_whoever_brings_it_and_however_often(hub: Hub, ana: Line, ben: Line) -> None:
    push = passed_on(ben)
    assert [bring(ben, push).acked for _ in range(2)] == [2, 2]
    assert hub_stock(hub) == FULL - 3
    ben.sync()
    assert not ben.replica.held.all()
    ana.sync()
    assert hub_stock(hub) == stock(ana) == stock(ben) == FULL - 3
    assert not ana.replica.outbox().waiting
    assert not ana.replica.quarantine()


def test_its_author_hears_of_it_as_of_every_batch(hub: Hub, ana: Line, ben: Line) -> None:
    bring(ben, passed_on(ben))
    ana.pull()
    outbox = ana.replica.outbox()
    assert (outbox.waiting, outbox.sent, outbox.quarantined) == (0, 0, 0)
    assert stock(ana) == FULL - 3


def test_a_batch_behind_a_gap_waits_for_its_author(hub: Hub, ana: Line, ben: Line) -> None:
    push = passed_on(ben)
    second = Push(push.replica, push.batches[1:], push.proofs[1:])
    reply = bring(ben, second)
    assert (reply.acked, reply.declined) == (0, "")
    assert hub_stock(hub) == FULL
    assert bring(ana, push).acked == 2


def altered(push: Push, hub: Hub, ben: Line) -> dict[str, tuple[Push, str]]:
    """Pushes with something wrong about them, and what the hub says."""
    token, signature = json.loads(push.proofs[0])
    own = ben.welcome
    assert isinstance(own, SignedIn)
    forged = Proof(token, bytes.fromhex(signature)[::-1]).to_text()
    as_ben = Proof(own.token, bytes.fromhex(signature)).to_text()
    return {
        "no proof": (replace(push, proofs=("", "")), "signature_invalid"),
        "another's signature": (replace(push, proofs=(forged, forged)), "signature_invalid"),
        "another's token": (replace(push, proofs=(as_ben, as_ben)), "author_mismatch"),
        "another device": (replace(push, replica=ben.replica.id), "author_mismatch"),
        "an altered batch": (
            replace(push, batches=tuple(b.replace(b"-3", b"-9") for b in push.batches)),
            "signature_invalid",
        ),
        "no batch": (replace(push, batches=(b"{}", b"{}")), "version_unknown"),
    }


def test_what_its_author_did_not_sign_is_declined(hub: Hub, ben: Line) -> None:
    seq = hub.replica.identity.seq
    for push, code in altered(passed_on(ben), hub, ben).values():
        reply = bring(ben, push)
        assert (reply.acked, reply.declined) == (0, code)
    assert hub.replica.identity.seq == seq


def test_what_is_right_before_something_wrong_is_taken(hub: Hub, ben: Line) -> None:
    push = passed_on(ben)
    reply = bring(ben, replace(push, proofs=(push.proofs[0], "")))
    assert (reply.acked, reply.declined) == (1, "signature_invalid")
    assert hub_stock(hub) == FULL - 3


def test_a_closed_account_works_through_nobody(hub: Hub, ben: Line) -> None:
    hub.accounts.set_disabled("ana", True)
    assert bring(ben, passed_on(ben)).declined == "token_invalid"
    assert hub_stock(hub) == FULL


def test_the_author_is_judged_by_the_rights_of_today(hub: Hub, ana: Line, ben: Line) -> None:
    hub.accounts.add(replace(ANA, store_id=BELLEVUE), PASSWORD)
    assert bring(ben, passed_on(ben)).acked == 2
    assert hub_stock(hub) == FULL
    ben.sync()
    assert not ben.replica.held.all()
    assert stock(ben) == FULL
    ana.becomes(store_id=BELLEVUE)
    ana.sync()
    assert {each.code for each in ana.replica.quarantine()} == {"out_of_scope"}


def test_it_may_take_days_but_the_token_was_good_when_the_batch_was_made(
    hub: Hub, ana: Line, ben: Line
) -> None:
    hub.clock.move(9 * 86_400_000)  # type: ignore[attr-defined]
    assert bring(ben, passed_on(ben)).acked == 2
    assert hub_stock(hub) == FULL - 3


def test_a_number_that_another_batch_has_taken_is_declined(hub: Hub, ana: Line, ben: Line) -> None:
    """Ana's file was put back to a copy of this morning, and she has gone on with it."""
    copy = Line.signed_in(hub, ANA, open_replica(seed=1_001))
    assert copy.replica.id == ana.replica.id
    copy.pull()
    sold(copy, 1)
    assert copy.push() == 1
    assert bring(ben, passed_on(ben)).declined == "replica_forked"
    assert hub_stock(hub) == FULL - 1


def test_causes_go_before_effects_and_authors_apart(ana: Line, ben: Line) -> None:
    cleo = Line.signed_in(ben.hub, CLEO, open_replica(seed=1_003))
    cleo.sync()
    met(ana, cleo)
    wrote(cleo, notes="and one is damaged")
    met(cleo, ben)
    held = PassedOn(ben.replica)
    first, second = held.take(), held.take()
    assert first is not None
    assert second is not None
    assert (first.author, second.author) == (ana.replica.id, cleo.replica.id)
    assert (held.waiting(), held.take()) == (0, None)
    held.start_over()
    assert held.waiting() == 3
