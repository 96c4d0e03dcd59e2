"""State of a component that a handler may read before the component was drawn anew.

A handler sees the values of the drawing it was made in. Somebody who types and presses Enter, or
two keys of a keypad, is faster than the next drawing, so what they typed is read where it is now.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

import flet as ft

Value = TypeVar("Value")


class Latest(Generic[Value]):
    """A value as drawn (``shown``) and as it is now (``now()``)."""

    def __init__(
        self, shown: Value, now: Callable[[], Value], put: Callable[[Value], None]
    ) -> None:
        self.shown = shown
        self.now = now
        self.put = put


def use_latest(first: Value) -> Latest[Value]:
    """A hook: like `ft.use_state`, and readable by handlers of an older drawing."""
    shown, set_shown = ft.use_state(lambda: first)
    held = ft.use_ref(first)

    def put(value: Value) -> None:
        held.current = value
        set_shown(value)

    return Latest(shown, lambda: held.current, put)
