"""Lines in one packed stream: however the network cuts it, whatever it does to it."""

from __future__ import annotations

import zlib
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.errors import MessageGarbage, MessageTooLarge, WireError
from sync.wire import frames
from sync.wire.frames import Deflater, Inflater, deflate, inflate

MIB = 1_048_576

lines = st.lists(st.binary(max_size=300).map(lambda line: line.replace(b"\n", b" ")), max_size=8)


def packed(*messages: bytes) -> list[bytes]:
    """One chunk a line, as a hub sends them."""
    deflater = Deflater()
    return [deflater.pack(message + b"\n") for message in messages]


def fed(*chunks: bytes) -> list[bytes]:
    inflater = Inflater()
    return [line for chunk in chunks for line in inflater.feed(chunk)]


def test_each_line_can_be_read_as_soon_as_it_is_sent() -> None:
    inflater = Inflater()
    for number, chunk in enumerate(packed(*(b"%d" % number for number in range(20)))):
        assert list(inflater.feed(chunk)) == [b"%d" % number]


@given(lines, st.lists(st.integers(0, 3_000), max_size=12))
def test_any_cutting_of_the_stream_gives_the_same_lines(
    messages: list[bytes], cuts: list[int]
) -> None:
    stream = b"".join(packed(*messages))
    places = sorted({0, len(stream), *(cut for cut in cuts if cut < len(stream))})
    chunks = [stream[a:b] for a, b in pairwise(places)]
    assert fed(*chunks) == messages


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 30_000)), min_size=1, max_size=12))
def test_what_is_packed_as_bulk_and_what_goes_out_live_are_one_stream(
    runs: list[tuple[int, int]],
) -> None:
    """The two remember differently, and neither what the other has sent."""
    messages = [(b"%d of the same kind, " % kind) * (size // 20 + 1) for kind, size in runs]
    assert fed(*packed(*messages)) == messages


def test_byte_by_byte_gives_the_same_lines() -> None:
    messages = [b"one", b"", b"x" * 5_000, "é😀".encode()]
    stream = b"".join(packed(*messages))
    assert fed(*(stream[i : i + 1] for i in range(len(stream)))) == messages


def test_several_lines_in_one_chunk_and_one_over_several() -> None:
    messages = [b"a", b"b" * 3 * MIB, b"c"]
    assert fed(b"".join(packed(*messages))) == messages


def test_what_comes_before_has_been_seen_when_the_rest_is_garbage() -> None:
    inflater = Inflater()
    seen: list[bytes] = []
    with pytest.raises(MessageGarbage):
        for chunk in (*packed(b"good"), b"\xff" * 100):
            seen += inflater.feed(chunk)
    assert seen == [b"good"]


@pytest.mark.parametrize(
    "chunk",
    [b"<html>Please sign in to this wifi</html>", b"\x1f\x8b\x08\x00", bytes(1_000), b"\xff" * 9],
    ids=["a page", "gzip", "zeros", "ones"],
)
def test_what_is_no_stream_of_ours_is_named(chunk: bytes) -> None:
    with pytest.raises(MessageGarbage):
        fed(chunk)


def test_a_page_that_is_packed_is_named_too() -> None:
    with pytest.raises(MessageGarbage):
        fed(zlib.compress(b"<html>\n</html>\n"))


def test_a_stream_that_goes_on_after_its_end_is_named() -> None:
    whole = zlib.compress(b"")
    with pytest.raises(MessageGarbage):
        fed(whole, b"more")


@given(lines.filter(bool), st.integers(0), st.integers(1, 255))
def test_a_flipped_byte_never_becomes_another_line(
    messages: list[bytes], place: int, flip: int
) -> None:
    stream = bytearray(b"".join(packed(*messages)))
    stream[place % len(stream)] ^= flip
    inflater, seen = Inflater(), []
    try:
        for line in inflater.feed(bytes(stream)):
            seen.append(line)
    except WireError:
        pass
    assert seen == messages[: len(seen)]


def test_a_lost_repeated_or_swapped_chunk_is_named() -> None:
    one, two, three = packed(b"one", b"two", b"three")
    for stream in ((one, three), (one, one, two), (one, three, two), (two,)):
        with pytest.raises(WireError):
            fed(*stream)


def test_a_bomb_goes_off_in_a_small_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten megabytes of nothing in ten kilobytes; what is kept never passes the cap by much."""
    monkeypatch.setattr(frames, "FRAME_BYTES_MAX", 2 * MIB)
    inflater = Inflater()
    with pytest.raises(MessageTooLarge):
        list(inflater.feed(zlib.compress(b"x" * 10 * MIB)))
    assert len(inflater._rest) <= 3 * MIB


def test_a_bomb_fed_slowly_goes_off_at_the_same_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "FRAME_BYTES_MAX", 2 * MIB)
    bomb, inflater = zlib.compress(b"x" * 10 * MIB), Inflater()
    with pytest.raises(MessageTooLarge):
        for start in range(0, len(bomb), 100):
            list(inflater.feed(bomb[start : start + 100]))
    assert len(inflater._rest) <= 3 * MIB


def test_a_line_of_just_the_cap_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "FRAME_BYTES_MAX", MIB)
    taken = b"x" * (MIB - 17)  # what stands before each line counts as well
    assert fed(*packed(taken)) == [taken]
    with pytest.raises(MessageTooLarge):
        fed(*packed(taken + b"x"))


@given(st.binary(max_size=2_000))
def test_a_whole_message_comes_back(plain: bytes) -> None:
    assert inflate(deflate(plain), 2_000) == plain


@given(st.binary(max_size=500))
def test_nothing_else_comes_out_of_noise(noise: bytes) -> None:
    try:
        inflate(noise, 10_000)
    except WireError as error:
        assert error.code in ("message_garbage", "message_too_large")


@pytest.mark.parametrize("cut", [0, 1, 5, -4, -1])
def test_a_whole_message_cut_short_is_named(cut: int) -> None:
    with pytest.raises(MessageGarbage):
        inflate(deflate(b"some text that packs to more than a few bytes")[:cut], 1_000)


def test_a_whole_message_over_its_limit_is_named() -> None:
    assert inflate(deflate(b"x" * 1_000), 1_000) == b"x" * 1_000
    for size in (1_001, 50 * MIB):
        with pytest.raises(MessageTooLarge):
            inflate(deflate(b"x" * size), 1_000)


def test_repetition_travels_once() -> None:
    """One packer for the whole stream: each message profits from those before it."""
    message = b'{"collection":"inventory","fields":["notes","stock_level","location"]}'
    sizes = [len(chunk) for chunk in packed(*[message] * 100)]
    assert sizes[-1] < sizes[0] / 2
