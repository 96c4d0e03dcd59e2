"""Messages of a meeting: there and back, and nothing else (S7)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.errors import MessageTooLarge, PeerFull, VersionUnknown, WireError
from sync.ids import ReplicaId
from sync.wire.peer_messages import (
    PROVE_BATCHES_MAX,
    Greet,
    Offer,
    PeerMessage,
    Prove,
    Still,
    Took,
    decode_peer,
    encode_peer,
)

replicas = st.binary(min_size=16, max_size=16).map(lambda data: ReplicaId(data.hex()))
numbers = st.integers(1, 1 << 40)
signatures = st.binary(min_size=64, max_size=64)
tokens = st.text("abc.-_", max_size=50)
digests = st.binary(min_size=16, max_size=16).map(bytes.hex)
messages: st.SearchStrategy[PeerMessage] = st.one_of(
    st.builds(Greet, tokens, st.binary(min_size=16, max_size=16)),
    st.builds(
        Prove, signatures, st.lists(st.tuples(replicas, numbers, digests), max_size=3).map(tuple)
    ),
    st.builds(Offer, st.text(max_size=30).map(str.encode), signatures, st.none() | tokens),
    st.builds(Took, replicas, numbers, st.none()),
    st.just(Still()),
)
HOSTILE: list[dict[str, Any]] = [
    {},
    {"k": 7},
    {"k": "greet", "v": 1, "token": "t"},
    {"k": "greet", "v": 1, "token": "t" * 5_000, "nonce": "00" * 16},
    {"k": "greet", "v": 1, "token": "t", "nonce": "00" * 15},
    {"k": "greet", "v": 1, "token": "t", "nonce": "zz" * 16},
    {"k": "prove", "s": "00" * 64, "held": 7},
    {"k": "prove", "s": "00" * 64, "held": [["x", 1, ""]]},
    {"k": "offer", "b": 7, "s": "00"},
    {"k": "took", "r": "0" * 32, "n": 0, "e": None},
    {"k": "took", "r": "0" * 32, "n": 1},
]


@given(messages)
def test_every_message_comes_back_as_it_was(message: PeerMessage) -> None:
    line = encode_peer(message)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert decode_peer(line[:-1]) == message


def test_a_reason_crosses_the_line() -> None:
    took = decode_peer(encode_peer(Took(ReplicaId("a" * 32), 7, PeerFull("No room."))))
    assert isinstance(took, Took)
    assert isinstance(took.error, PeerFull)
    assert str(took.error) == "No room."


@pytest.mark.parametrize("body", HOSTILE, ids=str)
def test_what_is_no_message_is_named(body: dict[str, Any]) -> None:
    with pytest.raises(WireError):
        decode_peer(json.dumps(body).encode())


@given(st.binary(max_size=100))
def test_noise_is_named(line: bytes) -> None:
    with pytest.raises(WireError):
        decode_peer(line)


def test_another_protocol_is_named() -> None:
    with pytest.raises(VersionUnknown):
        decode_peer(b'{"k":"greet","v":2,"token":"t","nonce":"00"}')


def test_a_list_without_end_is_refused() -> None:
    held = [["a" * 32, 1, ""]] * (PROVE_BATCHES_MAX + 1)
    with pytest.raises(MessageTooLarge):
        decode_peer(json.dumps({"k": "prove", "s": "00" * 64, "held": held}).encode())
