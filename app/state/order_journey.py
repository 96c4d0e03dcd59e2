"""How far an order has come, step by step, from the journey of its record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from app.domain.collections import ORDERS
from app.domain.stock import age_text
from app.state.sync_status import moment
from app.state.workspace import Workspace

_STEPS: Final = (("sent", "sent", "Sent to the hub"), ("synced", "accepted", "In the cloud"))
"""What the screen calls a stage, the stage, and its words."""


@dataclass(frozen=True, slots=True)
class OrderStep:
    """One step: ``when`` is its age in words, empty where the time is not known here."""

    key: str
    words: str
    done: bool
    when: str = ""


def order_steps(workspace: Workspace, order_id: str) -> tuple[OrderStep, ...]:
    """Where the order was saved, and whether all that is known of it is sent and accepted. What
    was refused and given up counts no more."""
    changes = workspace.replica.system.journey(ORDERS, order_id)
    going = [each for each in changes if not any(s["stage"] == "refused" for s in each["steps"])]
    if not going:  # older than anything this device has heard of
        return (OrderStep("synced", "In the cloud", done=True),)
    first, (committed, *_) = going[0], going[0]["steps"]
    when = _age(workspace, committed["at_ms"])
    saved = OrderStep("saved", f"Saved on {first['device']}", done=True, when=when)
    return (saved, *(_step(workspace, going, *each) for each in _STEPS))


def _step(
    workspace: Workspace, changes: list[dict[str, Any]], key: str, stage: str, words: str
) -> OrderStep:
    done = [step for each in changes for step in each["steps"] if step["stage"] == stage]
    is_done = all(step["done"] for step in done)
    return OrderStep(key, words, is_done, _age(workspace, done[-1]["at_ms"]) if is_done else "")


def _age(workspace: Workspace, at_ms: int | None) -> str:
    return "" if at_ms is None else age_text(moment(at_ms), workspace.now())
