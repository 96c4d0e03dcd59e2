"""What to do next: one decision function without I/O, over a frozen view of the device.

Events only change the view; ``decide`` alone draws conclusions. It keeps these rules:

1. Switched off, signed out, or refused by the hub: nothing runs, and what runs is stopped.
2. After a failure nothing starts before ``retry_at_ms``.
3. A pull is open whenever rules 1 and 2 allow.
4. One push at a time, and only while a pull has heard the hub: an address that answers is not yet
   a hub that knows us.
5. A push starts when batches wait. It never waits for a pull to be complete.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from sync.backoff import BACKOFF_MS_MAX

Action: TypeAlias = Literal["stop", "pull", "push"]


@dataclass(frozen=True, slots=True)
class View:
    """All that matters for the decision."""

    online: bool
    signed_in: bool
    refused: bool
    waiting: int
    pulling: bool
    heard: bool
    pushing: bool
    now_ms: int
    retry_at_ms: int


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do now, and when to look again if nothing happens (None: whenever)."""

    actions: tuple[Action, ...]
    look_again_ms: int | None = None


def decide(view: View) -> Decision:
    """The decision for a view."""
    if not view.online or not view.signed_in or view.refused:
        return Decision(("stop",) if view.pulling or view.pushing else ())
    actions: list[Action] = []
    if not view.pulling:
        actions.append("pull")
    if view.waiting and view.heard and not view.pushing:
        actions.append("push")
    pause_ms = view.retry_at_ms - view.now_ms
    if actions and 0 < pause_ms <= BACKOFF_MS_MAX:  # longer: the clock was set back
        return Decision((), pause_ms)
    return Decision(tuple(actions))
