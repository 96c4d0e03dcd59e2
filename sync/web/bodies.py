"""Requests, read with suspicion: never more bytes than allowed, never for ever (S8), and only as
they were sent: who asks and what is asked carry a check each (``wire.frames``).

A token altered on the way is ``message_garbage``, which a device sends again by itself. Taken for a
forgery it would need a person.
"""

from __future__ import annotations

import asyncio

from starlette.requests import ClientDisconnect, Request

from sync.core.batch import BATCH_BYTES_MAX
from sync.errors import HubUnreachable, MessageGarbage, MessageTooLarge, SignInRequired
from sync.wire.frames import CHECK_HEADER, check_of

SIGN_IN_BYTES_MAX = 16_384
CURSOR_BYTES_MAX = 262_144
"""With as many subscriptions as there may be, every quote in them escaped."""
PUSH_BYTES_MAX = 8 * 1_048_576
"""Packed. A full batch of real data packs to a tenth of ``BATCH_BYTES_MAX``."""
PUSH_UNPACKED_BYTES_MAX = 2 * BATCH_BYTES_MAX
"""The largest batch fits even where its text is escaped once more."""
BODY_SECONDS_MAX = 120
"""For a whole body: 8 MiB at half a megabit a second."""
CHUNK_SECONDS_MAX = 20
"""For the next bytes of a body; a sender silent for longer is gone."""
DISCARD_BYTES_MAX = 256 * 1_048_576
"""How much of an oversized body is read and thrown away, so that its sender, who sends before it
listens, gets to hear why it was refused."""


def bearer(request: Request) -> str:
    """The token of the request. Raises ``SignInRequired``, or ``MessageGarbage`` if altered.

    A request without a check is garbage: what altered its name may have altered the token too.
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    token = token.strip() if scheme.lower() == "bearer" else ""
    expected, _, _ = request.headers.get(CHECK_HEADER, "").partition(" ")
    if expected != check_of(token.encode()):
        why = "was altered on the way" if expected else f"comes without a {CHECK_HEADER}"
        raise MessageGarbage(f"The token {why}.")
    if not token:
        raise SignInRequired("The request carries no token.")
    return token


async def read_checked(request: Request, bytes_max: int) -> bytes:
    """``read_body``, and ``MessageGarbage`` unless it is what the check of the request says."""
    body = await read_body(request, bytes_max)
    _, _, expected = request.headers.get(CHECK_HEADER, "").partition(" ")
    if expected != check_of(body):
        why = "was altered on the way" if expected else f"has no {CHECK_HEADER}"
        raise MessageGarbage(f"The message {why}.")
    return body


async def read_body(request: Request, bytes_max: int) -> bytes:
    """The body. ``MessageTooLarge`` over ``bytes_max``; ``HubUnreachable`` if it stops coming."""
    try:
        async with asyncio.timeout(CHUNK_SECONDS_MAX) as patience:
            return await _read(request, bytes_max, patience)
    except TimeoutError as error:
        raise HubUnreachable("The message did not arrive in time.") from error


async def _read(request: Request, bytes_max: int, patience: asyncio.Timeout) -> bytes:
    kept = bytearray()
    size, more = 0, True
    time = asyncio.get_running_loop().time
    latest = time() + BODY_SECONDS_MAX
    while more and size <= DISCARD_BYTES_MAX:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        chunk, more = message.get("body", b""), message.get("more_body", False)
        size += len(chunk)
        if size <= bytes_max:
            kept += chunk
        else:
            kept.clear()
        if more and chunk:
            patience.reschedule(min(latest, time() + CHUNK_SECONDS_MAX))
    if size > bytes_max:
        raise MessageTooLarge(f"The message has more than {bytes_max} bytes.")
    return bytes(kept)
