"""HTTP to a hub that is not well: every failure has a name, and none is another's (S2).

A raw server says what real ones never would; what a proxy or a portal says is no hub's word.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from sync.device import hub_link
from sync.device.hub_link import HubLink
from sync.errors import HubBusy, PermissionDenied, SignInRefused, TokenExpired, ZavaError
from sync.ids import ReplicaId
from sync.wire import codec, pushes
from sync.wire.frames import CHECK_HEADER, Deflater, check_of, deflate
from sync.wire.messages import Cursor, Message, Ping, Push, PushReply
from tests.helpers.clocks import NOON_MS
from tests.helpers.replicas import PaperHub

REPLICA = ReplicaId("a" * 32)
CURSOR = Cursor(REPLICA, "Handheld", "", 0, "", "")
Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def raw_server(answer: Answer) -> AsyncIterator[HubLink]:
    """A link to a server that reads one request a connection and does with it what it likes."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            await answer(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            writer.transport.abort()
        else:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    link = HubLink(f"http://127.0.0.1:{port}")
    try:
        yield link
    finally:
        await link.close()
        server.close()


def answering(handler: Callable[[httpx.Request], httpx.Response]) -> HubLink:
    return HubLink("http://hub.test", httpx.MockTransport(handler))


def plain(status: int, content: bytes = b"", **headers: str) -> httpx.Response:
    return httpx.Response(status, stream=httpx.ByteStream(content), headers=headers)


def checked(status: int, content: bytes) -> httpx.Response:
    """An answer a hub vouches for."""
    return plain(status, content, **{CHECK_HEADER: check_of(content)})


def refused_as(error: ZavaError) -> bytes:
    return json.dumps({"error": error.to_json()}).encode()


def refusing(error: ZavaError, status: int) -> httpx.Response:
    return checked(status, refused_as(error))


async def pulled(link: HubLink) -> list[Message]:
    return [message async for messages in link.pull("token", CURSOR) for message in messages]


async def code_of(work: Awaitable[Any]) -> str:
    with pytest.raises(ZavaError) as caught:
        await work
    assert str(caught.value)
    assert caught.value.remedy
    return caught.value.code


def every_call(link: HubLink) -> list[Awaitable[Any]]:
    return [
        link.sign_in("ana", "secret", REPLICA, "Handheld"),
        link.push("token", Push(REPLICA, (b"{}",))),
        pulled(link),
    ]


PAGE = b"<html><body>Please accept the terms of this wifi.</body></html>"
ANSWERS: dict[str, tuple[Callable[[], httpx.Response], set[str]]] = {
    "a proxy's page": (lambda: plain(502, PAGE), {"hub_unreachable"}),
    "a portal's page": (lambda: plain(200, PAGE), {"message_garbage"}),
    "a portal's redirect": (
        lambda: plain(302, location="http://wifi.test"),
        {"hub_unreachable"},
    ),
    "somebody else's json": (lambda: plain(404, b'{"error":"not here"}'), {"hub_unreachable"}),
    "a refusal nobody vouches for": (
        lambda: plain(401, refused_as(TokenExpired("forged"))),
        {"hub_unreachable"},
    ),
    "a fault of the hub": (lambda: checked(500, b"{}"), {"hub_failed"}),
    "a fault without words": (lambda: checked(500, b""), {"message_garbage"}),
    "a reason of another version": (
        lambda: checked(418, b'{"error":{"code":"made_up_next_year","message":"x"}}'),
        {"hub_failed"},
    ),
    "an expired token": (lambda: refusing(TokenExpired("Run out."), 401), {"token_expired"}),
    "a busy hub": (lambda: refusing(HubBusy("Later."), 429), {"hub_busy"}),
    "a wrong password": (lambda: refusing(SignInRefused("No."), 401), {"sign_in_refused"}),
    "a rejection": (lambda: refusing(PermissionDenied("No."), 403), {"permission_denied"}),
    "a megabyte of error": (lambda: plain(500, b"x" * 2_000_000), {"message_garbage"}),
}


@pytest.mark.parametrize(("make", "codes"), ANSWERS.values(), ids=ANSWERS)
async def test_every_answer_has_its_name(
    make: Callable[[], httpx.Response], codes: set[str]
) -> None:
    link = answering(lambda request: make())
    assert {await code_of(work) for work in every_call(link)} == codes
    await link.close()


FAILURES: dict[str, tuple[Exception, str]] = {
    "nobody listens": (httpx.ConnectError("refused"), "hub_unreachable"),
    "no answer in time": (httpx.ReadTimeout("slow"), "hub_unreachable"),
    "no connection in time": (httpx.ConnectTimeout("slow"), "hub_unreachable"),
    "cut in the middle": (httpx.RemoteProtocolError("incomplete"), "hub_unreachable"),
    "not HTTP": (httpx.LocalProtocolError("what?"), "hub_unreachable"),
}


