"""What every signature scheme has to do (``sync.ports.Signatures``)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.peer.ed25519 import Ed25519
from sync.ports import Signatures

SCHEMES: list[Signatures] = [Ed25519()]
seeds = st.binary(min_size=32, max_size=32)


@pytest.mark.parametrize("scheme", SCHEMES, ids=lambda scheme: type(scheme).__name__)
@given(seed=seeds, message=st.binary(max_size=64), other=st.binary(max_size=64))
def test_a_signature_is_of_one_key_and_one_message(
    scheme: Signatures, seed: bytes, message: bytes, other: bytes
) -> None:
    public, signature = scheme.public(seed), scheme.sign(seed, message)
    assert signature == scheme.sign(seed, message)
    assert scheme.verify(public, message, signature)
    assert scheme.verify(public, other, signature) == (other == message)
    stranger = scheme.public(bytes([seed[0] ^ 1]) + seed[1:])
    assert not scheme.verify(stranger, message, signature)


@pytest.mark.parametrize("scheme", SCHEMES, ids=lambda scheme: type(scheme).__name__)
@given(public=st.binary(max_size=40), signature=st.binary(max_size=70))
def test_noise_is_no_signature(scheme: Signatures, public: bytes, signature: bytes) -> None:
    assert not scheme.verify(public, b"message", signature)
