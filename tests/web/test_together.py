"""Work that shares the turns of a thread: each gets its own answer, in order."""

from __future__ import annotations

import asyncio
import threading
from functools import partial

import pytest

from sync.errors import HubBusy
from sync.web.together import Together


async def test_everybody_gets_their_own_answer_in_the_order_they_came() -> None:
    together, seen = Together(), list[int]()

    def work(number: int) -> bytes:
        seen.append(number)
        return b"%d" % number

    found = await asyncio.gather(*(together.run(partial(work, n)) for n in range(200)))
    assert found == [b"%d" % n for n in range(200)]
    assert seen == list(range(200))


async def test_what_fails_fails_for_whoever_asked() -> None:
    def refuse() -> bytes:
        raise HubBusy("not now")

    together = Together()
    works = (lambda: b"one", refuse, lambda: b"two")
    first, second, third = await asyncio.gather(*map(together.run, works), return_exceptions=True)
    assert (first, third) == (b"one", b"two")
    assert isinstance(second, HubBusy)


async def test_who_leaves_before_it_begins_is_not_worked_for_and_holds_up_nobody() -> None:
    together, going = Together(), threading.Event()
    seen = list[str]()

    def wait() -> bytes:
        assert going.wait(20)
        return b"done"

    def work(name: str) -> bytes:
        seen.append(name)
        return name.encode()

    first = asyncio.ensure_future(together.run(wait))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    gone, stays = (
        asyncio.ensure_future(together.run(partial(work, name))) for name in ("gone", "stays")
    )
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.sleep(0)
    going.set()
    assert await first == b"done"
    assert await stays == b"stays"
    assert seen == ["stays"]
    with pytest.raises(asyncio.CancelledError):
        await gone
