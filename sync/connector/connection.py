"""The door to MongoDB: a client, and its errors as ours. A password leaves through neither."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

from bson.codec_options import DatetimeConversion
from pymongo import AsyncMongoClient
from pymongo.errors import (
    AutoReconnect,
    ConfigurationError,
    ConnectionFailure,
    ExecutionTimeout,
    InvalidURI,
    OperationFailure,
    PyMongoError,
)

from sync.errors import ZavaError
from sync.errors.mongo import (
    ChangeStreamsMissing,
    MongoAddressInvalid,
    MongoFailed,
    MongoRefused,
    MongoUnreachable,
    PositionLost,
)

Client: TypeAlias = AsyncMongoClient[dict[str, Any]]

SERVER_SELECTION_MS_MAX = 5_000
"""How long to look for a primary before the loops above pause and begin anew."""
CONNECT_MS_MAX = 5_000
SOCKET_MS_MAX = 60_000
"""A server that says nothing for so long is gone; well over the await time of a stream."""
_UNLESS_SAID: dict[str, Any] = {
    "appname": "zava-connector",
    "connectTimeoutMS": CONNECT_MS_MAX,
    "serverSelectionTimeoutMS": SERVER_SELECTION_MS_MAX,
    "socketTimeoutMS": SOCKET_MS_MAX,
}
"""What the address may say otherwise; the driver would take our word and not the address's."""

_REFUSED = frozenset({13, 18, 8000})
"""Unauthorized, AuthenticationFailed, AtlasError."""
_LOST = frozenset({136, 260, 280, 286})
"""CappedPositionLost, InvalidResumeToken, ChangeStreamFatalError, ChangeStreamHistoryLost."""
_NO_STREAMS = frozenset({40573})
"""«The $changeStream stage is only supported on replica sets»."""


def connect(uri: str) -> Client:
    """A client of the server at ``uri``, by what that says; connects when it is first used.

    Raises ``MongoAddressInvalid``, without the password.
    """
    options = uri.rpartition("?")[2].replace(";", "&").split("&")
    said = {option.partition("=")[0].lower() for option in options}
    ours = {name: value for name, value in _UNLESS_SAID.items() if name.lower() not in said}
    dates = DatetimeConversion.DATETIME_AUTO
    try:
        return AsyncMongoClient(uri, datetime_conversion=dates, tz_aware=True, **ours)
    except (ConfigurationError, InvalidURI, ValueError, TypeError) as error:
        # What the driver says may quote any part of a password that was not encoded.
        why = "" if "@" in uri else f" {_reason(error)}"
        message = f"{redacted(uri)} cannot be read as the address of a MongoDB.{why}"
        raise MongoAddressInvalid(message) from None


def redacted(uri: str) -> str:
    """The connection string without its password, fit for screens and logs."""
    scheme, found, rest = uri.partition("://")
    if not found:
        return "…"
    place, slash, options = rest.partition("/")
    user, at, hosts = place.rpartition("@")
    if "@" in options:  # a slash in a password that should have been encoded
        return f"{scheme}://…"
    name, colon, _ = user.partition(":")
    shown = f"{name}:…" if colon else name
    return f"{scheme}://{shown}{at}{hosts}{slash}{options.partition('?')[0]}"


@contextmanager
def translated() -> Iterator[None]:
    """The driver's errors as ours. Chains are cut: what is below may quote the address."""
    try:
        yield
    except PyMongoError as error:
        raise told(error) from None


def told(error: PyMongoError) -> ZavaError:
    """The named error for what the driver raised."""
    reason = _reason(error)
    if isinstance(error, OperationFailure):
        if is_refusal(error):
            return MongoRefused(f"MongoDB refuses: {reason}")
        if error.code in _LOST:
            return PositionLost(f"MongoDB no longer has the changes since then: {reason}")
        if error.code in _NO_STREAMS:
            return ChangeStreamsMissing(f"MongoDB delivers no changes: {reason}")
    if isinstance(error, ConnectionFailure | AutoReconnect | ExecutionTimeout):
        return MongoUnreachable(f"MongoDB does not answer: {reason}")
    if isinstance(error, OperationFailure) and is_passing(error):
        return MongoUnreachable(f"MongoDB cannot do this now: {reason}")
    return MongoFailed(f"MongoDB could not do this: {reason}")


_PASSING = frozenset({6, 7, 63, 89, 91, 133, 150, 189, 234, 262, 9001, 10107, 11600, 11602})
_PASSING_LABELS = ("RetryableWriteError", "ResumableChangeStreamError", "TransientTransactionError")
"""What a step-down, an election or a shutting down server answers: codes of the driver's
specification, for servers that set no labels on errors."""
_NOT_PRIMARY = frozenset({13388, 13435, 13436})


def is_passing(error: OperationFailure) -> bool:
    """Whether the same call can succeed once the replica set has found itself again."""
    if any(error.has_error_label(label) for label in _PASSING_LABELS):
        return True
    return error.code in _PASSING | _NOT_PRIMARY


def is_refusal(error: OperationFailure) -> bool:
    """Whether the user may not do this."""
    return error.code in _REFUSED


def _reason(error: Exception) -> str:
    """The first line of what the driver says, without the server descriptions it appends."""
    text = str(error).partition(", full error:")[0].partition(" (configured timeouts:")[0]
    return text.splitlines()[0].rstrip(".") + "." if text else f"{type(error).__name__}."
