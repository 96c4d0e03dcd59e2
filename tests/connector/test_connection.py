"""The door to MongoDB: addresses, errors, and a password that stays inside."""

from __future__ import annotations

import traceback

import pytest
from pymongo.errors import AutoReconnect, OperationFailure, ServerSelectionTimeoutError

from sync.connector.connection import SOCKET_MS_MAX, connect, redacted, told, translated
from sync.errors import ZavaError
from sync.errors.mongo import (
    ChangeStreamsMissing,
    MongoAddressInvalid,
    MongoFailed,
    MongoRefused,
    MongoUnreachable,
    PositionLost,
)


@pytest.mark.parametrize(
    ("uri", "shown"),
    [
        ("mongodb://127.0.0.1:27017/?replicaSet=rs0", "mongodb://127.0.0.1:27017/"),
        ("mongodb://ana:s3cret@db.example/zava", "mongodb://ana:…@db.example/zava"),
        ("mongodb+srv://ana:s3%40cret@db.example", "mongodb+srv://ana:…@db.example"),
        ("mongodb://ana:s3/cr@et@db.example/zava", "mongodb://…"),
        ("mongodb://ana:s3cret:x@y@db/?tls=true", "mongodb://ana:…@db/"),
        ("s3cret", "…"),
    ],
)
def test_an_address_is_shown_without_its_password(uri: str, shown: str) -> None:
    assert redacted(uri) == shown


@pytest.mark.parametrize(
    "uri",
    [
        "mongodb://ana:s3cret@db.example:99999999",
        "mongodb://ana:s3cret/cret@db.example",
        "mongodb://ana:s3cret@@db.example",
        "mongodb://ana:s3cret@db.example/?authSource=",
        "http://ana:s3cret@db.example",
    ],
)
def test_a_password_is_in_no_error_about_the_address(uri: str) -> None:
    with pytest.raises(MongoAddressInvalid) as caught:
        connect(uri)
    assert "s3cret" not in "".join(traceback.format_exception(caught.value, chain=True)[-1:])
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


async def test_what_the_address_says_holds_and_the_rest_is_ours() -> None:
    client = connect("mongodb://db.example/?replicaSet=rs0&serverselectiontimeoutms=300")
    assert client.options.server_selection_timeout == 0.3
    assert client.options.pool_options.socket_timeout == SOCKET_MS_MAX / 1_000
    assert client.options.pool_options.appname == "zava-connector"
    await client.close()


@pytest.mark.parametrize(
    ("raised", "kind"),
    [
        (OperationFailure("not authorized", 13), MongoRefused),
        (OperationFailure("Authentication failed.", 18), MongoRefused),
        (OperationFailure("the resume point may no longer be in the oplog", 286), PositionLost),
        (OperationFailure("only supported on replica sets", 40573), ChangeStreamsMissing),
        (OperationFailure("not primary", 10107), MongoUnreachable),
        (OperationFailure("x", 1, {"errorLabels": ["RetryableWriteError"]}), MongoUnreachable),
        (OperationFailure("what is this", 99_999), MongoFailed),
        (AutoReconnect("connection closed"), MongoUnreachable),
        (ServerSelectionTimeoutError("no primary, Timeout: 5.0s"), MongoUnreachable),
    ],
)
def test_what_the_driver_raises_has_a_name_here(
    raised: OperationFailure, kind: type[ZavaError]
) -> None:
    with pytest.raises(kind), translated():
        raise raised


def test_a_reason_is_one_sentence() -> None:
    raised = OperationFailure("not primary, full error: {'ok': 0, 'hosts': ['a', 'b']}", 10107)
    assert str(told(raised)) == "MongoDB cannot do this now: not primary."
