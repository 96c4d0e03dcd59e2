"""Who works on the hub's file for its event loop."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from sync.hub.hand import Hand
from sync.local.database import Database


@pytest.fixture
def database() -> Database:
    return Database(":memory:")


@pytest.fixture
def hand(database: Database) -> Iterator[Hand]:
    hand = Hand(database)
    yield hand
    hand.close()


async def test_what_is_small_is_done_at_once(hand: Hand) -> None:
    assert await hand.do(threading.get_ident) == threading.get_ident()


async def test_what_may_take_long_is_done_by_one_other_thread(hand: Hand) -> None:
    found = [await hand.do(threading.get_ident, is_small=False) for _ in range(3)]
    assert threading.get_ident() not in found
    assert len({*found}) == 1


async def test_the_loop_never_waits_for_somebody_who_has_the_file(
    hand: Hand, database: Database
) -> None:
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with database.lock:
            held.set()
            assert done.wait(20)

    other = threading.Thread(target=hold)
    other.start()
    assert held.wait(20)
    assert await hand.do(threading.get_ident) != threading.get_ident()
    done.set()
    other.join()


@pytest.mark.parametrize("is_small", [True, False])
async def test_what_fails_fails_for_whoever_asked(
    hand: Hand, database: Database, is_small: bool
) -> None:
    def fail() -> None:
        raise ValueError("it cannot be done")

    with pytest.raises(ValueError, match="cannot"):
        await hand.do(fail, is_small=is_small)
    assert database.lock.acquire(blocking=False)
    database.lock.release()
