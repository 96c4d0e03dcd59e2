"""What came of a piece of work among others: theirs go on, whatever it raises."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

_T = TypeVar("_T")


def outcome(work: Callable[[], _T]) -> _T | Exception:
    """What the work gives, or what it raises."""
    try:
        return work()
    except Exception as error:
        return error
