"""Hub-signed tokens, verified without the hub (S7): JSON Web Tokens, EdDSA and nothing else.

The hub binds a token to a device: its claims name the replica, and the public key whose seed never
leaves it (``cnf``, RFC 7800). Tokens from before there were such keys prove a person to the hub
only.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import Any, Final

from sync.core.decode import parse_object, replica_id
from sync.core.stamps import CLOCK_DRIFT_MS_MAX
from sync.errors import PeerKeyMissing, TokenExpired, TokenInvalid, WireError
from sync.ids import ReplicaId, UserId
from sync.peer.identity import Identity
from sync.ports import Signatures

TOKEN_BYTES_MAX = 4_096
TOKEN_GRACE_HOURS = 72
"""How long after its end a peer still takes a token: a weekend without the hub."""
KEY_BYTES = 32

_GRACE_MS = TOKEN_GRACE_HOURS * 3_600_000
_ALGORITHM: Final = "EdDSA"
_AUDIENCE: Final = "zava-edge"
_TEXTS = ("sub", "login", "name", "role", "store", "store_code")
_TIMES = ("iat", "nbf", "exp")
_PART = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class HubKey:
    """The hub that we signed in at: its id, and the public key its tokens are signed with."""

    hub_id: str
    public: bytes


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whom a token names: a person, on one device, with one key."""

    person: Identity
    replica: ReplicaId
    public: bytes


def read_token(text: str, hub: HubKey, signatures: Signatures, now_ms: int) -> Bearer:
    """Whom a token names. ``TokenInvalid``, ``TokenExpired`` or ``PeerKeyMissing``."""
    claims = _claims(text, hub, signatures)
    if claims.get("iss") != hub.hub_id or claims.get("aud") != _AUDIENCE:
        raise TokenInvalid("The token was given out by another hub, or for another purpose.")
    texts = all(isinstance(claims.get(name), str) for name in _TEXTS)
    if not texts or not all(type(claims.get(name)) is int for name in _TIMES):
        raise TokenInvalid("The token lacks a claim, or has one of the wrong type.")
    if now_ms >= claims["exp"] * 1_000 + _GRACE_MS:
        raise TokenExpired(f"The sign-in of {claims['login']} ran out too long ago.")
    if now_ms + CLOCK_DRIFT_MS_MAX < max(claims["nbf"], claims["iat"]) * 1_000:
        raise TokenInvalid("The token is dated in the future.")
    person = Identity(
        user_id=UserId(claims["sub"]),
        login=claims["login"],
        display_name=claims["name"],
        role=claims["role"],
        store_id=claims["store"],
        store_code=claims["store_code"],
    )
    return Bearer(person, *_device_in(claims))


def key_text(public: bytes) -> str:
    """A public key as it stands in a sign-in and in a token."""
    return base64.urlsafe_b64encode(public).decode().rstrip("=")


def key_of(text: object) -> bytes:
    """The public key in a text; ``TokenInvalid`` if it is none."""
    public = _unpacked(text) if isinstance(text, str) else b""
    if len(public) != KEY_BYTES:
        raise TokenInvalid("A device key is not 32 bytes.")
    return public


def _claims(text: str, hub: HubKey, signatures: Signatures) -> dict[str, Any]:
    """What the hub signed; the algorithm is ours, whatever the header asks for."""
    parts = text.split(".") if len(text) <= TOKEN_BYTES_MAX else []
    if len(parts) != 3:
        raise TokenInvalid("The token is not what a hub gives out.")
    try:
        header = parse_object(_unpacked(parts[0]))
        if header.get("alg") != _ALGORITHM or "crit" in header:
            raise TokenInvalid("The token is signed in a way that no hub uses.")
        signed = ".".join(parts[:2]).encode()
        if not signatures.verify(hub.public, signed, _unpacked(parts[2])):
            raise TokenInvalid("The token was not signed by this hub, or was altered.")
        return parse_object(_unpacked(parts[1]))
    except WireError as error:
        raise TokenInvalid("The token is not what a hub gives out.") from error


def _device_in(claims: dict[str, Any]) -> tuple[ReplicaId, bytes]:
    confirmed = claims.get("cnf")
    jwk = confirmed.get("jwk") if isinstance(confirmed, dict) else None
    if not isinstance(jwk, dict) or "replica" not in claims:
        raise PeerKeyMissing(f"The sign-in of {claims['login']} names no key of a device.")
    if (jwk.get("kty"), jwk.get("crv")) != ("OKP", "Ed25519"):
        raise TokenInvalid("The token names a key of a kind we do not use.")
    try:
        return replica_id(claims["replica"]), key_of(jwk.get("x"))
    except WireError as error:
        raise TokenInvalid("The token names no device.") from error


def _unpacked(part: str) -> bytes:
    if not _PART.fullmatch(part) or len(part) % 4 == 1:
        raise TokenInvalid("The token is not what a hub gives out.")
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
