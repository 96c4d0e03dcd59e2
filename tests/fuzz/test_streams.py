"""Pull streams altered on the way: what comes out is what went in, or ``message_garbage``."""

from __future__ import annotations

import zlib
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.errors import MessageGarbage, MessageTooLarge, WireError
from sync.wire import frames
from sync.wire.frames import Deflater, Inflater

LINES = [f'{{"k":"at","seq":{n},"g":"{n * 7919:032x}","s":{n % 7}}}\n'.encode() for n in range(40)]
FRAMES = (lambda deflater: [deflater.pack(line) for line in LINES])(Deflater())
STREAM = b"".join(FRAMES)
PLAIN = [line[:-1] for line in LINES]


def read(chunks: list[bytes]) -> list[bytes]:
    """The lines up to the first complaint, which has a name."""
    inflater, lines = Inflater(), []
    try:
        for chunk in chunks:
            lines += inflater.feed(chunk)
    except WireError:
        pass
    return lines


@given(st.lists(st.integers(0, len(STREAM)), max_size=20))
def test_however_the_network_cuts_it(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(STREAM)]
    assert read([STREAM[start:end] for start, end in pairwise(edges)]) == PLAIN


def test_a_flipped_bit_is_never_read_as_something_else() -> None:
    """Every single bit. One in three flips still unpacks to JSON, and zlib's own sum stands at the
    end of a stream that has no end."""
    for place in range(len(STREAM) * 8):
        altered = bytearray(STREAM)
        altered[place // 8] ^= 1 << place % 8
        lines = read([bytes(altered)])
        assert lines == PLAIN[: len(lines)], place


@given(st.data())
def test_frames_lost_repeated_or_swapped_are_noticed(data: st.DataObject) -> None:
    """Whole frames packed on their own, so that zlib itself sees nothing wrong."""
    order = data.draw(st.lists(st.integers(0, len(LINES) - 1), min_size=1, max_size=60))
    sealed = [zlib.decompressobj(-15).decompress(frame) for frame in _separately()]
    packer = zlib.compressobj()
    stream = packer.compress(b"".join(sealed[n] for n in order)) + packer.flush(zlib.Z_SYNC_FLUSH)
    lines = read([stream])
    assert lines == PLAIN[: len(lines)]
    right = next((i for i, n in enumerate(order) if n != i), len(order))
    assert len(lines) == right


def _separately() -> list[bytes]:
    """Each frame of one stream, packed so that it unpacks without those before it."""
    plain = zlib.decompressobj().decompress(STREAM)
    packed = []
    for line in plain.splitlines(keepends=True):
        packer = zlib.compressobj(wbits=-15)
        packed.append(packer.compress(line) + packer.flush(zlib.Z_SYNC_FLUSH))
    return packed


@given(st.binary(max_size=200), st.integers(0, len(FRAMES)))
def test_noise_at_any_point_is_garbage_or_nothing_yet(noise: bytes, after: int) -> None:
    lines = read([*FRAMES[:after], noise])
    assert lines == PLAIN[: len(lines)]


def test_what_comes_after_the_end_of_a_stream_is_not_ignored_for_ever() -> None:
    """A flip that ends the zlib stream would leave a device listening to nothing, for ever."""
    packer = zlib.compressobj()
    inflater = Inflater()
    assert list(inflater.feed(packer.compress(b"") + packer.flush())) == []
    with pytest.raises(MessageGarbage):
        list(inflater.feed(b"more"))


def test_a_bomb_on_the_way_down_does_not_go_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "FRAME_BYTES_MAX", 1_048_576)
    inflater = Inflater()
    with pytest.raises(MessageTooLarge):
        list(inflater.feed(zlib.compress(bytes(50 * 1_048_576), 9)))
    assert len(inflater._rest) <= 3 * 1_048_576
