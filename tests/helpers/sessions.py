"""What tests of sessions do and see."""

from __future__ import annotations

from collections.abc import Callable

from sync.device.session import Session
from sync.device.status import SyncStatus
from sync.local import Replica
from tests.helpers.two_devices import until

Run = Callable[..., Session]


def noted(replica: Replica, text: str = "new") -> None:
    with replica.transaction() as tx:
        tx.update("inventory", "inv_1", {"notes": text})


def watched(session: Session) -> list[SyncStatus]:
    seen: list[SyncStatus] = []
    session.on_status(seen.append)
    return seen


def codes(seen: list[SyncStatus]) -> list[str]:
    """The errors that were shown, each once."""
    shown = [status.error.code for status in seen if status.error is not None]
    return [code for i, code in enumerate(shown) if i == 0 or shown[i - 1] != code]


async def in_step(session: Session) -> None:
    await until(lambda: session.status.state == "up_to_date")
