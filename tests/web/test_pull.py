"""Pulls over real sockets: they start at once and end with the device, the hub or a fault."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from typing import Any

import httpx
import pytest

from sync.web import app
from sync.wire.codec import decode
from sync.wire.frames import Inflater
from sync.wire.messages import Hello, Part
from tests.web.calls import assert_error, cursor
from tests.web.conftest import Served


async def test_a_pull_starts_at_once_and_goes_on(served: Served) -> None:
    headers = await served.sign_in()
    async with served.client.stream(
        "POST", "/v1/pull", content=cursor(), headers=headers
    ) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/x-zava-frames"
        frames = received(answer)
        hello = decode(await anext(frames))
        assert isinstance(hello, Hello)
        assert hello.hub_id == served.hub.hub_id
        with served.hub.replica.transaction() as tx:
            tx.insert("products", {"_id": "prod_1", "sku": "DRL-1"})
        served.hub.doorbell.ring()
        parts = [decode(await anext(frames))]
        while not isinstance(parts[-1], Part):
            parts.append(decode(await anext(frames)))
        assert parts[-1].deltas[0].doc_id == "prod_1"
        await frames.aclose()


async def received(answer: httpx.Response) -> AsyncGenerator[bytes, None]:
    inflater = Inflater()
    async for chunk in answer.aiter_raw():
        for line in inflater.feed(chunk):
            yield line


async def until(condition: Any) -> None:
    """Wait for something that happens in the server, but not for ever."""
    for _ in range(1_000):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never happened")


async def test_a_device_that_leaves_ends_its_pull(served: Served) -> None:
    headers = await served.sign_in()
    async with served.client.stream(
        "POST", "/v1/pull", content=cursor(), headers=headers
    ) as answer:
        frames = received(answer)
        await anext(frames)
        await until(lambda: served.hub.doorbell._waiting)
        await frames.aclose()
    await until(lambda: not served.hub.doorbell._waiting)


async def test_stopping_the_hub_ends_pulls_at_once(served: Served) -> None:
    headers = await served.sign_in()
    async with served.client.stream(
        "POST", "/v1/pull", content=cursor(), headers=headers
    ) as answer:
        frames = received(answer)
        await anext(frames)
        served.stopping.set()
        async with asyncio.timeout(2):
            rest = [decode(frame) async for frame in frames]
    assert not any(isinstance(each, Hello) for each in rest)
    await served.server


async def test_streams_are_counted_and_limited(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "STREAMS_MAX", 1)
    headers = await served.sign_in()
    async with served.client.stream(
        "POST", "/v1/pull", content=cursor(), headers=headers
    ) as answer:
        frames = received(answer)
        await anext(frames)
        second = await served.client.post("/v1/pull", content=cursor(), headers=headers)
        assert_error(second, 429, "hub_busy")
        await frames.aclose()
    for _ in range(1_000):
        async with served.client.stream(
            "POST", "/v1/pull", content=cursor(), headers=headers
        ) as answer:
            if answer.status_code == 200:
                return
            await asyncio.sleep(0.01)
    raise AssertionError("the place of the first was never free again")


BAD_CURSORS = {
    "not json": (b"\x00", 400, "message_garbage"),
    "another version": (b'{"v":99}', 400, "version_unknown"),
    "a sequence below zero": (
        cursor().replace(b'"seq":0', b'"seq":-1'),
        400,
        "message_garbage",
    ),
    "endless": (b" " * 300_000, 413, "message_too_large"),
}


@pytest.mark.parametrize(("body", "status", "code"), BAD_CURSORS.values(), ids=BAD_CURSORS)
async def test_a_bad_cursor_has_a_name(served: Served, body: bytes, status: int, code: str) -> None:
    headers = await served.sign_in()
    answer = await served.client.post("/v1/pull", content=body, headers=headers)
    assert_error(answer, status, code)


async def test_a_pull_that_breaks_off_is_logged(
    served: Served, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def breaking(*_: object) -> AsyncGenerator[bytes, None]:
        yield b"{}\n"
        raise RuntimeError("secret")

    monkeypatch.setattr(served.hub, "pull", breaking)
    headers = await served.sign_in()
    with caplog.at_level(logging.ERROR, logger="sync.web"):
        answer = await served.client.post("/v1/pull", content=cursor(), headers=headers)
    assert list(Inflater().feed(answer.content)) == [b"{}"]
    assert "secret" in caplog.text
