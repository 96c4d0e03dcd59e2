"""One address holds so many connections and no more; what it lets go it may have again."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import httpx
import pytest

from sync.hub.engine import Hub
from sync.serve import Ready, listen, serve_hub
from sync.web.addresses import CONNECTIONS_PER_ADDRESS_MAX, AddressLimit

SHOP, OTHER = "203.0.113.7", "203.0.113.8"


def test_one_address_cannot_take_the_connections_of_another() -> None:
    limit = AddressLimit(2)
    assert [limit.enter(SHOP) for _ in range(3)] == [True, True, False]
    assert limit.enter(OTHER)
    limit.leave(SHOP)
    assert [limit.enter(SHOP) for _ in range(2)] == [True, False]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::3", "2001:db8:1:2:ffff::4", True),
        ("2001:db8:1:2::3", "2001:db8:1:3::3", False),
        ("::ffff:203.0.113.7", SHOP, True),
        ("", "", True),
    ],
)
def test_a_network_of_one_subscriber_is_one_address(one: str, other: str, same: bool) -> None:
    limit = AddressLimit(1)
    assert limit.enter(one)
    assert limit.enter(other) is not same


def test_the_log_tells_once_and_keeps_nothing_of_who_has_gone(
    caplog: pytest.LogCaptureFixture,
) -> None:
    limit = AddressLimit(1)
    with caplog.at_level(logging.WARNING):
        assert [limit.enter(SHOP) for _ in range(5)] == [True, *[False] * 4]
    assert len(caplog.records) == 1
    limit.leave(SHOP)
    assert (limit._held, limit._told) == ({}, set())


def test_a_shop_behind_one_router_has_room() -> None:
    assert CONNECTIONS_PER_ADDRESS_MAX >= 2 * 100


@asynccontextmanager
async def serving(hub: Hub, most: int) -> AsyncIterator[Ready]:
    stopping, started = asyncio.Event(), asyncio.get_running_loop().create_future()
    with listen("127.0.0.1", 0) as listener:
        server = asyncio.create_task(
            serve_hub(hub, listener, stopping, started.set_result, AddressLimit(most))
        )
        yield await started
        stopping.set()
        await server


async def healthy(url: str) -> bool:
    async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=10) as client:
        return (await client.get("/v1/health")).is_success


async def test_who_holds_too_many_is_cut_and_served_again_later(hub: Hub) -> None:
    async with serving(hub, 3) as ready, AsyncExitStack() as held, asyncio.timeout(20):
        writers = []
        for _ in range(3):
            reader, writer = await asyncio.open_connection("127.0.0.1", ready.port)
            writer.write(b"GET /v1/health HTTP/1.1\r\nHost: hub\r\n\r\n")
            assert (await reader.readline()).startswith(b"HTTP/1.1 200")
            writers.append(writer)
            held.callback(writer.close)
        with pytest.raises(httpx.TransportError):
            await healthy(ready.url)
        writers[0].close()
        await writers[0].wait_closed()
        while True:  # the hub hears of the end in its own time
            try:
                assert await healthy(ready.url)
                break
            except httpx.TransportError:
                await asyncio.sleep(0.01)
