"""Whatever comes in, the hub answers with a named error of a fitting status and goes on serving."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.ids import Json
from sync.wire.frames import CHECK_HEADER, check_of, deflate
from tests.fuzz.routes import (
    PATHS,
    Target,
    assert_named,
    header_texts,
    spelt,
    target,
    tokens,
    wrong,
)

NOTES = ["gift", 1.5, None]
METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"]


@pytest.fixture(scope="module")
def hub() -> Iterator[Target]:
    with target() as each:
        yield each


def test_honest_messages_are_taken() -> None:
    """Else everything below would be refused for one and the same reason."""
    with target() as hub:
        assert assert_named(hub.push(hub.batches)) == "ok"
        assert assert_named(hub.post("/v1/pull", spelt(hub.cursor).encode())) == "ok"
        assert assert_named(hub.post("/v1/sign-in", spelt(hub.sign_in).encode())) == "ok"
        order = hub.hub.replica.get("orders", "order_1")
        assert order == {"_id": "order_1", "store_id": "store_seattle", "count": -2, "notes": NOTES}


@given(
    st.sampled_from(METHODS),
    st.sampled_from([*PATHS, "/", "/v1/", "/v1/push/", "/v1/../push"]),
    st.binary(max_size=300),
    st.dictionaries(st.sampled_from(["content-type", "content-encoding", "x"]), header_texts),
    st.none() | tokens,
    st.booleans(),
)
def test_noise_from_strangers(
    hub: Target,
    method: str,
    path: str,
    body: bytes,
    headers: dict[str, str],
    token: str | None,
    checked: bool,
) -> None:
    if token is not None:
        headers["authorization"] = f"Bearer {token}"
    if checked:
        headers[CHECK_HEADER] = check_of((token or "").encode(), body)
    assert_unmoved(hub, lambda: hub.call(method, path, body, headers))


@given(st.binary(max_size=400), st.booleans())
def test_noise_from_somebody_signed_in(hub: Target, noise: bytes, packed: bool) -> None:
    assert_unmoved(hub, lambda: hub.post("/v1/push", deflate(noise) if packed else noise))
    assert_unmoved(hub, lambda: hub.post("/v1/pull", noise))


@settings(max_examples=300)
@given(st.data())
def test_damaged_batches_are_refused_or_logged_whole(hub: Target, data: st.DataObject) -> None:
    """One wrong batch behind a right one: all of a push or nothing of it."""
    bad = data.draw(wrong(hub.batches[0]))
    seq = hub.hub.replica.identity.seq
    code = assert_named(hub.push([bad]))
    taken = hub.hub.replica.identity.seq - seq
    assert taken == 0 or (code == "ok" and taken == 1)
    assert hub.hub.status()["seq"] == seq + taken
    hub.hub.replica.check()


@given(st.data())
def test_damaged_pushes(hub: Target, data: st.DataObject) -> None:
    push = {"v": 1, "replica": hub.replica, "batches": [spelt(each) for each in hub.batches]}
    bad: Json = data.draw(wrong(push))
    body = deflate(spelt(bad).encode(errors="surrogatepass"))
    assert_named(hub.post("/v1/push", body))
    hub.hub.replica.check()


@given(st.data())
def test_damaged_cursors(hub: Target, data: st.DataObject) -> None:
    bad: Json = data.draw(wrong(hub.cursor))
    assert_named(hub.post("/v1/pull", spelt(bad).encode(errors="surrogatepass")))
    hub.hub.replica.check()


@given(st.data())
def test_damaged_sign_ins(hub: Target, data: st.DataObject) -> None:
    bad: Json = data.draw(wrong(hub.sign_in))
    assert_named(hub.post("/v1/sign-in", spelt(bad).encode(errors="surrogatepass")))
    assert_named(hub.call("GET", "/v1/health", b"", {}))


def assert_unmoved(hub: Target, call: object) -> None:
    """The call is refused by name, or changes nothing; and the hub still answers."""
    assert callable(call)
    seq = hub.hub.replica.identity.seq
    assert_named(call())
    assert hub.hub.replica.identity.seq == seq
    assert hub.call("GET", "/v1/health", b"", {}).status_code == 200
