from __future__ import annotations

import base64
import hmac
import json
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.errors import SignInRequired, TokenExpired, TokenInvalid
from sync.hub.identity import (
    TOKEN_BYTES_MAX,
    TOKEN_EARLY_SECONDS_MAX,
    TOKEN_SECONDS_MAX,
    TokenSigner,
    new_signing_key,
)
from sync.ids import UserId
from sync.peer.identity import Identity
from tests.web.doubles import NOON_MS, ManualClock, SeededEntropy

ANA = Identity(UserId("user_ana"), "ana", "Ana Ruiz", "worker", "store_seattle", "SEA")
KEY = new_signing_key(SeededEntropy(1))
OTHER_KEY = new_signing_key(SeededEntropy(2))
CLAIMS = {
    "iss": "hub_1",
    "aud": "zava-edge",
    "sub": "user_ana",
    "login": "ana",
    "name": "Ana Ruiz",
    "role": "worker",
    "store": "store_seattle",
    "store_code": "SEA",
    "iat": NOON_MS // 1_000,
    "nbf": NOON_MS // 1_000,
    "exp": NOON_MS // 1_000 + 60,
    "jti": "00",
}


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def signer(clock: ManualClock) -> TokenSigner:
    return TokenSigner(KEY, "hub_1", clock, SeededEntropy())


def signed(key: str = KEY, drop: str = "", **changes: Any) -> str:
    claims = {name: value for name, value in {**CLAIMS, **changes}.items() if name != drop}
    return jwt.encode(claims, key, algorithm="EdDSA")


def encoded(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).decode().rstrip("=")


def unsigned(header: dict[str, Any], signature: str = "") -> str:
    return ".".join([*(encoded(json.dumps(part).encode()) for part in (header, CLAIMS)), signature])


def mac_signed(algorithm: str, secret: bytes) -> str:
    body = unsigned({"alg": algorithm, "typ": "JWT"}).rstrip(".")
    mac = hmac.new(secret, body.encode(), "sha" + algorithm.removeprefix("HS"))
    return f"{body}.{encoded(mac.digest())}"


def test_a_token_names_its_bearer(signer: TokenSigner) -> None:
    assert signer.verify(signer.issue(ANA).text) == ANA
    assert signer.verify(signed()) == ANA


def test_two_tokens_of_one_moment_differ(signer: TokenSigner) -> None:
    assert signer.issue(ANA).text != signer.issue(ANA).text


def test_the_signing_key_is_drawn_from_the_entropy() -> None:
    assert new_signing_key(SeededEntropy(1)) == KEY != OTHER_KEY


def test_a_token_runs_out_by_the_injected_clock(signer: TokenSigner, clock: ManualClock) -> None:
    token = signer.issue(ANA, seconds=60)
    assert token.expires_at_ms == NOON_MS + 60_000
    clock.move(seconds=59)
    assert signer.verify(token.text) == ANA
    clock.move(seconds=1)
    with pytest.raises(TokenExpired, match="ana"):
        signer.verify(token.text)


def test_a_clock_set_back_a_little_is_forgiven(signer: TokenSigner, clock: ManualClock) -> None:
    token = signer.issue(ANA).text
    clock.move(seconds=-TOKEN_EARLY_SECONDS_MAX)
    assert signer.verify(token) == ANA
    clock.move(seconds=-1)
    with pytest.raises(TokenInvalid, match="future"):
        signer.verify(token)


@pytest.mark.parametrize("seconds", [0, -1, TOKEN_SECONDS_MAX + 1])
def test_no_token_outlives_a_shift(signer: TokenSigner, seconds: int) -> None:
    with pytest.raises(ValueError, match="a token lasts"):
        signer.issue(ANA, seconds=seconds)


def test_no_token_means_sign_in_first(signer: TokenSigner) -> None:
    with pytest.raises(SignInRequired):
        signer.verify("")


FORGED = {
    "another key": signed(OTHER_KEY),
    "another hub": signed(iss="hub_2"),
    "another audience": signed(aud="elsewhere"),
    "a list of audiences": signed(aud=["zava-edge"]),
    "no expiry": signed(drop="exp"),
    "no store": signed(drop="store"),
    "text as expiry": signed(exp="tomorrow"),
    "true as expiry": signed(exp=True),
    "a number as role": signed(role=7),
    "endless": signed(name="x" * TOKEN_BYTES_MAX),
    "alg none": unsigned({"alg": "none", "typ": "JWT"}),
    "alg None with signature": unsigned({"alg": "None"}, signed().rsplit(".", 1)[1]),
    "alg missing": unsigned({"typ": "JWT"}, signed().rsplit(".", 1)[1]),
    "deep header": encoded(b"[" * 2_900) + ".e30.e30",
    "not unicode": "\udcff.\udcff.\udcff",
    "not a token": "garbage",
    "dots": "..",
}


@pytest.mark.parametrize("token", FORGED.values(), ids=FORGED.keys())
def test_a_forged_token_is_refused(signer: TokenSigner, token: str) -> None:
    with pytest.raises(TokenInvalid):
        signer.verify(token)


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
def test_the_public_key_is_no_shared_secret(signer: TokenSigner, algorithm: str) -> None:
    public = signer.public_jwk()
    raw = base64.urlsafe_b64decode(public["x"] + "=")
    for secret in (json.dumps(public).encode(), public["x"].encode(), raw):
        with pytest.raises(TokenInvalid):
            signer.verify(mac_signed(algorithm, secret))


def test_the_public_key_is_public_and_verifies(signer: TokenSigner) -> None:
    public = signer.public_jwk()
    assert public.keys() == {"kty", "crv", "x"}
    claims = jwt.decode(
        signer.issue(ANA).text,
        jwt.PyJWK.from_dict(public, "EdDSA"),
        algorithms=["EdDSA"],
        audience="zava-edge",
        options={"verify_exp": False, "verify_nbf": False, "verify_iat": False},
    )
    assert claims["sub"] == "user_ana"


@given(st.data())
def test_no_altered_character_gets_through(data: st.DataObject) -> None:
    signer = TokenSigner(KEY, "hub_1", ManualClock(), SeededEntropy())
    token = signed()
    at = data.draw(st.integers(0, len(token) - 2))  # the last one has bits that mean nothing
    letter = data.draw(st.sampled_from("AZaz09-_.").filter(lambda each: each != token[at]))
    with pytest.raises(TokenInvalid):
        signer.verify(token[:at] + letter + token[at + 1 :])


@given(st.text(max_size=300))
def test_garbage_is_never_more_than_invalid(text: str) -> None:
    with pytest.raises((TokenInvalid, SignInRequired)):
        TokenSigner(KEY, "hub_1", ManualClock(), SeededEntropy()).verify(text)
