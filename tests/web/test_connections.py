"""Who connects and never asks, or asks letter by letter, is let go; who is served is not."""

from __future__ import annotations

import asyncio

import pytest

from sync.web import connections
from tests.web.calls import cursor
from tests.web.conftest import Served

REQUEST = b"GET /v1/health HTTP/1.1\r\nHost: hub\r\n\r\n"


async def letters(writer: asyncio.StreamWriter, text: bytes) -> None:
    """A head that never ends, a letter at a time."""
    for letter in text * 10_000:
        if writer.is_closing():
            return
        writer.write(bytes([letter]))
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("first", [b"", REQUEST])
async def test_a_head_that_never_ends_is_not_waited_for(
    served: Served, monkeypatch: pytest.MonkeyPatch, first: bytes
) -> None:
    """Also behind a request that was answered, where uvicorn stops its own watch."""
    monkeypatch.setattr(connections, "HEAD_SECONDS_MAX", 0.2)
    monkeypatch.setattr(connections, "IDLE_SECONDS_MAX", 0.2)
    reader, writer = await asyncio.open_connection("127.0.0.1", served.ready.port)
    writer.write(first + b"GET /v1/health HTTP/1.1\r\nX: ")
    dripping = asyncio.create_task(letters(writer, b"slowly"))
    async with asyncio.timeout(10):
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            while True:
                await reader.readexactly(1)
    dripping.cancel()
    await asyncio.gather(dripping, return_exceptions=True)
    writer.close()


async def test_a_pull_is_not_cut_for_being_quiet(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "HEAD_SECONDS_MAX", 0.3)
    monkeypatch.setattr(connections, "IDLE_SECONDS_MAX", 0.3)
    headers = await served.sign_in()
    async with served.client.stream(
        "POST", "/v1/pull", content=cursor(), headers=headers
    ) as answer:
        chunks = answer.aiter_raw()
        await anext(chunks)
        for _ in range(80):  # well beyond both limits
            await asyncio.sleep(0.01)
        with served.hub.replica.transaction() as tx:
            tx.insert("products", {"_id": "prod_1"})
        served.hub.doorbell.ring()
        async with asyncio.timeout(10):
            assert await anext(chunks)
