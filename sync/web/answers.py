"""Answers that carry their check; errors as answers by one table of HTTP statuses; and a guard that
lets no traceback out."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final, TypeAlias

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from sync.errors import (
    BatchGap,
    DataError,
    HubBusy,
    HubFailed,
    HubUnreachable,
    MessageGarbage,
    MessageTooLarge,
    Rejection,
    ReplicaForked,
    SignInRefused,
    SignInRequired,
    StorageError,
    TokenExpired,
    TokenInvalid,
    TransactionError,
    WireError,
    ZavaError,
)
from sync.wire.frames import CHECK_HEADER, check_of

_OURS = (StorageError, TransactionError, HubFailed)
"""What no device can do anything about."""

Endpoint: TypeAlias = Callable[[Request], Awaitable[Response]]

_log = logging.getLogger(__name__)

STATUSES: Final[dict[type[ZavaError], HTTPStatus]] = {
    SignInRefused: HTTPStatus.UNAUTHORIZED,
    SignInRequired: HTTPStatus.UNAUTHORIZED,
    TokenExpired: HTTPStatus.UNAUTHORIZED,
    TokenInvalid: HTTPStatus.UNAUTHORIZED,
    Rejection: HTTPStatus.FORBIDDEN,
    HubUnreachable: HTTPStatus.REQUEST_TIMEOUT,
    ReplicaForked: HTTPStatus.CONFLICT,
    BatchGap: HTTPStatus.CONFLICT,
    MessageTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    WireError: HTTPStatus.BAD_REQUEST,
    DataError: HTTPStatus.BAD_REQUEST,
    HubBusy: HTTPStatus.TOO_MANY_REQUESTS,
    ZavaError: HTTPStatus.INTERNAL_SERVER_ERROR,
}
"""A class stands for its subclasses, unless they have a line of their own."""


def status_of(error: ZavaError) -> HTTPStatus:
    """The HTTP status of an error. Devices go by the code in the body; proxies by this."""
    return next(STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES)


def failure(error: ZavaError, status: int | None = None) -> Response:
    """An error as the JSON answer every device understands."""
    return checked(JSONResponse({"error": error.to_json()}, status or status_of(error)))


def checked(answer: Response) -> Response:
    """The answer with the check of its body; a stream's frames carry their own."""
    if not isinstance(answer, StreamingResponse):
        answer.headers[CHECK_HEADER] = check_of(bytes(answer.body))
    return answer


def guarded(endpoint: Endpoint) -> Endpoint:
    """The endpoint with every exception turned into an answer; what is our fault is logged."""

    async def run(request: Request) -> Response:
        try:
            return checked(await endpoint(request))
        except ClientDisconnect:
            return Response(status_code=HTTPStatus.BAD_REQUEST)  # nobody is left to read it
        except Exception as error:
            return failure(explained(error, request.url.path))

    return run


def explained(error: Exception, path: str) -> ZavaError:
    """What a device may know of an error: its cause if it can act on it, else ``HubFailed``."""
    if isinstance(error, ZavaError) and not isinstance(error, _OURS):
        return error
    _log.error("%s failed", path, exc_info=error)
    return HubFailed("The hub could not do this because of a fault of its own.")


async def no_such_route(request: Request, error: Exception) -> Response:
    """The answer where there is no route, or not for this method."""
    known = error if isinstance(error, HTTPException) else HTTPException(HTTPStatus.NOT_FOUND)
    what = f"{request.method} {request.url.path}"
    answer = failure(MessageGarbage(f"There is no {what[:80]} on this hub."), known.status_code)
    answer.headers.update(known.headers or {})  # which methods there are
    return answer
