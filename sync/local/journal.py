"""The file beside a replica's file that keeps small commits until they are put in place there.

A record is a line: eight digits that check a text, and the text, which is JSON. The file has its
size from the start and is written over from its beginning each time, so that a commit that waits
for the disk waits for one block. What lies behind the newest record is of earlier times: whoever
reads takes what follows from what the replica's file says, and nothing else (``recent``).
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from io import FileIO
from pathlib import Path
from typing import Final

JOURNAL_BYTES: Final = 1_048_576
"""Some two thousand commits, which are put in place within ten milliseconds."""
SUFFIX: Final = "-recent"

_CHECK_CHARS: Final = 8
_wait_for_disk = getattr(os, "fdatasync", os.fsync)


class Journal:
    """The journal of one file, made when the first record is added."""

    def __init__(self, path: Path | None, *, full_sync: bool) -> None:
        """``path``: that of the replica's file; without one nothing is kept."""
        self._path = None if path is None else path.with_name(path.name + SUFFIX)
        self._full_sync = full_sync
        self._file: FileIO | None = None
        self._end = 0

    def records(self) -> Iterator[bytes]:
        """The texts in the file, up to the first that is not what was written."""
        if self._path is None or not self._path.is_file():
            return
        for line in self._path.read_bytes().split(b"\n"):
            check, text = line[:_CHECK_CHARS], line[_CHECK_CHARS:]
            if not text or check != b"%08x" % zlib.crc32(text):
                return
            yield text

    def add(self, text: bytes) -> bool:
        """Keep a text; False where it has no room here, or the disk does not take it."""
        record = b"%08x%s\n" % (zlib.crc32(text), text)
        if self._end + len(record) > JOURNAL_BYTES:
            return False
        if self._path is not None:
            try:
                if (self._file or self._opened()).write(record) != len(record):
                    raise OSError("There is no room for a whole record.")
                if self._full_sync:
                    _wait_for_disk(self._opened().fileno())
            except OSError:  # whoever writes into the tables instead is told what is wrong
                self.close()
                return False
        self._end += len(record)
        return True

    def _opened(self) -> FileIO:
        if self._file is not None:
            return self._file
        assert self._path is not None, "where nothing is kept, nothing is written"
        is_new = not self._path.exists()
        file = self._file = FileIO(self._path, "x+" if is_new else "r+")
        missing = JOURNAL_BYTES - file.seek(0, os.SEEK_END)
        if missing > 0 and file.write(bytes(missing)) != missing:
            raise OSError("There is no room for the whole file.")
        file.seek(self._end)
        if is_new and self._full_sync:
            _keep_name(self._path)
        return file

    def start_over(self) -> None:
        """Everything in it is in place: the next record is the first."""
        self._end = 0
        if self._file is not None:
            self._file.seek(0)

    def close(self) -> None:
        """Close the file; the next record opens it again."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def remove(self) -> None:
        """Close and delete the file: everything in it is in place."""
        self.close()
        if self._path is not None:
            self._path.unlink(missing_ok=True)


def _keep_name(path: Path) -> None:
    """Wait until the disk knows of a new file, where systems let us."""
    if os.name == "posix":
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
