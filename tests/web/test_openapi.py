"""The description of the routes says what the routes do."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.routing import Route

from sync.web import create_app
from sync.web.openapi import OPENAPI
from tests.web.calls import EMPTY_PUSH, SIGN_IN, cursor
from tests.web.conftest import Served

CALLS = [
    ("POST", "/v1/sign-in", b"{}"),
    ("POST", "/v1/sign-in", b'{"login": 1}'),
    ("POST", "/v1/push", b"x"),
    ("POST", "/v1/push", EMPTY_PUSH),
    ("POST", "/v1/pull", b"{}"),
    ("POST", "/v1/pull", cursor(seq=2**62)),
    ("GET", "/v1/health", b""),
    ("GET", "/v1/metrics", b""),
]


async def test_every_route_is_described_and_no_other(served: Served) -> None:
    app = create_app(served.hub)
    routes = {
        (route.path, method.lower())
        for route in app.routes
        if isinstance(route, Route)
        for method in (route.methods or set()) - {"HEAD"}
    }
    described = {(path, method) for path, calls in OPENAPI["paths"].items() for method in calls}
    assert routes == described | {("/v1/openapi.json", "get")}
    assert (await served.client.get("/v1/openapi.json")).json() == OPENAPI


@pytest.mark.parametrize(("method", "path", "body"), CALLS)
@pytest.mark.parametrize("signed_in", [False, True])
async def test_every_answer_is_one_that_is_described(
    served: Served, method: str, path: str, body: bytes, signed_in: bool
) -> None:
    headers = await served.sign_in() if signed_in else {}
    async with served.client.stream(method, path, content=body, headers=headers) as answer:
        described = OPENAPI["paths"][path][method.lower()]["responses"]
        assert str(answer.status_code) in described
        if answer.status_code != 200:
            await answer.aread()
            assert_fits(answer.json(), schema_of(OPENAPI["components"]["responses"]["Error"]))
        elif path == "/v1/health":
            await answer.aread()
            assert_fits(answer.json(), schema_of(described["200"]))


async def test_a_token_and_what_asks_for_it_are_as_described(served: Served) -> None:
    call = OPENAPI["paths"]["/v1/sign-in"]["post"]
    assert_fits(SIGN_IN, schema_of(call["requestBody"]))
    answer = await served.client.post("/v1/sign-in", json=SIGN_IN)
    assert_fits(answer.json(), schema_of(call["responses"]["200"]))


def schema_of(described: dict[str, Any]) -> dict[str, Any]:
    schema: dict[str, Any] = described["content"]["application/json"]["schema"]
    return schema


def assert_fits(value: Any, schema: dict[str, Any]) -> None:
    """As much of JSON Schema as the description uses of objects."""
    kinds = {"object": dict, "string": str, "integer": int, "boolean": bool}
    assert isinstance(value, kinds[schema["type"]]), (value, schema)
    if "properties" in schema:
        assert sorted(value) == schema["required"]
        for name, inner in schema["properties"].items():
            if name in value:
                assert_fits(value[name], inner)
