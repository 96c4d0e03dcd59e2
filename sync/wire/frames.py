"""Messages as lines of JSON, and lines as one zlib stream that is flushed after each message.

One zlib context for a whole stream lets every message profit from those before it. The receiver
bounds what a line may unpack to, so a small hostile stream cannot become a large one in memory.

zlib's own sum stands at the end of a stream, and ours has none: a third of all flipped bits would
unpack to other JSON. So each line begins with a check over itself and every line before it, and
what is not a stream carries ``check_of`` its parts in a header. Neither is a signature: they find
what a bad line or a proxy does to bytes, not what somebody does who means to.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from hashlib import blake2b

from sync.errors import MessageGarbage, MessageTooLarge

FRAME_BYTES_MAX = 16 * 1_048_576
"""The largest unpacked message: twice the largest batch, whose text may be escaped once more."""
CHECK_HEADER = "zava-check"
"""Of a request: ``check_of(token, body)``. Of an answer that is no stream: ``check_of(body)``."""
_CHECK_BYTES = 8
_CHECK_CHARACTERS = 2 * _CHECK_BYTES
_INFLATE_BYTES = 1_048_576
_LEVEL = 6
_STREAM_HEADER = b"\x78\x9c"
"""How zlib begins: the window a receiver needs is the largest, which both packings fit."""
_BULK, _LIVE = (-15, 8), (-13, 6)
"""Window and memory of zlib: a first download packs a tenth smaller with much of it. What goes out
live packs a twentieth smaller and takes twice the time, because the memory of hundreds of streams
fits no processor's cache: 256 KiB each, and 64 KiB live."""
_LITTLE, _LITTLE_BYTES_MAX = (10, 4), 1_024
"""Of a whole message: making the memory ready takes ten times as long as packing so little."""
BULK_BYTES_MIN = 16_384
"""Frames of this size are packed as bulk."""


def check_of(*parts: bytes) -> str:
    """A check for each part, separated by spaces."""
    return " ".join(blake2b(part, digest_size=_CHECK_BYTES).hexdigest() for part in parts)


class Deflater:
    """Packs frames for one stream."""

    def __init__(self) -> None:
        self._check = blake2b(digest_size=_CHECK_BYTES)
        self._memory = _LIVE
        self._zlib = zlib.compressobj(_LEVEL, zlib.DEFLATED, *_LIVE)
        self._head = _STREAM_HEADER

    def pack(self, frames: bytes) -> bytes:
        """The bytes to send now; the receiver can read all of the frames, one line each, from
        them."""
        check, plain = self._check, list[bytes]()
        for line in frames.split(b"\n")[:-1]:
            check.update(line + b"\n")
            plain.append(b"%b %b\n" % (check.hexdigest().encode(), line))
        memory = _LIVE if len(frames) < BULK_BYTES_MIN else _BULK
        if memory != self._memory:  # what is flushed ends a byte, so another packer can go on
            self._memory = memory
            self._zlib = zlib.compressobj(_LEVEL, zlib.DEFLATED, *memory)
        head, self._head = self._head, b""
        packed = self._zlib.compress(b"".join(plain))
        return head + packed + self._zlib.flush(zlib.Z_SYNC_FLUSH)


class Inflater:
    """Unpacks one stream into lines, however the network cuts it."""

    def __init__(self) -> None:
        self._zlib = zlib.decompressobj()
        self._check = blake2b(digest_size=_CHECK_BYTES)
        self._rest = bytearray()

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Every line that is complete now, without its check and its newline."""
        while chunk:
            if self._zlib.eof:
                raise MessageGarbage("The stream goes on after its end.")
            try:
                plain = self._zlib.decompress(chunk, _INFLATE_BYTES)
            except zlib.error as error:
                raise MessageGarbage("The stream is not what a hub sends.") from error
            chunk = self._zlib.unconsumed_tail
            start = 0
            while (end := plain.find(b"\n", start)) >= 0:
                self._rest += plain[start:end]
                self._bound()
                yield self._checked(bytes(self._rest))
                self._rest.clear()
                start = end + 1
            self._rest += plain[start:]
            self._bound()

    def _checked(self, line: bytes) -> bytes:
        check, line = line[:_CHECK_CHARACTERS], line[_CHECK_CHARACTERS + 1 :]
        self._check.update(line + b"\n")
        if check != self._check.hexdigest().encode():
            raise MessageGarbage("The stream was altered on the way.")
        return line

    def _bound(self) -> None:
        if len(self._rest) > FRAME_BYTES_MAX:
            raise MessageTooLarge(f"A message unpacks to more than {FRAME_BYTES_MAX} bytes.")


def inflate(packed: bytes, limit: int) -> bytes:
    """One whole packed message of at most ``limit`` unpacked bytes."""
    unpacker = zlib.decompressobj()
    try:
        plain = unpacker.decompress(packed, limit + 1)
    except zlib.error as error:
        raise MessageGarbage("A message is not packed as we pack them.") from error
    if len(plain) > limit:
        raise MessageTooLarge(f"A message unpacks to more than {limit} bytes.")
    if not unpacker.eof:
        raise MessageGarbage("A packed message is cut short.")
    return plain


def is_little(packed: bytes, limit: int) -> bool:
    """Whether a packed message is of at most ``limit`` unpacked bytes, or is none at all."""
    try:
        return len(zlib.decompressobj().decompress(packed, limit + 1)) <= limit
    except zlib.error:
        return True


def deflate(plain: bytes) -> bytes:
    """One whole message, packed."""
    if len(plain) > _LITTLE_BYTES_MAX:
        return zlib.compress(plain, _LEVEL)
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, *_LITTLE)
    return packer.compress(plain) + packer.flush()
