"""One change stream of MongoDB, read page by page: what one request to the server brought.

Nothing is read ahead: a page is asked for when somebody wants it, so that an empty one tells that
nothing had happened when it was answered. What an event means is not decided here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeAlias

from pymongo.asynchronous.change_stream import AsyncChangeStream
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import OperationFailure, PyMongoError

from sync.connector.connection import translated
from sync.errors.mongo import PositionLost

Change: TypeAlias = dict[str, Any]
"""A change document as the driver decoded it."""
Token: TypeAlias = Mapping[str, Any]
"""A resume token; nobody looks inside."""
Target: TypeAlias = AsyncDatabase[Change] | AsyncCollection[Change]

AWAIT_MS = 250
"""How long the server may hold an empty answer back; also how long it takes at most until a
finished transaction is known as finished."""
PAGE_EVENTS_MAX = 1_000
"""Events of one request, and of one commit of the hub: a tenth of a second. What waits beyond stays
with the server: back-pressure begins there."""

_SPLIT: Change = {"$changeStreamSplitLargeEvent": {}}
_UNKNOWN_STAGE = frozenset({9, 40_324, 6_188_500})
"""What servers answer that know no such stage."""
_TOO_LARGE = 10_334
"""BSONObjectTooLarge: an event over 16 MiB, which this server does not split."""
_FRAGMENT_ONLY = ("_id", "splitEvent")


@dataclass(frozen=True, slots=True)
class Page:
    """What one request brought, in order, and the place after it."""

    changes: tuple[Change, ...]
    token: Token | None


class Stream:
    """A change stream that is opened again by itself where the server let go of its cursor."""

    def __init__(
        self,
        target: Target,
        pipeline: Sequence[Change] = (),
        *,
        after: Token | None = None,
        look_up: bool = False,
    ) -> None:
        """``after`` None begins at the moment of ``open``. ``look_up`` asks for the document as it
        is when an update is delivered."""
        self._target = target
        self._pipeline = list(pipeline)
        self._token = after
        self._look_up = look_up
        self._stream: AsyncChangeStream[Change] | None = None

    async def open(self) -> None:
        """Take the place in the server's history. ``PositionLost``, or what ``told`` says."""
        with translated():
            stream = await self._opened()
        self._stream = stream
        if self._token is None:
            self._token = stream.resume_token

    @property
    def token(self) -> Token | None:
        """The place up to which pages were read; None where the server has not told yet."""
        return self._token

    async def page(self) -> Page:
        """Ask once. A change in pieces is put together, however many requests that takes."""
        with translated():
            return await self._page()

    async def close(self) -> None:
        """Let the cursor go."""
        stream, self._stream = self._stream, None
        if stream is not None:
            with suppress(PyMongoError):  # the server may be gone, and its cursor with it
                await stream.close()

    async def _opened(self) -> AsyncChangeStream[Change]:
        options: dict[str, Any] = {"batch_size": PAGE_EVENTS_MAX, "max_await_time_ms": AWAIT_MS}
        if self._token is not None:
            options["resume_after"] = self._token
        if self._look_up:
            options["full_document"] = "updateLookup"
        try:
            return await self._target.watch([*self._pipeline, _SPLIT], **options)
        except OperationFailure as error:
            if error.code not in _UNKNOWN_STAGE:
                raise
            return await self._target.watch(self._pipeline, **options)

    async def _page(self) -> Page:
        if self._stream is None or not self._stream.alive:
            self._stream = await self._opened()
        stream, changes, pieces = self._stream, [], Pieces()
        change = await self._next(stream)
        while change is not None:
            whole = pieces.add(change)
            if whole is not None:
                changes.append(whole)
            more = stream._cursor._has_next() or not pieces.is_empty
            change = await self._next(stream) if more else None
        if pieces.is_empty and stream.resume_token is not None:
            self._token = stream.resume_token
        return Page(tuple(changes), self._token)

    async def _next(self, stream: AsyncChangeStream[Change]) -> Change | None:
        try:
            return await stream.try_next()
        except OperationFailure as error:
            if error.code == _TOO_LARGE:
                message = "A change is too large for this server to tell (over 16 MiB)."
                raise PositionLost(message) from None
            raise


class Pieces:
    """Puts a change together that the server split because it was too large."""

    def __init__(self) -> None:
        self._change: Change = {}

    @property
    def is_empty(self) -> bool:
        """Whether no change is under way."""
        return not self._change

    def add(self, change: Change) -> Change | None:
        """The change if it is whole with this piece. Its place is that of its last piece."""
        place = change.get("splitEvent")
        if place is None:
            return change
        joined(self._change, {k: v for k, v in change.items() if k not in _FRAGMENT_ONLY})
        if place["fragment"] < place["of"]:
            return None
        whole, self._change = {**self._change, "_id": change["_id"]}, {}
        return whole


def joined(into: Change, piece: Mapping[str, Any]) -> None:
    """Put the fields of a piece in place; parts of one map may come in several."""
    for name, value in piece.items():
        held = into.get(name)
        if isinstance(held, dict) and isinstance(value, dict):
            joined(held, value)
        else:
            into[name] = value
