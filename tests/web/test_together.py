"""Work that is done together: each gets its own answer, in order."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator

import pytest

from sync.errors import HubBusy
from sync.hub.hand import Hand
from sync.local.database import Database
from sync.web.together import (
    SMALL_BYTES_MAX,
    SMALL_UNPACKED_BYTES_MAX,
    TOGETHER_MAX,
    Piece,
    Together,
)
from sync.wire.frames import deflate
from tests.helpers.two_devices import ANA

MUCH = b" " * SMALL_BYTES_MAX
"""Behind a text: a piece that a thread is asked to do."""


@pytest.fixture
def hand() -> Iterator[Hand]:
    hand = Hand(Database(":memory:"))
    yield hand
    hand.close()


def piece(text: bytes) -> Piece:
    return ANA.identity, text


async def turns() -> None:
    """Let what is ready run."""
    for _ in range(3):
        await asyncio.sleep(0)


def noting(seen: list[list[bytes]], going: threading.Event) -> Callable[[list[Piece]], list[bytes]]:
    """Work that waits for its turn, and gives each its own text."""

    def work(pieces: list[Piece]) -> list[bytes]:
        assert going.wait(20)
        seen.append([text.strip() for _, text in pieces])
        return seen[-1]

    return work


@pytest.fixture
def going() -> threading.Event:
    return threading.Event()


@pytest.mark.parametrize("rest", [b"", MUCH], ids=["small", "large"])
async def test_everybody_gets_their_own_answer_in_the_order_they_came(
    hand: Hand, going: threading.Event, rest: bytes
) -> None:
    going.set()
    seen = list[list[bytes]]()
    together = Together(hand, noting(seen, going))
    texts = [b"%d" % number for number in range(200)]
    assert await asyncio.gather(*(together.run(piece(each + rest)) for each in texts)) == texts
    assert [text for turn in seen for text in turn] == texts
    assert max(map(len, seen)) <= TOGETHER_MAX


async def test_what_waits_while_others_are_worked_for_is_handed_over_together(
    hand: Hand, going: threading.Event
) -> None:
    seen = list[list[bytes]]()
    together = Together(hand, noting(seen, going))
    asked = [asyncio.ensure_future(together.run(piece(b"first" + MUCH)))]
    await turns()
    asked += [asyncio.ensure_future(together.run(piece(each))) for each in (b"one", b"two")]
    await turns()
    going.set()
    await asyncio.gather(*asked)
    assert seen == [[b"first"], [b"one", b"two"]]


@pytest.mark.parametrize("size", [SMALL_UNPACKED_BYTES_MAX, SMALL_UNPACKED_BYTES_MAX + 1])
async def test_what_is_packed_small_and_is_large_does_not_hold_up_the_loop(
    hand: Hand, size: int
) -> None:
    seen = list[int]()

    def work(pieces: list[Piece]) -> list[bytes]:
        seen.append(threading.get_ident())
        return [text for _, text in pieces]

    packed = deflate(b" " * size)
    assert len(packed) <= SMALL_BYTES_MAX
    await Together(hand, work).run(piece(packed))
    assert (seen == [threading.get_ident()]) is (size <= SMALL_UNPACKED_BYTES_MAX)


async def test_what_fails_fails_for_whoever_asked(hand: Hand) -> None:
    def work(pieces: list[Piece]) -> list[bytes | Exception]:
        return [HubBusy("not now") if text == b"bad" else text for _, text in pieces]

    together = Together(hand, work)
    works = [together.run(piece(text)) for text in (b"one", b"bad", b"two")]
    first, second, third = await asyncio.gather(*works, return_exceptions=True)
    assert (first, third) == (b"one", b"two")
    assert isinstance(second, HubBusy)


async def test_who_leaves_before_it_begins_is_not_worked_for_and_holds_up_nobody(
    hand: Hand, going: threading.Event
) -> None:
    seen = list[list[bytes]]()
    together = Together(hand, noting(seen, going))
    first = asyncio.ensure_future(together.run(piece(b"first" + MUCH)))
    await turns()
    gone, stays = (asyncio.ensure_future(together.run(piece(name))) for name in (b"gone", b"stays"))
    await turns()
    gone.cancel()
    await turns()
    going.set()
    assert await first == b"first"
    assert await stays == b"stays"
    assert seen == [[b"first"], [b"stays"]]
    with pytest.raises(asyncio.CancelledError):
        await gone
