"""Tokens of the hub, verified where there is no hub: everything that could pass for one (S7)."""

from __future__ import annotations

import base64
import hmac
import json
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.errors import PeerKeyMissing, TokenExpired, TokenInvalid
from sync.hub.identity import TokenSigner, new_signing_key
from sync.ids import ReplicaId, UserId
from sync.peer.ed25519 import Ed25519
from sync.peer.identity import Identity
from sync.peer.tokens import TOKEN_GRACE_HOURS, HubKey, key_of, key_text, read_token
from tests.helpers.clocks import HOUR_MS, NOON_MS, FixedClock, SeededEntropy

SCHEME = Ed25519()
SEED = b"s" * 32
DEVICE = ReplicaId("a" * 32)
PUBLIC = SCHEME.public(SEED)
ANA = Identity(UserId("user_ana"), "ana", "Ana Ruiz", "worker", "store_seattle", "SEA")
KEY, OTHER_KEY = (new_signing_key(SeededEntropy(seed)) for seed in (1, 2))
SIGNER = TokenSigner(KEY, "hub_1", FixedClock(), SeededEntropy())
HUB = HubKey("hub_1", key_of(SIGNER.public_jwk()["x"]))
TOKEN = SIGNER.issue(ANA, 60, device=(DEVICE, key_text(PUBLIC))).text
CLAIMS: dict[str, Any] = jwt.decode(TOKEN, options={"verify_signature": False})


def read(token: str, now_ms: int = NOON_MS, hub: HubKey = HUB) -> object:
    return read_token(token, hub, SCHEME, now_ms)


def signed(key: str = KEY, drop: str = "", headers: Any = None, **changes: Any) -> str:
    claims = {name: value for name, value in {**CLAIMS, **changes}.items() if name != drop}
    return jwt.encode(claims, key, algorithm="EdDSA", headers=headers)


def encoded(part: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


def test_it_names_a_person_a_device_and_its_key() -> None:
    bearer = read_token(TOKEN, HUB, SCHEME, NOON_MS)
    assert (bearer.person, bearer.replica, bearer.public) == (ANA, DEVICE, PUBLIC)
    assert read(signed()) == bearer


def test_the_hub_itself_takes_it_too() -> None:
    assert SIGNER.verify(TOKEN) == ANA


def test_it_is_good_for_a_weekend_without_the_hub() -> None:
    end_ms = NOON_MS + 60_000 + TOKEN_GRACE_HOURS * HOUR_MS
    assert read(TOKEN, end_ms - 1)
    with pytest.raises(TokenExpired):
        read(TOKEN, end_ms)


def test_one_from_the_future_is_refused() -> None:
    with pytest.raises(TokenInvalid):
        read(TOKEN, NOON_MS - HOUR_MS)


def test_one_from_before_there_were_keys_is_named() -> None:
    for token in (SIGNER.issue(ANA).text, signed(drop="cnf"), signed(drop="replica")):
        with pytest.raises(PeerKeyMissing):
            read(token)


def test_another_hubs_is_refused() -> None:
    for token in (signed(OTHER_KEY), signed(iss="hub_2"), signed(aud="another-shop")):
        with pytest.raises(TokenInvalid):
            read(token)
    with pytest.raises(TokenInvalid):
        read(TOKEN, hub=HubKey("hub_1", PUBLIC))


@pytest.mark.parametrize("algorithm", ["none", "None", "HS256", "HS512", "ES256", "RS256", ""])
def test_no_other_algorithm_gets_through(algorithm: str) -> None:
    body = f"{encoded({'alg': algorithm, 'typ': 'JWT'})}.{encoded(CLAIMS)}"
    mac = hmac.new(HUB.public, body.encode(), "sha256").digest()
    forged = base64.urlsafe_b64encode(mac).decode().rstrip("=")
    right = TOKEN.rpartition(".")[2]
    for signature in ("", forged, right):
        with pytest.raises(TokenInvalid):
            read(f"{body}.{signature}")


def test_a_header_that_asks_for_more_is_refused() -> None:
    with pytest.raises(TokenInvalid):
        read(signed(headers={"crit": ["exp"]}))


@pytest.mark.parametrize(
    "changes",
    [
        {"sub": 1},
        {"role": None},
        {"exp": "tomorrow"},
        {"iat": True},
        {"replica": "Ana's"},
        {"replica": 7},
        {"cnf": {"jwk": {"kty": "OKP", "crv": "X25519", "x": key_text(PUBLIC)}}},
        {"cnf": {"jwk": {"kty": "OKP", "crv": "Ed25519", "x": "short"}}},
        {"cnf": {"jwk": {"kty": "OKP", "crv": "Ed25519"}}},
    ],
)
def test_a_claim_of_the_wrong_kind_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(TokenInvalid):
        read(signed(**changes))


@pytest.mark.parametrize("missing", ["sub", "login", "role", "store", "exp", "iat", "iss", "aud"])
def test_a_missing_claim_is_refused(missing: str) -> None:
    with pytest.raises(TokenInvalid):
        read(signed(drop=missing))


@given(st.integers(0, len(TOKEN) - 1), st.sampled_from("ABCxyz019-_.="))
def test_one_letter_altered_is_no_token(place: int, letter: str) -> None:
    altered = TOKEN[:place] + letter + TOKEN[place + 1 :]
    try:
        found = read(altered)
    except TokenInvalid:
        return
    # The last letter of each part has bits that mean nothing.
    assert found == read(TOKEN)


@given(st.text(max_size=200) | st.just("x" * 5_000) | st.just("." * 3))
def test_noise_is_no_token(text: str) -> None:
    with pytest.raises(TokenInvalid):
        read(text)
