"""The answer to a pull: a stream until the device leaves, the hub stops or time is up."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from sync.wire.frames import Deflater

MEDIA_TYPE = "application/x-zava-frames"
STREAM_SECONDS_MAX = 3_600
"""Then the device reconnects from its cursor, and who it is and what it may read is asked anew."""
LARGE_FRAME_BYTES = 65_536
"""Packing more than this would hold up the event loop for milliseconds, so a thread does it."""
_FAREWELL_SECONDS_MAX = 1
"""How long the end of a stream waits for a device that does not read."""

_log = logging.getLogger(__name__)


class FrameStream(StreamingResponse):
    """Frames as one zlib stream, flushed after each. Closes ``frames`` however it ends.

    ``first`` is the frame already taken from ``frames``, to know that there are any.
    """

    def __init__(
        self,
        first: bytes,
        frames: AsyncGenerator[bytes, None],
        stopping: asyncio.Event,
        ended: Callable[[], None],
        *,
        seconds_max: float = STREAM_SECONDS_MAX,
    ) -> None:
        super().__init__(frames, media_type=MEDIA_TYPE, headers={"cache-control": "no-store"})
        self._first = first
        self._frames = frames
        self._stopping = stopping
        self._ended = ended
        self._seconds_max = seconds_max

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        sending = asyncio.create_task(self.stream_response(send))
        leaving = asyncio.create_task(_left(receive))
        watched = (sending, leaving, asyncio.create_task(self._stopping.wait()))
        try:
            await asyncio.wait(
                watched, timeout=self._seconds_max, return_when=asyncio.FIRST_COMPLETED
            )
            present = not leaving.done()
        finally:
            for task in watched:
                task.cancel()
            outcome, *_ = await asyncio.gather(*watched, return_exceptions=True)
            await self._frames.aclose()
            self._ended()
        if isinstance(outcome, Exception) and not isinstance(outcome, OSError):
            _log.error("a pull broke off", exc_info=outcome)
        if present and outcome is not None:
            await _end(send)

    async def stream_response(self, send: Send) -> None:
        """Send every frame; returns when there are no more."""
        headers = self.raw_headers
        await send({"type": "http.response.start", "status": self.status_code, "headers": headers})
        deflater = Deflater()
        await _send_packed(send, deflater, self._first)
        async for frame in self._frames:
            await _send_packed(send, deflater, frame)
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _send_packed(send: Send, deflater: Deflater, frame: bytes) -> None:
    if len(frame) > LARGE_FRAME_BYTES:
        packed = await asyncio.to_thread(deflater.pack, frame)
    else:
        packed = deflater.pack(frame)
    await send({"type": "http.response.body", "body": packed, "more_body": True})


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _end(send: Send) -> None:
    """End the response, unless the device neither reads nor is there any more."""
    with suppress(OSError, TimeoutError):
        async with asyncio.timeout(_FAREWELL_SECONDS_MAX):
            await send({"type": "http.response.body", "body": b"", "more_body": False})