@pytest.mark.parametrize(("error", "code"), FAILURES.values(), ids=FAILURES)
async def test_every_way_not_to_get_through_has_its_name(error: Exception, code: str) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        raise error

    link = answering(handler)
    for work in every_call(link):
        assert await code_of(work) == code
    await link.close()


@pytest.mark.parametrize("url", ["", "not an address", "ftp://hub", "http://", "http://hub:port"])
async def test_an_address_that_is_none_is_named_when_it_is_used(url: str) -> None:
    """A device opens with or without a network, whatever somebody typed."""
    link = HubLink(url)
    for work in every_call(link):
        assert await code_of(work) == "hub_unreachable"
    await link.close()


async def test_a_port_nobody_listens_on() -> None:
    async with raw_server(nothing) as link:
        pass
    link = HubLink(str(link._http.base_url))
    for work in every_call(link):
        assert await code_of(work) == "hub_unreachable"
    await link.close()


async def nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Hang up without a word."""


HEAD = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def frames(*messages: Message) -> list[bytes]:
    deflater = Deflater()
    return [deflater.pack(codec.encode(message)) for message in messages]


def sending(*pieces: bytes, cut: bool = False) -> Answer:
    """An answer in pieces; cut, the connection dies where the end should be."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        if cut:
            writer.transport.abort()

    return answer


HELLO, PING = PaperHub().hello(), Ping(NOON_MS)
STREAMS: dict[str, tuple[Answer, int, str]] = {
    "hung up at once": (nothing, 0, "hub_unreachable"),
    "cut in the head": (sending(HEAD[:20], cut=True), 0, "hub_unreachable"),
    "cut between two messages": (
        sending(HEAD, *map(chunk, frames(HELLO, PING)), cut=True),
        2,
        "hub_unreachable",
    ),
    "cut in a message": (
        sending(HEAD, chunk(frames(HELLO)[0]), chunk(frames(HELLO, PING)[1])[:-12], cut=True),
        1,
        "hub_unreachable",
    ),
    "noise": (sending(HEAD, chunk(b"\xff" * 500)), 0, "message_garbage"),
    "noise after a message": (
        sending(HEAD, chunk(frames(HELLO)[0]), chunk(b"\xff" * 500)),
        1,
        "message_garbage",
    ),
    "a page": (sending(HEAD, chunk(PAGE)), 0, "message_garbage"),
    "not HTTP at all": (sending(b"SSH-2.0-OpenSSH_9.6\r\n\r\n"), 0, "hub_unreachable"),
    "a bomb": (sending(HEAD, chunk(deflate(b" " * 40_000_000))), 0, "message_too_large"),
}


@pytest.mark.parametrize(("answer", "heard", "code"), STREAMS.values(), ids=STREAMS)
async def test_a_stream_that_goes_wrong_is_named_and_what_came_before_is_heard(
    answer: Answer, heard: int, code: str
) -> None:
    async with raw_server(answer) as link:
        messages: list[Message] = []

        async def read() -> None:
            async for some in link.pull("token", CURSOR):
                messages.extend(some)

        assert await code_of(read()) == code
        assert len(messages) == heard


async def test_a_stream_in_crumbs_is_read_all_the_same() -> None:
    stream = b"".join(frames(HELLO, PING, PING))
    crumbs = [chunk(stream[i : i + 1]) for i in range(len(stream))]
    async with raw_server(sending(HEAD, *crumbs, b"0\r\n\r\n")) as link:
        assert [type(message) for message in await pulled(link)] == [type(HELLO), Ping, Ping]


async def test_a_hub_that_falls_silent_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    quick = httpx.Timeout(0.05)
    monkeypatch.setattr(hub_link, "_STREAM_TIMEOUT", quick)
    done = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD + chunk(frames(HELLO)[0]))
        await writer.drain()
        await done.wait()

    async with raw_server(silent) as link:
        assert await code_of(pulled(link)) == "hub_unreachable"
        done.set()


async def test_a_request_says_who_asks_and_vouches_for_itself() -> None:
    asked: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return checked(200, deflate(pushes.encode_push_reply(PushReply(3, NOON_MS))))

    link = answering(handler)
    assert await link.push("token", Push(REPLICA, (b"{}",))) == PushReply(3, NOON_MS)
    (request,) = asked
    assert (request.method, request.url.path) == ("POST", "/v1/push")
    assert request.headers["authorization"] == "Bearer token"
    assert request.headers[CHECK_HEADER] == check_of(b"token", request.content)
    await link.close()
