"""Targets for a coverage-guided fuzzer: bytes in, a named refusal or a faithful reading out.

    python -m tests.fuzz.harnesses batch -max_total_time=120

needs ``atheris``, which is no part of the project's pinned requirements. The test beside this file
feeds every target what a fuzzer starts from, with or without it.
"""

from __future__ import annotations

import contextlib
import json
import sys
import zlib
from collections.abc import Callable

from sync.core.batch import encode as encode_batch
from sync.core.decode import decode as decode_batch
from sync.errors import SessionError, WireError
from sync.hub.identity import TokenSigner, new_signing_key
from sync.wire.codec import decode, decode_cursor, encode
from sync.wire.frames import Deflater, Inflater, inflate
from sync.wire.peer_messages import decode_peer, encode_peer
from sync.wire.pushes import decode_push
from tests.helpers.clocks import FixedClock, SeededEntropy
from tests.helpers.core import REPLICAS

PLAIN_BYTES_MAX = 65_536
_ENTROPY = SeededEntropy(1)
_SIGNER = TokenSigner(new_signing_key(_ENTROPY), REPLICAS[0], FixedClock(), _ENTROPY)


def batch(data: bytes) -> None:
    """A batch that is read is written as the same bytes."""
    with contextlib.suppress(WireError):
        assert encode_batch(decode_batch(data)) == data


def message(data: bytes) -> None:
    """A message that is read is written as one that reads the same."""
    with contextlib.suppress(WireError):
        read = decode(data)
        assert decode(encode(read)[:-1]) == read


def meeting(data: bytes) -> None:
    """What a stranger says in a meeting, read as above."""
    with contextlib.suppress(WireError):
        read = decode_peer(data)
        assert decode_peer(encode_peer(read)[:-1]) == read


def stream(data: bytes) -> None:
    """Chunks of noise; the first byte says how they are cut."""
    size = max(1, data[0]) if data else 1
    inflater = Inflater()
    with contextlib.suppress(WireError):
        for start in range(1, len(data), size):
            for line in inflater.feed(data[start : start + size]):
                decode(line)


def push(data: bytes) -> None:
    """What a hub unpacks of a push, a cursor or a whole body."""
    with contextlib.suppress(WireError):
        decode_push(data)
    with contextlib.suppress(WireError):
        inflate(data, PLAIN_BYTES_MAX)
    with contextlib.suppress(WireError, ValueError, RecursionError):
        fields = json.loads(data)
        if isinstance(fields, dict):
            decode_cursor(fields)


def token(data: bytes) -> None:
    """No token but those we signed gets through."""
    with contextlib.suppress(SessionError):
        _SIGNER.verify(data.decode("latin-1"))
        raise AssertionError("somebody else's token was taken")


TARGETS: dict[str, Callable[[bytes], None]] = {
    each.__name__: each for each in (batch, message, meeting, stream, push, token)
}
_REPLICA = f'"{REPLICAS[0]}"'.encode()
SEEDS: dict[str, list[bytes]] = {
    "batch": [
        b'{"c":["",0,[]],"d":[["orders","+",[["o1","{\\"a\\":1}"]]],["inventory",[["=",["notes"]],'
        b'["+",["stock_level"]],["-",["x"]],["o",["y"]]],[["i1","n",-2]]]],"n":1,"p":"","r":'
        + _REPLICA
        + b',"t":117651901762764800,"u":"user_ana","v":1}'
    ],
    "message": [
        b'{"k":"at","seq":7,"g":"x"}',
        b'{"k":"ping","time":7}',
        b'{"k":"docs","c":"orders","r":[[1,' + _REPLICA + b']],"b":[],"i":["o1","o2"]}'
        b'\x1d{"a":1}\x1e{}\x1d[7,1]\x1e\x1d\x1e',
        b'{"k":"part","seq":7,"g":"x","s":[' + _REPLICA + b',1,7,"u",["",0,[]],7],"d":[["orders",'
        b'"+",[["o1","{}"]]]],"w":[],"x":[["orders","o2"]]}',
    ],
    "meeting": [
        b'{"k":"greet","v":1,"token":"a.b.c","nonce":"' + b"0a" * 16 + b'"}',
        b'{"k":"prove","s":"'
        + b"0a" * 64
        + b'","held":[['
        + _REPLICA
        + b',7,"'
        + b"0a" * 16
        + b'"]]}',
        b'{"k":"still"}',
    ],
    "stream": [b"\x40" + Deflater().pack(b'{"k":"ping","time":7}\n')],
    "push": [
        b'{"v":1,"replica":' + _REPLICA + b',"batches":["{}"]}',
        zlib.compress(b'{"v":1}'),
    ],
    "token": [b"eyJhbGciOiJub25lIn0.e30.", b"a.b.c"],
}


def main() -> None:
    import atheris

    name = sys.argv.pop(1)
    atheris.instrument_all()
    atheris.Setup(sys.argv, TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
