"""The engine without its compiled part, as a phone has it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from sync.core import compiled


@contextmanager
def in_python() -> Iterator[None]:
    """What is begun to be merged in here is merged in Python."""
    with patch.object(compiled, "IS_COMPILED", False):
        yield
