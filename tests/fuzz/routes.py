"""A hub without a socket, and what strangers and broken devices send it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import httpx
from hypothesis import strategies as st
from starlette.applications import Starlette

from sync.errors import leaves
from sync.hub import Hub
from sync.ids import Json
from sync.web import create_app
from sync.web.openapi import OPENAPI
from sync.wire.frames import CHECK_HEADER, check_of, deflate
from tests.helpers.hub_process import PASSWORD, open_hub
from tests.helpers.replicas import open_replica, waiting_payloads
from tests.helpers.two_devices import ANA
from tests.laws.damage import altered

CODES = {kind.code for kind in leaves()}
PATHS = sorted(OPENAPI["paths"])
NOT_OURS = "hub_failed"
STREAM_SECONDS_MAX = 0.02


class Target:
    """A hub with one signed-in device, and that device's honest messages."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.app: Starlette = create_app(hub, stream_seconds_max=STREAM_SECONDS_MAX)
        with closing(open_replica(seed=3)) as replica:
            with replica.transaction(author=ANA.user_id) as tx:
                tx.insert("orders", {"_id": "order_1", "store_id": ANA.store_id, "lines": {"a": 1}})
            with replica.transaction(author=ANA.user_id) as tx:
                tx.increment("orders", "order_1", ("count",), -2)
                tx.update("orders", "order_1", {"notes": ["gift", 1.5, None]})
                tx.unset("orders", "order_1", ("lines",))
            self.replica = replica.id
            self.batches: list[Json] = [json.loads(each) for each in waiting_payloads(replica)]
        answer = hub.sign_in("ana", PASSWORD, self.replica, "Handheld")
        self.token = str(answer["token"])
        self.cursor: Json = {
            **{"v": 1, "replica": self.replica, "name": "Handheld", "epoch": hub.epoch},
            **{"seq": 1, "g": "0" * 32, "scope": "x"},
        }
        self.sign_in: Json = {
            **{"login": "ana", "password": PASSWORD, "replica_id": self.replica},
            "device_name": "Handheld",
        }

    def call(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> httpx.Response:
        """One request and its whole answer."""

        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://hub") as client:
                return await client.request(method, path, content=body, headers=headers)

        return asyncio.run(send())

    def post(self, path: str, body: bytes) -> httpx.Response:
        """A request that is right in everything but its body."""
        check = check_of(self.token.encode(), body)
        headers = {"authorization": f"Bearer {self.token}", CHECK_HEADER: check}
        return self.call("POST", path, body, headers)

    def push(self, batches: list[Json]) -> httpx.Response:
        """A push of these batches in the spelling that is asked for."""
        texts = [each if isinstance(each, str) else spelt(each) for each in batches]
        plain = spelt({"v": 1, "replica": self.replica, "batches": texts})
        return self.post("/v1/push", deflate(plain.encode(errors="surrogatepass")))


def spelt(value: Json) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


@contextmanager
def target() -> Iterator[Target]:
    with closing(open_hub(":memory:", (ANA,))) as hub:
        yield Target(hub)


def assert_named(answer: httpx.Response) -> str:
    """The code of a refusal, or ``ok``: a status that fits, nothing that is the hub's own fault."""
    if answer.status_code == 200:
        return "ok"
    if answer.status_code in (404, 405):
        return str(answer.json()["error"]["code"])
    error: dict[str, Any] = answer.json()["error"]
    assert error["code"] in CODES - {NOT_OURS}, error
    assert 400 <= answer.status_code < 500, answer.text
    assert "Traceback" not in answer.text
    return str(error["code"])


header_texts = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=80)
tokens = header_texts | st.binary(max_size=60).map(lambda raw: f"{raw.hex()}.{raw.hex()}.x")


def wrong(value: Json) -> st.SearchStrategy[Json]:
    """The value damaged once or twice."""
    return altered(value) | altered(value).flatmap(_again)


def _again(value: Json) -> st.SearchStrategy[Json]:
    return altered(value) if isinstance(value, dict) and value else st.just(value)
