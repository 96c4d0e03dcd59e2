"""What messages cost on their way: bytes as JSON and packed, and the time of each step, a field."""

from __future__ import annotations

import pickle
import time
from collections.abc import Callable, Iterator

from benchmarks.measure import Figure, Pace, duration, interleaved, of_bytes
from benchmarks.merging.contest import Contest, arena
from benchmarks.merging.scene import scene
from sync.wire.codec import decode, encode
from sync.wire.frames import Deflater, Inflater

WORKLOADS = ("W1", "W2", "W4", "W7")


def figures(pace: Pace) -> Iterator[Figure]:
    """Every step from messages to bytes and back, workload by workload."""
    for name in WORKLOADS:
        ops = scene(name, pace.scale).ops
        with arena(Contest(name, ("ours",)), pace.scale) as (folder, _):
            sent = pickle.loads((folder / "ours" / "sent.pickle").read_bytes())
        lines = [line for piece in sent for line in piece]
        yield of_bytes(f"{name} as JSON, a field", sum(map(len, lines)) / ops, of=name)
        packed = _packed(lines)
        yield of_bytes(f"{name} packed, a field", sum(map(len, packed)) / ops, of=name)
        seconds = interleaved(_steps(lines, packed), pace.rounds, time.process_time)
        for step, taken in seconds.items():
            each = [total / ops for total in taken]
            yield duration(f"{name} {step}, a field, processor", each, of=name)


def _packed(lines: list[bytes]) -> list[bytes]:
    packer = Deflater()
    return [packer.pack(line) for line in lines]


def _steps(lines: list[bytes], packed: list[bytes]) -> dict[str, Callable[[int], object]]:
    messages = [decode(line) for line in lines]

    def unpacked(_: int) -> int:
        inflater = Inflater()
        return sum(len(line) for chunk in packed for line in inflater.feed(chunk))

    return {
        "encode": lambda _: [encode(message) for message in messages],
        "pack": lambda _: _packed(lines),
        "unpack": unpacked,
        "decode": lambda _: [decode(line) for line in lines],
    }
