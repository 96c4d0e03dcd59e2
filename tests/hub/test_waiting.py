"""How an open pull waits for more, and when it ends (S1, S4)."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import pytest

from sync.core.batch import Change
from sync.hub import Hub, rounds
from sync.hub.doorbell import Doorbell
from sync.hub.pages import Told
from sync.hub.pull import Pull
from sync.wire import codec
from sync.wire.messages import (
    Hello,
    Message,
    Part,
    Ping,
)
from tests.helpers.clocks import NOON_MS
from tests.helpers.lines import Line, kinds, noted
from tests.helpers.replicas import open_replica
from tests.helpers.two_devices import CLEO, until

COMMITS = 60


async def opened(hub: Hub, line: Line) -> AsyncGenerator[Message, None]:
    request = json.loads(codec.encode(line.cursor()))
    feed = hub.feed(line.account.identity, request)
    async with aclosing(Pull(feed, hub.rounds).pages()) as pages:
        async for page in pages:
            for each in page:
                yield each.message


class TestWaiting:
    async def test_the_doorbell_wakes_every_open_pull(self, hub: Hub, ana: Line, ben: Line) -> None:
        cleo = Line.signed_in(hub, CLEO, open_replica(seed=1_004))
        for line in (ana, ben, cleo):
            line.pull()
        streams = [opened(hub, line) for line in (ana, ben)]
        for stream in streams:
            assert isinstance(await anext(stream), Hello)
        waiting = [asyncio.ensure_future(anext(stream)) for stream in streams]
        noted(cleo, "for everybody")
        threading.Thread(target=cleo.push).start()
        heard = await asyncio.wait_for(asyncio.gather(*waiting), 20)
        assert kinds(heard) == ["Part", "Part"]
        for stream in streams:
            await stream.aclose()

    async def test_a_quiet_line_is_kept_alive(
        self, hub: Hub, ana: Line, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(rounds, "KEEPALIVE_SECONDS", 0.01)
        ana.pull()
        stream = opened(hub, ana)
        await anext(stream)
        for _ in range(3):
            assert await anext(stream) == Ping(NOON_MS)
        await stream.aclose()

    async def test_a_closed_pull_leaves_the_doorbell(self, hub: Hub, ana: Line) -> None:
        ana.pull()
        stream = opened(hub, ana)
        await anext(stream)
        waiting = asyncio.ensure_future(anext(stream))
        await until(lambda: hub.doorbell._waiting)
        waiting.cancel()
        await asyncio.wait([waiting], timeout=5)
        await until(lambda: not hub.doorbell._waiting)
        hub.doorbell.ring()

    @pytest.mark.parametrize("turns", range(8))
    async def test_told_to_end_as_the_bell_rings_it_ends(
        self, hub: Hub, ana: Line, turns: int
    ) -> None:
        """``asyncio.wait_for`` would now and then take the bell and lose the order to end."""
        ana.pull()
        stream = opened(hub, ana)
        await anext(stream)
        listening = asyncio.ensure_future(read_for_ever(stream))
        await until(lambda: hub.doorbell._waiting and not listening.done())
        for _ in range(200):
            await asyncio.sleep(0)
        hub.doorbell.ring()
        for _ in range(turns):
            await asyncio.sleep(0)
        listening.cancel()
        done, _ = await asyncio.wait([listening], timeout=5)
        assert done
        await stream.aclose()


async def read_for_ever(stream: Any) -> None:
    async for _ in stream:
        continue


def test_a_doorbell_nobody_listens_to_is_no_trouble() -> None:
    Doorbell().ring()


def test_rights_are_those_of_the_present(hub: Hub, ana: Line) -> None:
    """Ana became a rep: another scope, so everything is sent anew under it."""
    ana.pull()
    ana.becomes(role="rep")
    assert kinds(ana.pull())[:2] == ["Hello", "Begin"]
    assert ana.replica.count("inventory") == 5


async def test_what_came_after_an_account_was_closed_is_not_sent_any_more(
    hub: Hub, ana: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where it is closed in the very moment in which the stream reads on."""
    cleo = Line.signed_in(hub, CLEO, open_replica(seed=1_004))
    for line in (ana, cleo):
        line.pull()
    feed = hub.feed(ana.account.identity, json.loads(codec.encode(ana.cursor())))
    read = feed.more

    def closed_meanwhile(up_to: int | None = None) -> list[Told]:
        hub.accounts.set_disabled("ana", True)
        noted(cleo, "for insiders")
        cleo.push()
        return read(up_to)

    monkeypatch.setattr(feed, "more", closed_meanwhile)
    heard = [each.message async for page in Pull(feed, hub.rounds).pages() for each in page]
    assert kinds(heard) == ["Hello"]


async def test_nothing_is_lost_between_one_reading_and_the_next(
    hub: Hub, ana: Line, ben: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Commits come as fast as they can, rounds follow without a pause, and pings in between."""
    monkeypatch.setattr(rounds, "ROUND_MS_MIN", 0)
    monkeypatch.setattr(rounds, "ROUND_MS_A_READER", 0)
    monkeypatch.setattr(rounds, "KEEPALIVE_SECONDS", 0.000_1)
    cleo = Line.signed_in(hub, CLEO, open_replica(seed=1_004))
    for line in (ana, ben, cleo):
        line.pull()
    wanted = [f"note {number}" for number in range(COMMITS)]

    def write() -> None:
        for text in wanted:
            noted(cleo, text)
            cleo.push()

    async def heard(line: Line) -> list[object]:
        found: list[object] = []
        async with aclosing(opened(hub, line)) as stream:
            async for message in stream:
                if isinstance(message, Part):
                    changes = [each.changes for each in message.deltas if isinstance(each, Change)]
                    found += [each["notes",] for each in changes if ("notes",) in each]
                if found[-1:] == wanted[-1:]:
                    break
        return found

    reading = asyncio.gather(*(heard(line) for line in (ana, ben)))
    writing = asyncio.to_thread(write)
    async with asyncio.timeout(60):
        assert (await asyncio.gather(reading, writing))[0] == [wanted, wanted]
