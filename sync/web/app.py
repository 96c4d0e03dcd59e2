"""The routes over the hub: bytes in, one question to the hub in a worker thread, bytes out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from functools import partial

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sync.core.decode import parse_object, replica_id, short_text
from sync.core.values import check_value
from sync.errors import DataError, HubBusy, HubFailed, MessageGarbage, TokenInvalid
from sync.hub.engine import Hub
from sync.hub.outcome import outcome
from sync.ids import ReplicaId
from sync.peer.identity import Identity
from sync.peer.tokens import key_of, key_text
from sync.web import metrics
from sync.web.answers import guarded, no_such_route
from sync.web.bodies import (
    CURSOR_BYTES_MAX,
    PUSH_BYTES_MAX,
    PUSH_UNPACKED_BYTES_MAX,
    SIGN_IN_BYTES_MAX,
    bearer,
    read_body,
    read_checked,
)
from sync.web.limits import PushLimit
from sync.web.openapi import OPENAPI
from sync.web.streams import STREAM_SECONDS_MAX, FrameStream
from sync.web.together import Together
from sync.wire.frames import CHECK_HEADER, deflate, inflate

BATCH_MEDIA_TYPE = "application/x-zava-batch"
STREAMS_MAX = 2_000
"""Pulls held open at once; one for each device that is online."""
SIGN_INS_AT_ONCE_MAX = 2
SIGN_INS_WAITING_MAX = 32
"""More are told to come back, so that a flood of guesses never takes the threads sync needs."""


def create_app(
    hub: Hub,
    stopping: asyncio.Event | None = None,
    *,
    stream_seconds_max: float = STREAM_SECONDS_MAX,
) -> Starlette:
    """The ASGI app over one open hub. Setting ``stopping`` ends every open stream at once."""
    skin = _Skin(hub, stopping or asyncio.Event(), stream_seconds_max)
    app = Starlette(
        routes=[
            Route("/v1/sign-in", guarded(skin.sign_in), methods=["POST"]),
            Route("/v1/push", guarded(skin.push), methods=["POST"]),
            Route("/v1/pull", guarded(skin.pull), methods=["POST"]),
            Route("/v1/health", guarded(skin.health), methods=["GET"]),
            Route("/v1/metrics", guarded(skin.metrics), methods=["GET"]),
            Route("/v1/openapi.json", guarded(_openapi), methods=["GET"]),
        ],
        exception_handlers={HTTPException: no_such_route},
    )
    app.router.redirect_slashes = False  # a device follows nobody, and the address is its sender's
    return app


class _Skin:
    """The endpoints, and how many of the dear ones are under way."""

    def __init__(self, hub: Hub, stopping: asyncio.Event, stream_seconds_max: float) -> None:
        self._hub = hub
        self._stopping = stopping
        self._stream_seconds_max = stream_seconds_max
        self._streams = 0
        self._pushes = PushLimit(hub.clock)
        self._together = Together(hub.hand, self._push_all)
        self._sign_ins = 0
        self._door = asyncio.Semaphore(SIGN_INS_AT_ONCE_MAX)

    async def sign_in(self, request: Request) -> Response:
        checked = CHECK_HEADER in request.headers  # a person may sign in by hand, without one
        read = read_checked if checked else read_body
        asked = _credentials(await read(request, SIGN_IN_BYTES_MAX))
        if self._sign_ins >= SIGN_INS_WAITING_MAX:
            raise HubBusy("Too many people are signing in right now.")
        self._sign_ins += 1
        try:
            async with self._door:
                answer = await asyncio.to_thread(self._hub.sign_in, *asked)
        finally:
            self._sign_ins -= 1
        return JSONResponse(answer)

    async def push(self, request: Request) -> Response:
        token = bearer(request)
        named = self._hub.tokens.verify(token)
        self._pushes.spend(token)
        packed = await read_checked(request, PUSH_BYTES_MAX)
        answer = await self._together.run((named, packed))
        return Response(answer, media_type=BATCH_MEDIA_TYPE)

    def _push_all(self, asked: list[tuple[Identity, bytes]]) -> list[bytes | Exception]:
        """The packed answer to each of some packed pushes, or why there is none."""
        unpacked = [outcome(partial(self._unpacked, *each)) for each in asked]
        taken = iter(
            self._hub.push_all([each for each in unpacked if not isinstance(each, Exception)])
        )
        replies = [each if isinstance(each, Exception) else next(taken) for each in unpacked]
        return [each if isinstance(each, Exception) else deflate(each) for each in replies]

    def _unpacked(self, named: Identity, packed: bytes) -> tuple[Identity, bytes]:
        return self._hub.accounts.current(named), inflate(packed, PUSH_UNPACKED_BYTES_MAX)

    async def pull(self, request: Request) -> Response:
        named = self._hub.tokens.verify(bearer(request))
        cursor = parse_object(await read_checked(request, CURSOR_BYTES_MAX))
        if self._streams >= STREAMS_MAX:
            raise HubBusy(f"The hub serves {STREAMS_MAX} devices already.")
        identity = await asyncio.to_thread(self._hub.accounts.current, named)
        frames = self._hub.pull(identity, cursor)
        first = await _first(frames)
        self._streams += 1
        return FrameStream(
            first, frames, self._stopping, self._stream_ended, seconds_max=self._stream_seconds_max
        )

    def _stream_ended(self) -> None:
        self._streams -= 1

    async def health(self, request: Request) -> Response:
        return JSONResponse(await asyncio.to_thread(self._hub.status))

    async def metrics(self, request: Request) -> Response:
        status = await asyncio.to_thread(self._hub.status)
        return Response(metrics.page(status), media_type=metrics.MEDIA_TYPE)


async def _openapi(request: Request) -> Response:
    return JSONResponse(OPENAPI)


async def _first(frames: AsyncGenerator[bytes, None]) -> bytes:
    """The first frame, so that a refused pull is still an answer with a status of its own."""
    frame = await anext(frames, None)
    if frame is None:
        raise HubFailed("A pull gave nothing.")
    return frame


def _credentials(body: bytes) -> tuple[str, str, ReplicaId, str, str | None]:
    """Login, password, replica id, device name, and public key if the device has one."""
    fields = parse_object(body)
    password = fields.get("password")
    try:
        check_value(password)
    except DataError as error:
        raise MessageGarbage("The password is not Unicode text.") from error
    if not isinstance(password, str):
        raise MessageGarbage("A sign-in has no password.")
    return (
        short_text(fields.get("login"), "login"),
        password,
        replica_id(fields.get("replica_id")),
        short_text(fields.get("device_name"), "device name"),
        _key(fields.get("key")),
    )


def _key(text: object) -> str | None:
    try:
        return None if text is None else key_text(key_of(text))
    except TokenInvalid as error:
        raise MessageGarbage("The key of the device is not a public key.") from error
