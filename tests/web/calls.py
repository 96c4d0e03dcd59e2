"""What a device sends, and how an answer that refuses must look."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx

from sync.ids import ReplicaId
from sync.wire.codec import encode
from sync.wire.frames import deflate
from sync.wire.messages import Cursor, Push
from sync.wire.pushes import encode_push
from tests.web.conftest import ANA_REPLICA, PASSWORD

EMPTY_PUSH = deflate(encode_push(Push(ReplicaId(ANA_REPLICA), ())))
SIGN_IN = {
    "login": "ana",
    "password": PASSWORD,
    "replica_id": ANA_REPLICA,
    "device_name": "Handheld",
}


def cursor(**changes: Any) -> bytes:
    start = Cursor(ReplicaId(ANA_REPLICA), "Handheld", epoch="", seq=0, chain="", scope="")
    return encode(replace(start, **changes))


def assert_error(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    error: dict[str, Any] = answer.json()["error"]
    assert error["code"] == code
    assert error.keys() == {"code", "message", "remedy", "retryable"}
    assert "Traceback" not in answer.text
    return error
