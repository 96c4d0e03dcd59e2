"""What the hub answers at ``GET /v1/openapi.json``: its routes in the words of OpenAPI 3.1.

Written by hand and kept true by tests. ``docs/protocol.md`` tells what the bytes mean.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final

from sync.wire.frames import CHECK_HEADER
from sync.wire.messages import HELD_REPLICAS_MAX, PROTOCOL

_TEXT: Final = {"type": "string"}
_WHOLE: Final = {"type": "integer", "minimum": 0}
_REPLICA: Final = {"type": "string", "pattern": "^[0-9a-f]{32}$"}
_SHORT: Final = {"type": "string", "maxLength": 128}


def _map(**fields: Any) -> dict[str, Any]:
    return {"type": "object", "required": sorted(fields), "properties": fields}


def _also(schema: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """Fields that may be there."""
    return {**schema, "properties": {**schema["properties"], **fields}}


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _bytes(kind: str) -> dict[str, Any]:
    return {kind: {"schema": {"type": "string", "contentMediaType": kind}}}


def _answers(found: dict[str, Any], *statuses: HTTPStatus) -> dict[str, Any]:
    refusals = {str(int(status)): {"$ref": "#/components/responses/Error"} for status in statuses}
    return {"200": {"description": "Done.", "content": found}, **refusals}


def _call(summary: str, answers: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"summary": summary, "responses": answers, **more}


def _body(content: dict[str, Any]) -> dict[str, Any]:
    return {"required": True, "content": content}


_REFUSALS: Final = (
    *(HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.REQUEST_TIMEOUT),
    *(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.TOO_MANY_REQUESTS),
    HTTPStatus.INTERNAL_SERVER_ERROR,
)
_CONFLICTS: Final = (HTTPStatus.FORBIDDEN, HTTPStatus.CONFLICT)
_CHECK: Final = {
    **{"name": CHECK_HEADER, "in": "header", "required": True},
    **{"description": "BLAKE2b-64 of the token, a space, BLAKE2b-64 of the body."},
    "schema": {"type": "string", "pattern": "^[0-9a-f]{16} [0-9a-f]{16}$"},
}
_KEY: Final = {"type": "string", "pattern": "^[A-Za-z0-9_-]{43}$"}
_SIGN_IN: Final = _also(
    _map(login=_SHORT, password=_TEXT, replica_id=_REPLICA, device_name=_SHORT), key=_KEY
)
_HELD: Final = {
    **{"type": "array", "maxItems": HELD_REPLICAS_MAX},
    "items": {"type": "array", "prefixItems": [_REPLICA, {"type": "integer", "minimum": 1}]},
}
_CURSOR: Final = _also(
    _map(
        **{"v": {"const": PROTOCOL}, "replica": _REPLICA, "name": _SHORT, "epoch": _SHORT},
        **{"seq": _WHOLE, "g": _SHORT, "scope": _SHORT},
    ),
    held=_HELD,
)
_USER: Final = _map(
    **{"user_id": _TEXT, "login": _TEXT, "display_name": _TEXT, "role": _TEXT},
    **{"store_id": _TEXT, "store_code": _TEXT},
)
_TOKEN: Final = _map(
    **{"token": _TEXT, "expires_at_ms": _WHOLE, "hub_id": _REPLICA, "hub_time_ms": _WHOLE},
    **{"hub_key": _KEY, "user": _USER, "device": _map(device_code=_TEXT, device_name=_TEXT)},
    rules={"type": "object"},
)
_HEALTH: Final = _also(
    _map(
        **{"hub_id": _REPLICA, "epoch": _TEXT, "seq": _WHOLE, "accounts": _WHOLE},
        **{"documents": {"type": "object", "additionalProperties": _WHOLE}, "conflicts": _WHOLE},
        permissions=_map(digest=_TEXT, since_ms=_WHOLE, broken={"type": "boolean"}),
    ),
    connector={"type": "object", "description": "Of a connector in the hub, if there is one."},
)
_ERROR: Final = _map(code=_TEXT, message=_TEXT, remedy=_TEXT, retryable={"type": "boolean"})
_SECURED: Final[dict[str, Any]] = {"security": [{"token": []}], "parameters": [_CHECK]}

OPENAPI: Final[dict[str, Any]] = {
    "openapi": "3.1.0",
    "info": {"title": "Zava hub", "version": str(PROTOCOL)},
    "paths": {
        "/v1/sign-in": {
            "post": _call(
                "A login and a password for a token",
                _answers(_json(_TOKEN), *_REFUSALS),
                requestBody=_body(_json(_SIGN_IN)),
            )
        },
        "/v1/push": {
            "post": _call(
                "Batches of one device, its own or passed on; the answer: how far the hub has them",
                _answers(_bytes("application/x-zava-batch"), *_REFUSALS, *_CONFLICTS),
                requestBody=_body(_bytes("application/x-zava-batch")),
                **_SECURED,
            )
        },
        "/v1/pull": {
            "post": _call(
                "A cursor for a stream of messages that never ends",
                _answers(_bytes("application/x-zava-frames"), *_REFUSALS, *_CONFLICTS),
                requestBody=_body(_json(_CURSOR)),
                **_SECURED,
            )
        },
        "/v1/health": {"get": _call("Counts", _answers(_json(_HEALTH), _REFUSALS[-1]))},
        "/v1/metrics": {
            "get": _call("The same for Prometheus", _answers(_bytes("text/plain"), _REFUSALS[-1]))
        },
    },
    "components": {
        "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        "responses": {
            "Error": {"description": "Refused.", "content": _json(_map(error=_ERROR))},
        },
    },
}
