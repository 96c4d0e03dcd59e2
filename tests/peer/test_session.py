"""The order of a meeting, and who tries to step out of it (S7, S8)."""

from __future__ import annotations

import zlib

import pytest

from sync.errors import (
    AuthorMismatch,
    MessageGarbage,
    MessageTooLarge,
    PeerKeyMissing,
    SignatureInvalid,
    TokenExpired,
    TokenInvalid,
    ZavaError,
)
from sync.hub import Hub
from sync.peer import session as session_module
from sync.peer.framed import FramedSession
from sync.peer.session import PeerSession
from sync.wire.frames import FRAME_BYTES_MAX
from sync.wire.peer_messages import Greet, Offer, PeerMessage, Prove, Took
from tests.helpers.clocks import DAY_MS, FixedClock
from tests.helpers.lines import Line, stocked_hub
from tests.helpers.peers import meet, met, session_of, sold, stock
from tests.helpers.two_devices import ANA


def greeted(one: PeerSession, other: PeerSession) -> tuple[Greet, Greet, list[PeerMessage]]:
    """Both greetings, and what ``other`` says to that of ``one``."""
    (here,), (there,) = one.open(), other.open()
    assert isinstance(here, Greet)
    assert isinstance(there, Greet)
    return here, there, other.take(here)


def test_nothing_is_offered_before_the_other_has_proved_itself(ana: Line, ben: Line) -> None:
    sold(ben, 3)
    one, other = session_of(ana), session_of(ben)
    _, _, answer = greeted(one, other)
    assert [type(message) for message in answer] == [Prove]
    assert other.more() == []


def test_nothing_is_taken_before_the_other_has_proved_itself(ana: Line, ben: Line) -> None:
    one, other = session_of(ana), session_of(ben)
    with pytest.raises(MessageGarbage):
        one.take(Offer(b"{}", b"s" * 64, None))
    greeted(one, other)
    with pytest.raises(MessageGarbage):
        other.take(Offer(b"{}", b"s" * 64, None))


def test_a_token_without_its_key_proves_nothing(ana: Line, ben: Line, cleo: Line) -> None:
    """Cleo has overheard Ana's token."""
    thief, victim = session_of(cleo), session_of(ben)
    victim.take(Greet(session_of(ana)._own.token, b"n" * 16))
    (greet,) = victim.open()
    (prove,) = thief.take(greet)
    with pytest.raises(SignatureInvalid):
        victim.take(prove)
    assert victim.peer is None


def test_a_proof_is_good_for_one_meeting(ana: Line, ben: Line) -> None:
    one, other = session_of(ana), session_of(ben)
    here, there, _ = greeted(one, other)
    (prove,) = one.take(there)
    other.take(prove)
    again = session_of(ben)
    again.open()
    again.take(here)
    with pytest.raises(SignatureInvalid):
        again.take(prove)


def test_a_proof_is_not_to_be_reflected(ana: Line, ben: Line) -> None:
    one, other = session_of(ana), session_of(ben)
    _, _, (prove,) = greeted(one, other)
    with pytest.raises(SignatureInvalid):
        other.take(prove)


def test_greeting_and_proving_happen_once(ana: Line, ben: Line) -> None:
    one, other = session_of(ana), session_of(ben)
    here, there, _ = greeted(one, other)
    with pytest.raises(MessageGarbage):
        other.take(here)
    (prove,) = one.take(there)
    other.take(prove)
    with pytest.raises(MessageGarbage):
        other.take(prove)
    with pytest.raises(MessageGarbage):
        session_of(ben).take(prove)


def test_a_device_does_not_meet_itself(ana: Line) -> None:
    with pytest.raises(AuthorMismatch):
        meet(session_of(ana), session_of(ana))


def test_an_answer_to_nothing_is_named(ana: Line, ben: Line) -> None:
    one, _ = met(ana, ben)
    with pytest.raises(MessageGarbage):
        one.take(Took(ben.replica.id, 7, None))


def test_people_of_another_hub_do_not_meet(ben: Line) -> None:
    stranger = Line.signed_in(stocked_hub(seed=200), ANA)
    with pytest.raises(TokenInvalid):
        met(stranger, ben)


def test_a_sign_in_of_last_week_is_not_enough(hub: Hub, ana: Line, ben: Line) -> None:
    clock = ben.replica.parts.clock
    assert isinstance(clock, FixedClock)
    clock.move(7 * DAY_MS)
    with pytest.raises(TokenExpired):
        met(ana, ben)


def test_a_device_without_a_key_says_so(hub: Hub, ana: Line, ben: Line) -> None:
    ana.replica.set_note("device_key", None)
    with pytest.raises(PeerKeyMissing):
        session_of(ana)


def test_a_device_with_a_new_name_signs_in_again_first(hub: Hub, ana: Line, ben: Line) -> None:
    sold(ana, 3)
    ana.replica.reissue()
    with pytest.raises(ZavaError):
        met(ana, ben)
    ana.sign_in()
    met(ana, ben)
    assert stock(ben) == 37


def test_many_batches_go_a_few_at_a_time(
    ana: Line, ben: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_module, "OFFERS_OPEN_MAX", 2)
    for _ in range(7):
        sold(ana, 1)
    one, other = met(ana, ben)
    assert (one.meeting.offered, other.meeting.taken) == (7, 7)
    assert stock(ben) == 33


def test_large_batches_go_one_at_a_time(
    ana: Line, ben: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_module, "OFFERS_OPEN_BYTES_MAX", 1)
    for _ in range(3):
        sold(ana, 1)
    met(ana, ben)
    assert stock(ben) == 37


def test_a_meeting_that_lasts_brings_what_is_written_meanwhile(ana: Line, ben: Line) -> None:
    here, there = FramedSession(session_of(ana)), FramedSession(session_of(ben))
    to_here, to_there = there.open(), here.open()
    to_here, to_there = there.feed(to_there), here.feed(to_here)
    there.feed(to_there)
    here.feed(to_here)
    assert here.more() == b""
    sold(ana, 3)
    here.feed(there.feed(here.more()))
    assert stock(ben) == 37
    there.feed(here.still())


def test_a_bomb_is_refused_without_unpacking_it(ana: Line) -> None:
    framed = FramedSession(session_of(ana))
    packer = zlib.compressobj()
    bomb = packer.compress(b"x" * (FRAME_BYTES_MAX + 2)) + packer.flush(zlib.Z_SYNC_FLUSH)
    assert len(bomb) < 50_000
    with pytest.raises(MessageTooLarge):
        framed.feed(bomb)


def test_a_bit_altered_on_the_way_is_noticed(ana: Line, ben: Line) -> None:
    sold(ana, 3)
    here, there = FramedSession(session_of(ana)), FramedSession(session_of(ben))
    greeting = here.open()
    for bit in range(0, len(greeting) * 8, 97):
        altered = bytearray(greeting)
        altered[bit // 8] ^= 1 << bit % 8
        fresh = FramedSession(session_of(ben))
        try:
            answer = fresh.feed(bytes(altered))
        except ZavaError:
            continue
        assert answer == b""  # it waits for the rest of a line
    assert there.session.peer is None
