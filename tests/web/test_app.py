"""The routes over real sockets and the real engine, fed what strangers send."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import zlib
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from starlette.requests import Request

from sync.errors import DatabaseCorrupt
from sync.hub.accounts import Account
from sync.hub.identity import TOKEN_SECONDS_MAX, TokenSigner, new_signing_key
from sync.ids import ReplicaId, UserId
from sync.web import app, bodies
from sync.wire.frames import CHECK_HEADER, check_of, deflate, inflate
from sync.wire.messages import Push
from sync.wire.pushes import decode_push_reply, encode_push
from tests.web.calls import EMPTY_PUSH, SIGN_IN, assert_error, cursor
from tests.web.conftest import ANA, ANA_REPLICA, PASSWORD, Served
from tests.web.doubles import SeededEntropy


async def test_signing_in_gives_a_token_the_hub_accepts(served: Served) -> None:
    answer = await served.client.post("/v1/sign-in", json=SIGN_IN)
    assert answer.status_code == 200
    body = answer.json()
    assert body["hub_id"] == served.hub.hub_id
    assert body["user"]["role"] == "worker"
    assert body["device"]["device_code"]
    headers = {"Authorization": f"Bearer {body['token']}"}
    pushed = await served.client.post("/v1/push", content=EMPTY_PUSH, headers=headers)
    assert pushed.headers["content-type"] == "application/x-zava-batch"
    assert decode_push_reply(inflate(pushed.content, 1_000)).acked == 0


async def test_a_wrong_password_is_refused(served: Served) -> None:
    for changed in ({"password": "saw"}, {"login": "nobody"}):
        answer = await served.client.post("/v1/sign-in", json={**SIGN_IN, **changed})
        assert_error(answer, 401, "sign_in_refused")


async def test_guessing_passwords_is_slowed_down(served: Served) -> None:
    answers = [
        await served.client.post("/v1/sign-in", json={**SIGN_IN, "password": str(guess)})
        for guess in range(6)
    ]
    assert_error(answers[-1], 429, "hub_busy")


BAD_SIGN_INS = {
    "nothing": b"",
    "not json": b"\xff\x00login",
    "a list": b"[]",
    "deep": b"[" * 10_000,
    "no password": json.dumps({**SIGN_IN, "password": None}).encode(),
    "half a character": json.dumps({**SIGN_IN, "password": "\ud800"}).encode(),
    "half a character as login": json.dumps({**SIGN_IN, "login": "\ud800"}).encode(),
    "a number as login": json.dumps({**SIGN_IN, "login": 7}).encode(),
    "another replica id": json.dumps({**SIGN_IN, "replica_id": "../hub"}).encode(),
    "a long device name": json.dumps({**SIGN_IN, "device_name": "x" * 1_000}).encode(),
}


@pytest.mark.parametrize("body", BAD_SIGN_INS.values(), ids=BAD_SIGN_INS)
async def test_a_malformed_sign_in_is_garbage(served: Served, body: bytes) -> None:
    answer = await served.client.post("/v1/sign-in", content=body)
    assert_error(answer, 400, "message_garbage")


async def test_a_flood_of_sign_ins_is_turned_away(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "SIGN_INS_WAITING_MAX", 0)
    assert_error(await served.client.post("/v1/sign-in", json=SIGN_IN), 429, "hub_busy")


@pytest.mark.parametrize("path", ["/v1/push", "/v1/pull"])
@pytest.mark.parametrize("header", [None, "", "Bearer", "Basic YW5hOmRyaWxs"])
async def test_without_a_token_nothing_is_served(
    served: Served, path: str, header: str | None
) -> None:
    headers = {} if header is None else {"Authorization": header}
    answer = await served.client.post(path, content=b"x", headers=headers)
    assert_error(answer, 401, "sign_in_required")


@pytest.mark.parametrize("path", ["/v1/push", "/v1/pull"])
async def test_an_expired_token_is_told_apart(served: Served, path: str) -> None:
    headers = await served.sign_in()
    served.clock.move(seconds=TOKEN_SECONDS_MAX)
    answer = await served.client.post(path, content=b"x", headers=headers)
    assert_error(answer, 401, "token_expired")


@pytest.mark.parametrize("path", ["/v1/push", "/v1/pull"])
async def test_a_forged_token_is_invalid(served: Served, path: str) -> None:
    entropy = SeededEntropy(99)
    forger = TokenSigner(new_signing_key(entropy), served.hub.hub_id, served.clock, entropy)
    headers = {"Authorization": f"Bearer {forger.issue(ANA.identity).text}"}
    answer = await served.client.post(path, content=b"x", headers=headers)
    assert_error(answer, 401, "token_invalid")


async def test_closing_an_account_closes_its_tokens(served: Served) -> None:
    headers = await served.sign_in()
    served.hub.accounts.set_disabled("ana", True)
    for path, body in (("/v1/push", EMPTY_PUSH), ("/v1/pull", cursor())):
        answer = await served.client.post(path, content=body, headers=headers)
        assert_error(answer, 401, "token_invalid")


BAD_PUSHES = {
    "nothing": (b"", 400, "message_garbage"),
    "not packed": (b'{"v":1}', 400, "message_garbage"),
    "cut short": (EMPTY_PUSH[:-5], 400, "message_garbage"),
    "packed garbage": (zlib.compress(b"\x00garbage"), 400, "message_garbage"),
    "packed text": (zlib.compress(b'"batches"'), 400, "message_garbage"),
    "another version": (zlib.compress(b'{"v":99,"batches":[]}'), 400, "version_unknown"),
    "a batch of nonsense": (
        deflate(encode_push(Push(ReplicaId(ANA_REPLICA), (b"{}",)))),
        400,
        "version_unknown",
    ),
    "another device": (
        deflate(encode_push(Push(ReplicaId("b" * 32), ()))),
        401,
        "sign_in_required",
    ),
}


@pytest.mark.parametrize(("body", "status", "code"), BAD_PUSHES.values(), ids=BAD_PUSHES)
async def test_a_bad_push_has_a_name(served: Served, body: bytes, status: int, code: str) -> None:
    before = served.hub.status()["seq"]
    headers = await served.sign_in()
    registered = served.hub.status()["seq"]
    answer = await served.client.post("/v1/push", content=body, headers=headers)
    assert_error(answer, status, code)
    assert served.hub.status()["seq"] == registered == before + 1


async def test_a_bomb_does_not_go_off(served: Served) -> None:
    bomb = zlib.compress(bytes(500 * 1_048_576), 9)
    assert len(bomb) < 1_048_576
    answer = await served.client.post("/v1/push", content=bomb, headers=await served.sign_in())
    assert_error(answer, 413, "message_too_large")


async def test_a_hundred_megabytes_are_refused_and_the_hub_stays_up(served: Served) -> None:
    headers = await served.sign_in()
    headers[CHECK_HEADER] = check_of(token_in(headers), b"of no matter: it is too large to read")
    megabyte = bytes(1_048_576)

    async def endless() -> AsyncGenerator[bytes, None]:
        for _ in range(100):
            yield megabyte

    for content in (megabyte * 100, endless()):
        answer = await served.client.post("/v1/push", content=content, headers=headers)
        assert_error(answer, 413, "message_too_large")
    assert (await served.client.get("/v1/health")).status_code == 200


async def test_a_sender_who_falls_silent_is_let_go(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "CHUNK_SECONDS_MAX", 0.05)
    headers = await served.sign_in()
    reader, writer = await asyncio.open_connection("127.0.0.1", served.ready.port)
    lines = [
        "POST /v1/push HTTP/1.1",
        "Host: hub",
        "Content-Length: 10",
        f"Authorization: {headers['Authorization']}",
        f"{CHECK_HEADER}: {check_of(token_in(headers), b'never sent')}",
    ]
    writer.write("\r\n".join([*lines, "", "abc"]).encode())
    head = await reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 408")
    writer.close()
    await writer.wait_closed()


async def test_reading_a_body_leaves_nothing_to_be_closed_later() -> None:
    pieces = [b"some", b"", b"thing"]
    left = [
        {"type": "http.request", "body": piece, "more_body": number < len(pieces)}
        for number, piece in enumerate(pieces, 1)
    ]

    async def receive() -> dict[str, Any]:
        return left.pop(0)

    begun: list[object] = []
    before = sys.get_asyncgen_hooks()
    sys.set_asyncgen_hooks(firstiter=begun.append)
    try:
        read = await bodies.read_body(Request({"type": "http"}, receive), 100)
    finally:
        sys.set_asyncgen_hooks(*before)
    assert read == b"something"
    assert begun == []


def token_in(headers: dict[str, str]) -> bytes:
    return headers["Authorization"].removeprefix("Bearer ").encode()


async def test_somebody_elses_device_is_not_served(served: Served) -> None:
    served.hub.accounts.add(
        Account("ben", UserId("user_ben"), "rep", "store_seattle", "SEA", "Ben Carter"), PASSWORD
    )
    theirs = ReplicaId("b" * 32)
    body = {**SIGN_IN, "login": "ben", "replica_id": theirs}
    assert (await served.client.post("/v1/sign-in", json=body)).status_code == 200
    headers = await served.sign_in()
    for path, content in (
        ("/v1/push", deflate(encode_push(Push(theirs, ())))),
        ("/v1/pull", cursor(replica=theirs)),
    ):
        answer = await served.client.post(path, content=content, headers=headers)
        assert_error(answer, 401, "sign_in_required")


@pytest.mark.parametrize("fault", [RuntimeError("secret"), DatabaseCorrupt("/secret/hub.sqlite")])
async def test_our_own_faults_are_logged_and_not_told(
    served: Served,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    fault: Exception,
) -> None:
    def broken() -> dict[str, Any]:
        raise fault

    monkeypatch.setattr(served.hub, "status", broken)
    with caplog.at_level(logging.ERROR, logger="sync.web"):
        answer = await served.client.get("/v1/health")
    assert assert_error(answer, 500, "hub_failed")["retryable"]
    assert "secret" not in answer.text
    assert "secret" in caplog.text


async def test_health_tells_a_stranger_only_that_it_works(served: Served) -> None:
    answer = await served.client.get("/v1/health")
    assert answer.status_code == 200
    assert answer.json()["hub_id"] == served.hub.hub_id


async def test_an_unknown_route_is_answered_in_our_words(served: Served) -> None:
    assert_error(await served.client.get("/"), 404, "message_garbage")
    wrong_method = await served.client.get("/v1/push")
    assert_error(wrong_method, 405, "message_garbage")
    assert wrong_method.headers["allow"] == "POST"
