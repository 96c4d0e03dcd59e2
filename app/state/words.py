"""Small wordings that several screens share."""

from __future__ import annotations


def signed(delta: int) -> str:
    """A change with its sign in real typography: `+3`, `−2`, `±0`."""
    if delta == 0:
        return "±0"
    return f"+{delta:,}" if delta > 0 else f"−{-delta:,}"


def units(count: int) -> str:
    """`1 piece`, `12 pieces`."""
    return f"{count:,} piece" + ("" if count == 1 else "s")


def was_now(was: int, now: int) -> str:
    """What a count changes: `was 37, now 35 (−2)`."""
    return f"was {was:,}, now {now:,} ({signed(now - was)})"
