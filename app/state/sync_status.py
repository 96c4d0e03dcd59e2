"""The sync pill and its sheet: what a device's status says in plain words.

Words are the four of ux.md a5; a count is shown whenever something waits, also while online.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

import flet as ft

from app.domain.stock import age_text
from app.state.notices import Outcome
from app.state.wake import Wake

if TYPE_CHECKING:
    from sync.device import Device, SyncStatus
    from sync.ports import Clock

Tone = Literal["ok", "busy", "off", "alert"]
MINUTE_SECONDS = 30
"""How often ages on screen are drawn anew; they are told in minutes."""


@dataclass(frozen=True, slots=True)
class Pill:
    """What the pill shows; ``detail`` is left out where there is little room."""

    tone: Tone
    text: str
    detail: str = ""


def moment(ms: int) -> datetime:
    """An instant from a clock's milliseconds."""
    return datetime.fromtimestamp(ms / 1000, UTC)


def changes(count: int) -> str:
    """`1 change`, `12 changes`."""
    return f"{count:,} change" + ("" if count == 1 else "s")


def pill(status: SyncStatus, now_ms: int) -> Pill:
    """The pill's words for a status."""
    if status.quarantined:
        needs = "needs" if status.quarantined == 1 else "need"
        return Pill("alert", f"{status.quarantined:,} {needs} you")
    if status.state == "offline":
        return Pill("off", f"Offline · {status.waiting:,} waiting" if status.waiting else "Offline")
    if status.expected > status.loaded:
        return Pill("busy", f"Loading {100 * status.loaded // status.expected} %")
    if status.state == "syncing" or status.waiting:
        return Pill("busy", f"Syncing {status.waiting:,}" if status.waiting else "Syncing")
    if status.state == "needs_you":
        return Pill("alert", "Needs you")
    return Pill("ok", "Up to date", _age(status, now_ms))


def sentence(status: SyncStatus) -> str:
    """The state as one or two sentences for the head of the sheet."""
    if status.quarantined:
        one = status.quarantined == 1
        return (
            f"{changes(status.quarantined)} {'was' if one else 'were'} not accepted. "
            f"{'It' if one else 'Each'} is kept below with the reason; everything else goes on."
        )
    if status.state == "offline":
        return f"{_why_offline(status)} {_what_waits(status.waiting)}"
    if status.expected > status.loaded:
        return (
            f"Loading your data for the first time: {status.loaded:,} of {status.expected:,}. "
            "You can work with what is here already."
        )
    if status.waiting:
        return f"Sending {changes(status.waiting)}. They are saved on this device."
    if status.state == "syncing":
        return "Fetching what others changed."
    if status.state == "needs_you":
        return "Your sign-in needs attention. What you change is kept on this device meanwhile."
    return "Everything is saved here and synced."


def _why_offline(status: SyncStatus) -> str:
    if not status.online:
        return "You switched the network off for this app."
    return "The hub cannot be reached."


def _what_waits(waiting: int) -> str:
    if not waiting:
        return "Everything you did has gone out. You can go on working."
    go = "It goes out by itself" if waiting == 1 else "They go out by themselves"
    return f"{changes(waiting)} saved here. {go} once you are connected."


def _age(status: SyncStatus, now_ms: int) -> str:
    if status.last_synced_ms is None:
        return ""
    return age_text(moment(status.last_synced_ms), moment(now_ms))


@ft.observable
@dataclass
class SyncView:
    """The device's status as the screens follow it, and what one can do about it."""

    device: Device
    clock: Clock
    wake: Wake
    status: Any = None
    minute: int = 0
    """Counts up as time passes, so that ages on screen are drawn anew."""
    _followers: list[Callable[[], object]] = field(default_factory=list, repr=False)
    _cancel: Callable[[], None] | None = field(default=None, repr=False)
    _closed: bool = False

    def __post_init__(self) -> None:
        self.status = self.device.status
        self._unfollow = self.device.on_status(lambda _status: self.wake.soon(self.refresh))
        self._cancel = self.wake.later(MINUTE_SECONDS, self._tick)

    @property
    def pill(self) -> Pill:
        """The pill's words now."""
        return pill(self.status, self.clock.now_ms())

    @property
    def last_synced(self) -> str:
        """When everything was last in agreement, in words: `2 min ago`, `never`."""
        return _age(self.status, self.clock.now_ms()) or "never"

    def follow(self, follower: Callable[[], object]) -> Callable[[], None]:
        """Call ``follower`` after each change of the status; the answer ends that."""
        self._followers.append(follower)
        return lambda: self._followers.remove(follower)

    def refresh(self) -> None:
        """Take over the device's present status."""
        if self._closed:
            return
        self.status = self.device.status
        for follower in list(self._followers):
            follower()

    def sync_now(self) -> Outcome:
        """Ask for an exchange at once."""
        self.device.sync_now()
        return Outcome("Syncing now." if self.status.online else "The network switch is off.")

    def set_online(self, online: bool) -> None:
        """The network switch of this app."""
        self.device.online = online
        self.refresh()

    def close(self) -> None:
        """Stop following the device."""
        self._closed = True
        self._unfollow()
        self._followers.clear()
        if self._cancel is not None:
            self._cancel()

    def _tick(self) -> None:
        if not self._closed:
            self.minute += 1
            self._cancel = self.wake.later(MINUTE_SECONDS, self._tick)
