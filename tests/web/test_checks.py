"""What a bad line or a proxy alters is noticed on both sides, and costs nobody a sign-in."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator

import httpx
import pytest

from sync.device import hub_link
from sync.device.hub_link import HubLink
from sync.errors import HubUnreachable, MessageGarbage, SignInRefused, ZavaError
from sync.ids import ReplicaId
from sync.wire.frames import CHECK_HEADER, check_of
from sync.wire.messages import Cursor
from tests.web.calls import EMPTY_PUSH, SIGN_IN, assert_error, cursor
from tests.web.conftest import ANA_REPLICA, Served

BODIES = {"/v1/push": EMPTY_PUSH, "/v1/pull": cursor()}


@pytest.mark.parametrize("path", BODIES)
async def test_an_altered_token_is_not_taken_for_a_forgery(served: Served, path: str) -> None:
    """A forged token needs a person; an altered one only needs to be sent again."""
    token = (await served.sign_in())["Authorization"].removeprefix("Bearer ")
    check = check_of(token.encode(), BODIES[path])
    other = token[:-1] + ("A" if token[-1] != "A" else "B")
    for headers in ({"Authorization": f"Bearer {other}"}, {"Authorizatiom": f"Bearer {token}"}):
        headers[CHECK_HEADER] = check
        answer = await served.client.post(path, content=BODIES[path], headers=headers)
        assert_error(answer, 400, "message_garbage")


@pytest.mark.parametrize("path", BODIES)
async def test_a_token_is_not_judged_when_its_check_was_altered_away(
    served: Served, path: str
) -> None:
    """Two flipped bits can hit a token and the name of its check."""
    headers = {"Authorization": "Bearer altered", "zava-chekk": check_of(b"true", BODIES[path])}
    async with httpx.AsyncClient(base_url=served.ready.url, trust_env=False) as line:
        answer = await line.post(path, content=BODIES[path], headers=headers)
    assert_error(answer, 400, "message_garbage")


@pytest.mark.parametrize("path", BODIES)
async def test_an_altered_body_is_garbage_though_it_could_be_read(
    served: Served, path: str
) -> None:
    headers = await served.sign_in()
    token = headers["Authorization"].removeprefix("Bearer ").encode()
    headers[CHECK_HEADER] = check_of(token, BODIES[path])
    body = cursor(seq=7) if path == "/v1/pull" else EMPTY_PUSH + b"x"
    answer = await served.client.post(path, content=body, headers=headers)
    assert_error(answer, 400, "message_garbage")


@pytest.mark.parametrize("path", BODIES)
async def test_no_check_is_garbage_too(served: Served, path: str) -> None:
    headers = {**await served.sign_in(), CHECK_HEADER: ""}
    answer = await served.client.post(path, content=BODIES[path], headers=headers)
    assert "check" in str(assert_error(answer, 400, "message_garbage")["message"])


async def test_a_person_may_sign_in_by_hand(served: Served) -> None:
    async with httpx.AsyncClient(base_url=served.ready.url, trust_env=False) as by_hand:
        assert (await by_hand.post("/v1/sign-in", json=SIGN_IN)).status_code == 200
        headers = {CHECK_HEADER: check_of(b"", b"something else")}
        answer = await by_hand.post("/v1/sign-in", json=SIGN_IN, headers=headers)
        assert_error(answer, 400, "message_garbage")


async def test_every_answer_carries_its_check(served: Served) -> None:
    headers = await served.sign_in()
    for answer in (
        await served.client.get("/v1/health"),
        await served.client.get("/nowhere"),
        await served.client.post("/v1/sign-in", json={**SIGN_IN, "password": "saw"}),
        await served.client.post("/v1/push", content=EMPTY_PUSH, headers=headers),
    ):
        assert answer.headers[CHECK_HEADER] == check_of(answer.content)


REFUSED = b'{"error":{"code":"sign_in_refused","message":"No."}}'
ANSWERS: dict[str, tuple[int, bytes, bytes, type[ZavaError]]] = {
    "a hub's refusal": (401, REFUSED, REFUSED, SignInRefused),
    "a refusal that was something else": (401, REFUSED, b"other", HubUnreachable),
    "a proxy's page": (502, b"<h1>Bad gateway</h1>", b"", HubUnreachable),
    "an altered answer": (200, b'{"token":"abc"}', b'{"token":"abd"}', MessageGarbage),
}


@pytest.mark.parametrize(("status", "body", "meant", "error"), ANSWERS.values(), ids=ANSWERS)
async def test_a_device_believes_only_a_hubs_own_word(
    status: int, body: bytes, meant: bytes, error: type[ZavaError]
) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        headers = {CHECK_HEADER: check_of(meant)}
        return httpx.Response(status, headers=headers, stream=httpx.ByteStream(body))

    link = HubLink("http://hub", httpx.MockTransport(answer))
    with pytest.raises(error) as caught:
        await link.sign_in("ana", "drill-42", ReplicaId(ANA_REPLICA), "Handheld")
    assert type(caught.value) is error
    await link.close()


async def test_bytes_without_messages_do_not_keep_a_pull_alive(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A flipped bit can turn all that follows, pings too, into one line without an end."""
    monkeypatch.setattr(hub_link, "MESSAGE_SECONDS_MAX", -1.0)

    async def endless_line() -> AsyncIterator[bytes]:
        packer = zlib.compressobj()
        for _ in range(1_000):
            yield packer.compress(b"ping") + packer.flush(zlib.Z_SYNC_FLUSH)

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=endless_line())

    link = HubLink("http://hub", httpx.MockTransport(answer))
    with pytest.raises(HubUnreachable):
        await anext(link.pull("token", Cursor(ReplicaId(ANA_REPLICA), "Handheld", "", 0, "", "")))
    await link.close()
