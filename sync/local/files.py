"""The files that one replica consists of, by the endings of their names."""

from __future__ import annotations

from typing import Final

from sync.local.journal import SUFFIX

SUFFIXES: Final = ("", "-wal", SUFFIX)
"""Those that hold something: a copy of a replica has them all."""
SUFFIXES_EVER: Final = (*SUFFIXES, "-shm", "-journal")
"""Those that may ever lie there: where one is deleted, all of them go."""
