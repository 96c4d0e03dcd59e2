"""The signed token that proves who is asking until it runs out (S7).

Tokens are JSON Web Tokens signed with Ed25519. The algorithm is pinned, so neither ``none`` nor a
shared-secret algorithm fed with the public key gets through. Time is judged by the injected clock.
A device treats its token as opaque; whoever knows the hub's public key can verify it offline.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any, Final

import jwt
from jwt.algorithms import OKPAlgorithm

from sync.errors import SignInRequired, TokenExpired, TokenInvalid
from sync.ids import ReplicaId, UserId
from sync.peer.identity import Identity
from sync.ports import Clock, Entropy

TOKEN_SECONDS_MAX = 12 * 3_600
"""One long shift. Offline work goes on after it; only sending waits for the next sign-in."""
TOKEN_BYTES_MAX = 4_096
TOKENS_REMEMBERED_MAX = 4_000
"""Whose good signature need not be worked out again; their time is judged every time."""
TOKEN_EARLY_SECONDS_MAX = 60
"""How far the hub's clock may have been set back since it issued a token."""

_ALGORITHM: Final = "EdDSA"
_AUDIENCE: Final = "zava-edge"
_TEXTS = ("sub", "login", "name", "role", "store", "store_code", "jti")
_TIMES = ("iat", "nbf", "exp")
_KEY_BYTES = 32
_PKCS8_ED25519 = bytes.fromhex("302e020100300506032b657004220420")
"""What stands before the 32 bytes of an Ed25519 key in its PKCS#8 form (RFC 8410, section 7)."""


@dataclass(frozen=True, slots=True)
class Token:
    """A signed token and the moment it runs out, in Unix milliseconds of the hub's clock."""

    text: str
    expires_at_ms: int


def new_signing_key(entropy: Entropy) -> str:
    """A fresh Ed25519 private key as PKCS#8 PEM."""
    text = base64.b64encode(_PKCS8_ED25519 + entropy.draw(_KEY_BYTES)).decode()
    return f"-----BEGIN PRIVATE KEY-----\n{text}\n-----END PRIVATE KEY-----\n"


class TokenSigner:
    """Issues and verifies the tokens of one hub."""

    def __init__(self, private_key_pem: str, hub_id: str, clock: Clock, entropy: Entropy) -> None:
        private = OKPAlgorithm.to_jwk(OKPAlgorithm().prepare_key(private_key_pem), as_dict=True)
        self._public_jwk = {name: private[name] for name in ("kty", "crv", "x")}
        self._private = jwt.PyJWK.from_dict(private, _ALGORITHM)
        self._public = jwt.PyJWK.from_dict(self._public_jwk, _ALGORITHM)
        self._hub_id = hub_id
        self._clock = clock
        self._entropy = entropy
        self._verified: dict[str, dict[str, Any]] = {}

    def public_jwk(self) -> dict[str, Any]:
        """The key that verifies our tokens, for devices that meet without a hub (S7)."""
        return dict(self._public_jwk)

    def issue(
        self,
        identity: Identity,
        seconds: int = TOKEN_SECONDS_MAX,
        device: tuple[ReplicaId, str] | None = None,
    ) -> Token:
        """A token good for ``seconds`` from now, at most ``TOKEN_SECONDS_MAX``.

        ``device`` binds it to a replica and to its public key, as base64url, so that the device
        can prove itself to others without the hub (RFC 7800).
        """
        if not 0 < seconds <= TOKEN_SECONDS_MAX:
            raise ValueError(f"a token lasts 1 to {TOKEN_SECONDS_MAX} seconds, not {seconds}")
        now = self._clock.now_ms() // 1_000
        claims = {
            "iss": self._hub_id,
            "aud": _AUDIENCE,
            "sub": identity.user_id,
            "login": identity.login,
            "name": identity.display_name,
            "role": identity.role,
            "store": identity.store_id,
            "store_code": identity.store_code,
            "iat": now,
            "nbf": now,
            "exp": now + seconds,
            "jti": self._entropy.draw(16).hex(),
        }
        if device is not None:
            replica, key = device
            jwk = {"kty": "OKP", "crv": "Ed25519", "x": key}
            claims |= {"replica": replica, "cnf": {"jwk": jwk}}
        text = jwt.encode(claims, self._private, algorithm=_ALGORITHM)
        return Token(text, (now + seconds) * 1_000)

    def verify(self, token: str) -> Identity:
        """Whom a token names. ``SignInRequired``, ``TokenInvalid`` or ``TokenExpired``."""
        claims = self._verified.get(token)
        if claims is None:
            claims = self._claims(token)
            if len(self._verified) >= TOKENS_REMEMBERED_MAX:
                self._verified.clear()
            self._verified[token] = claims
        now = self._clock.now_ms() // 1_000
        if now >= claims["exp"]:
            raise TokenExpired(f"The sign-in of {claims['login']} has run out.")
        if now + TOKEN_EARLY_SECONDS_MAX < max(claims["nbf"], claims["iat"]):
            raise TokenInvalid("The token is dated in the future.")
        return Identity(
            user_id=UserId(claims["sub"]),
            login=claims["login"],
            display_name=claims["name"],
            role=claims["role"],
            store_id=claims["store"],
            store_code=claims["store_code"],
        )

    def _claims(self, token: str) -> dict[str, Any]:
        """The claims of a token with a good signature, all there and of the right type."""
        if not token:
            raise SignInRequired("The request carries no token.")
        if len(token) > TOKEN_BYTES_MAX:
            raise TokenInvalid(f"The token is longer than {TOKEN_BYTES_MAX} bytes.")
        try:
            claims = jwt.decode(
                token,
                self._public,
                algorithms=[_ALGORITHM],
                audience=_AUDIENCE,
                issuer=self._hub_id,
                options={
                    "require": ["iss", "aud", *_TEXTS, *_TIMES],
                    "strict_aud": True,
                    "verify_exp": False,
                    "verify_iat": False,
                    "verify_nbf": False,
                },
            )
        except (jwt.PyJWTError, ValueError, RecursionError) as error:
            raise TokenInvalid("The token was not signed by this hub, or was altered.") from error
        texts = all(isinstance(claims[name], str) for name in _TEXTS)
        if not texts or not all(type(claims[name]) is int for name in _TIMES):
            raise TokenInvalid("The token holds a claim of the wrong type.")
        return claims
