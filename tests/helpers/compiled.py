"""The engine without its compiled part, as a phone has it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from sync.core import compiled
from sync.wire import compiled as compiled_on_the_wire


@contextmanager
def in_python() -> Iterator[None]:
    """What is read, or begun to be merged, in here is read and merged in Python."""
    doors = compiled, compiled_on_the_wire
    with patch.object(doors[0], "IS_COMPILED", False), patch.object(doors[1], "IS_COMPILED", False):
        yield
