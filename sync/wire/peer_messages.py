"""Messages between two devices without a hub, as lines of JSON and back (S7).

Each side says ``Greet``, then ``Prove``, then ``Offer`` for batches, each answered by ``Took``, for
as long as the line lasts, with a ``Still`` when nothing happens. ``docs/peer.md`` shows the bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from sync.core.batch import Origin
from sync.core.decode import origin_of, parse_object, replica_id, whole
from sync.core.values import INT_MAX
from sync.errors import (
    DataError,
    MessageGarbage,
    MessageTooLarge,
    VersionUnknown,
    ZavaError,
    from_json,
)
from sync.ids import ReplicaId
from sync.wire.codec import dumps

PEER_PROTOCOL = 1
PEER_TOKEN_CHARACTERS_MAX = 4_096
NONCE_BYTES = 16
SIGNATURE_BYTES = 64
PROVE_BATCHES_MAX = 2_000
"""Twice what we hold at most; a later version may hold more."""


@dataclass(frozen=True, slots=True)
class Greet:
    """Who speaks, by a token of the hub, and a number nobody has used before."""

    token: str
    nonce: bytes


@dataclass(frozen=True, slots=True)
class Prove:
    """The speaker holds the key its token names. ``held`` is what it need not be offered."""

    signature: bytes
    held: tuple[Origin, ...]


@dataclass(frozen=True, slots=True)
class Offer:
    """A whole batch with its author's signature; ``token`` names the author if it is not the
    speaker."""

    payload: bytes
    signature: bytes
    token: str | None


@dataclass(frozen=True, slots=True)
class Took:
    """The answer to an offer: held, or known already; or the reason why not."""

    replica: ReplicaId
    n: int
    error: ZavaError | None


@dataclass(frozen=True, slots=True)
class Still:
    """The line is alive."""


PeerMessage: TypeAlias = Greet | Prove | Offer | Took | Still


def encode_peer(message: PeerMessage) -> bytes:
    """A message as one line, newline included."""
    return (dumps(_body(message)) + "\n").encode()


def _body(message: PeerMessage) -> dict[str, Any]:
    match message:
        case Greet(token, nonce):
            return {"k": "greet", "v": PEER_PROTOCOL, "token": token, "nonce": nonce.hex()}
        case Prove(signature, held):
            return {"k": "prove", "s": signature.hex(), "held": [list(item) for item in held]}
        case Offer(payload, signature, token):
            author = {} if token is None else {"token": token}
            return {"k": "offer", "b": payload.decode(), "s": signature.hex(), **author}
        case Took(replica, n, error):
            told = None if error is None else error.to_json()
            return {"k": "took", "r": replica, "n": n, "e": told}
        case Still():
            return {"k": "still"}


def decode_peer(line: bytes) -> PeerMessage:
    """The message of one line; ``MessageGarbage`` for anything that is not one."""
    body = parse_object(line)
    kind = body.get("k")
    reader = _READERS.get(kind) if isinstance(kind, str) else None
    if reader is None:
        raise MessageGarbage(f"There is no peer message of kind {kind!r:.20}.")
    try:
        return reader(body)
    except (KeyError, TypeError, ValueError, DataError) as error:
        raise MessageGarbage(f"A {kind} message is malformed: {error!r:.200}") from error


def _greet(body: dict[str, Any]) -> Greet:
    if body["v"] != PEER_PROTOCOL:
        version = f"{body['v']!r:.20}"
        raise VersionUnknown(f"The other device speaks protocol {version}, not {PEER_PROTOCOL}.")
    return Greet(_token(body["token"]), _bytes(body["nonce"], NONCE_BYTES))


def _prove(body: dict[str, Any]) -> Prove:
    if len(body["held"]) > PROVE_BATCHES_MAX:
        raise MessageTooLarge(f"A peer names more than {PROVE_BATCHES_MAX} batches.")
    held = tuple(origin for each in body["held"] if (origin := origin_of(each)) is not None)
    return Prove(_bytes(body["s"], SIGNATURE_BYTES), held)


def _offer(body: dict[str, Any]) -> Offer:
    token = None if body.get("token") is None else _token(body["token"])
    payload = body["b"].encode() if isinstance(body["b"], str) else b""
    return Offer(payload, _bytes(body["s"], SIGNATURE_BYTES), token)


def _took(body: dict[str, Any]) -> Took:
    error = None if body["e"] is None else from_json(body["e"])
    return Took(replica_id(body["r"]), whole(body["n"], 1, INT_MAX, "batch number"), error)


def _token(value: object) -> str:
    if not isinstance(value, str) or len(value) > PEER_TOKEN_CHARACTERS_MAX:
        raise MessageGarbage("A peer shows something that is no token.")
    return value


def _bytes(value: object, size: int) -> bytes:
    if not isinstance(value, str) or len(value) != 2 * size:
        raise MessageGarbage(f"A peer sends something else where {size} bytes belong.")
    return bytes.fromhex(value)


_READERS: dict[str, Callable[[dict[str, Any]], PeerMessage]] = {
    "greet": _greet,
    "prove": _prove,
    "offer": _offer,
    "took": _took,
    "still": lambda body: Still(),
}
