"""HTTP to the hub: sign in, push, and the streaming pull. Translates every failure (httpx's door).

Nothing here decides; nothing here knows the replica.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from sync.core.decode import parse_object
from sync.errors import HubFailed, HubUnreachable, MessageGarbage, ZavaError, from_json
from sync.ids import ReplicaId
from sync.wire.codec import decode, encode
from sync.wire.frames import CHECK_HEADER, Inflater, check_of, deflate, inflate
from sync.wire.messages import Cursor, Message, Push, PushReply
from sync.wire.pushes import decode_push_reply, encode_push

CONNECT_SECONDS_MAX = 5.0
ANSWER_SECONDS_MAX = 30.0
SILENCE_SECONDS_MAX = 40.0
"""A pull this quiet is dead: the hub pings every 15 seconds."""
MESSAGE_SECONDS_MAX = 300.0
"""For one message of a pull: the largest over a line as slow as they get. A flipped bit can make
a line swallow all that follow, and then bytes that arrive say nothing about life."""
ANSWER_BYTES_MAX = 1_048_576

_TIMEOUT = httpx.Timeout(ANSWER_SECONDS_MAX, connect=CONNECT_SECONDS_MAX)
_STREAM_TIMEOUT = httpx.Timeout(
    ANSWER_SECONDS_MAX, connect=CONNECT_SECONDS_MAX, read=SILENCE_SECONDS_MAX
)


class HubLink:
    """One device's way to one hub. ``transport`` lets tests stand a hub or a bad network behind."""

    def __init__(self, url: str, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._http = httpx.AsyncClient(
            base_url=_address(url), timeout=_TIMEOUT, transport=transport, trust_env=False
        )

    async def close(self) -> None:
        """Close every connection."""
        await self._http.aclose()

    async def sign_in(
        self,
        login: str,
        password: str,
        replica: ReplicaId,
        device_name: str,
        key: str | None = None,
    ) -> dict[str, Any]:
        """The hub's answer to a sign-in (``SignInRefused``, ``HubUnreachable``, …)."""
        fields = {
            **({} if key is None else {"key": key}),
            **{"login": login, "password": password},
            **{"replica_id": replica, "device_name": device_name},
        }
        return parse_object(await self._post("/v1/sign-in", json.dumps(fields).encode(), None))

    async def push(self, token: str, push: Push) -> PushReply:
        """Push batches; the hub's word on how far it holds them."""
        body = deflate(encode_push(push))
        answer = await self._post("/v1/push", body, token)
        return decode_push_reply(inflate(answer, ANSWER_BYTES_MAX))

    async def pull(self, token: str, cursor: Cursor) -> AsyncGenerator[list[Message], None]:
        """What the hub sends, as it arrives: each item is all messages of one network chunk."""
        body = encode(cursor)
        async with (
            _translated(),
            self._http.stream(
                "POST",
                "/v1/pull",
                content=body,
                headers=_headers(token, body),
                timeout=_STREAM_TIMEOUT,
            ) as response,
        ):
            if response.status_code != httpx.codes.OK:
                raise _refusal(response, await _bounded(response))
            inflater = Inflater()
            clock = asyncio.get_running_loop()
            heard = clock.time()
            async for chunk in response.aiter_raw():
                messages = [decode(line) for line in inflater.feed(chunk)]
                if messages:
                    yield messages
                    heard = clock.time()
                elif clock.time() - heard > MESSAGE_SECONDS_MAX:
                    raise HubUnreachable("The hub sends bytes, and no message comes of them.")

    async def _post(self, path: str, body: bytes, token: str | None) -> bytes:
        async with (
            _translated(),
            self._http.stream(
                "POST", path, content=body, headers=_headers(token, body)
            ) as response,
        ):
            answer = await _bounded(response)
            if response.status_code != httpx.codes.OK:
                raise _refusal(response, answer)
            if not _is_whole(response, answer):
                raise MessageGarbage("The answer is no hub's, or was altered on the way.")
            return answer


def _address(url: str) -> str:
    """The address, or none at all where httpx would not even look at it: each call says so then,
    and a device opens whatever somebody typed."""
    try:
        return str(httpx.URL(url))
    except httpx.InvalidURL:
        return ""


def _headers(token: str | None, body: bytes) -> dict[str, str]:
    headers = {CHECK_HEADER: check_of((token or "").encode(), body)}
    return headers if token is None else {**headers, "authorization": f"Bearer {token}"}


def _is_whole(response: httpx.Response, answer: bytes) -> bool:
    return bool(response.headers.get(CHECK_HEADER) == check_of(answer))


async def _bounded(response: httpx.Response) -> bytes:
    answer = bytearray()
    async for chunk in response.aiter_raw():
        answer += chunk
        if len(answer) > ANSWER_BYTES_MAX:
            raise MessageGarbage("The answer is larger than any answer of a hub.")
    return bytes(answer)


def _refusal(response: httpx.Response, answer: bytes) -> ZavaError:
    """The error an answer stands for. Only a hub's own word is taken for one, because some send
    people to sign in again: a proxy's error page counts as an unreachable hub."""
    if not _is_whole(response, answer):
        status = response.status_code
        return HubUnreachable(f"Something between here and the hub answered with status {status}.")
    body = parse_object(answer)
    if "error" not in body:
        return HubFailed(f"The hub answered {response.status_code}.")
    return from_json(body["error"])


@asynccontextmanager
async def _translated() -> AsyncIterator[None]:
    try:
        yield
    except (httpx.TransportError, httpx.InvalidURL) as error:
        raise HubUnreachable(_in_words(error)) from error


def _in_words(error: Exception) -> str:
    """What a person can make of a failed connection."""
    match error:
        case httpx.InvalidURL() | httpx.UnsupportedProtocol():
            return "The address of the hub is not one that can be reached."
        case httpx.TimeoutException():
            return "The hub does not answer in time."
        case httpx.ConnectError():
            return "The hub cannot be reached from here."
        case _:
            return "The connection to the hub was cut."
