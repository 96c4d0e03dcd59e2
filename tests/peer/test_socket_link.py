"""Two devices meet over a real socket of one machine (S7)."""

from __future__ import annotations

import asyncio
import threading

import pytest

from sync.errors import PeerUnreachable, ZavaError
from sync.hub import Hub
from sync.peer import socket_link
from sync.peer.session import PeerSession
from sync.peer.socket_link import dial, listening
from tests.helpers.lines import Line
from tests.helpers.peers import session_of, sold, stock
from tests.helpers.two_devices import until

HERE = "127.0.0.1"


def nobody_cares(session: PeerSession, error: ZavaError | None) -> None:
    """Whatever came of it."""


async def test_work_written_before_and_meanwhile_crosses_both_ways(ana: Line, ben: Line) -> None:
    sold(ana, 3)
    ended: list[ZavaError | None] = []
    async with listening(
        HERE, 0, lambda: session_of(ben), lambda _, error: ended.append(error)
    ) as (port, meetings):
        meeting = await dial(HERE, port, session_of(ana))
        running = asyncio.create_task(meeting.run())
        await until(lambda: stock(ben) == 37)
        sold(ben, 4)
        for each in meetings:
            each.nudge()
        await until(lambda: stock(ana) == 33)
        sold(ana, 1)
        meeting.nudge()
        await until(lambda: stock(ben) == 32)
        meeting.hang_up()
        await asyncio.wait([running])
        await until(lambda: ended)
    assert [error and error.code for error in ended] in (["peer_unreachable"], [None])


async def test_two_event_loops_in_two_threads(hub: Hub, ana: Line, ben: Line) -> None:
    sold(ana, 3)
    sold(ben, 4)
    ports: list[int] = []
    stop, ready = threading.Event(), threading.Event()

    async def serve() -> None:
        async with listening(HERE, 0, lambda: session_of(ben), nobody_cares) as (port, _):
            ports.append(port)
            ready.set()
            await asyncio.to_thread(stop.wait)

    other = threading.Thread(target=lambda: asyncio.run(serve()))
    other.start()
    try:
        await asyncio.to_thread(ready.wait)
        meeting = await dial(HERE, ports[0], session_of(ana))
        running = asyncio.create_task(meeting.run())
        await until(lambda: stock(ana) == stock(ben) == 33)
        meeting.hang_up()
        await asyncio.wait([running])
    finally:
        stop.set()
        other.join()
    for line in (ben, ana, ben):
        line.sync()
    assert stock(ana) == stock(ben) == 33


async def test_nobody_there_is_named(ana: Line) -> None:
    async with listening(HERE, 0, lambda: session_of(ana), nobody_cares) as (port, _):
        pass
    with pytest.raises(PeerUnreachable):
        await dial(HERE, port, session_of(ana))


async def test_a_stranger_who_says_nothing_is_let_go(
    ana: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket_link, "PROVE_SECONDS_MAX", 0.05)
    ended: list[ZavaError | None] = []
    async with listening(
        HERE, 0, lambda: session_of(ana), lambda _, error: ended.append(error)
    ) as (port, _):
        _, writer = await asyncio.open_connection(HERE, port)
        await until(lambda: ended)
        writer.close()
    assert [error and error.code for error in ended] == ["peer_unreachable"]


async def test_noise_ends_the_meeting_and_nothing_else(ana: Line) -> None:
    ended: list[ZavaError | None] = []
    async with listening(
        HERE, 0, lambda: session_of(ana), lambda _, error: ended.append(error)
    ) as (port, _):
        _, writer = await asyncio.open_connection(HERE, port)
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        await until(lambda: ended)
        writer.close()
    assert [error and error.code for error in ended] == ["message_garbage"]


async def test_only_so_many_at_once(ana: Line, ben: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket_link, "MEETINGS_MAX", 0)
    async with listening(HERE, 0, lambda: session_of(ben), nobody_cares) as (port, _):
        reader, writer = await asyncio.open_connection(HERE, port)
        assert await reader.read() == b""
        writer.close()
