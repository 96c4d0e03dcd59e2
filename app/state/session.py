"""Who is signed in in this tab, and on which device.

A browser (or an installed app) has an id of its own; an account in it is a device with its own
file. A device that has signed in once opens without the network, so a reload resumes the work.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

import flet as ft

from app.domain import roles
from app.domain.errors import DomainError
from app.state.devices import Devices, device_file
from app.state.notices import Notice, problem
from app.state.sync_status import changes
from app.state.wake import Wake
from app.state.workspace import Workspace

if TYPE_CHECKING:
    from sync.device import Device
    from sync.ports import Clock, Entropy

_log = logging.getLogger("zava.app")

BROWSER_KEY = "zava.browser"
LOGIN_KEY = "zava.login"
BROWSER_ID_BYTES = 16

NEEDS_HUB_ONCE = (
    "The first sign-in on a device needs the hub. Check the network, or that the hub is running."
)
AFRESH = (
    "Start afresh: the damaged file is kept under another name and everything the hub has comes "
    "down again. Changes made here that had not gone out yet are only in the kept file."
)
DAMAGED = "What this device has kept for this account is damaged."
_UNUSABLE = frozenset({"database_corrupt", "database_foreign"})
CONNECT_FIRST = "Connect and let the work go out, then sign out. Nothing is lost meanwhile."

Phase = Literal["starting", "signed_out", "signed_in"]
HOME_PATHS = {roles.Home.FIND: "/find", roles.Home.CUSTOMERS: "/customers"}


class Preferences(Protocol):
    """Small texts kept by the browser or the phone."""

    async def get(self, key: str) -> str | None:
        """The text kept under a key."""
        ...

    async def set(self, key: str, value: str) -> object:
        """Keep a text under a key."""
        ...


@ft.observable
@dataclass
class Session:
    """Signing in and out; ``workspace`` is there exactly while the phase is `signed_in`."""

    data_dir: Path
    devices: Devices
    preferences: Preferences
    clock: Clock
    entropy: Entropy
    wake: Wake
    phase: Phase = "starting"
    busy: bool = False
    trouble: Notice | None = None
    damaged: Path | None = None
    """The device's file, where what went wrong is that it cannot be used any more."""
    workspace: Workspace | None = None
    _file: Path | None = field(default=None, repr=False)
    _browser: str = ""

    @property
    def home(self) -> str:
        """The path of the screen this person starts on."""
        return HOME_PATHS[roles.home(self.workspace.profile.role)] if self.workspace else "/"

    async def start(self) -> None:
        """Resume the device used last in this browser, if it is signed in."""
        try:
            await self._resume()
        except Exception as error:
            self._fail(error)
        if self.workspace is None:
            self.phase = "signed_out"

    async def sign_in(self, login: str, password: str) -> None:
        """Sign in with an account; what goes wrong is in ``trouble``."""
        if self.busy:
            return
        self.busy, self.trouble, self.damaged = True, None, None
        try:
            await self._sign_in(login.strip(), password)
        except Exception as error:
            self._fail(error)
        finally:
            self.busy = False

    async def start_afresh(self) -> None:
        """Put the damaged file aside, so that the next sign-in begins a new one (S5)."""
        damaged, self.damaged = self.damaged, None
        if damaged is None:
            return
        moment = self.clock.now_ms() // 1_000
        kept = await self.devices.set_aside(damaged, f"damaged-{moment}")
        self.trouble = Notice(
            "done", f"The damaged file is kept as {kept.name}.", "Sign in to begin a new one."
        )

    async def sign_out(self, force: bool = False) -> None:
        """Sign out. Raises `UnsentWork` while anything is unsent, unless forced (S5)."""
        workspace = self.workspace
        if workspace is None:
            return
        await workspace.device.sign_out(force=force)
        await self.preferences.set(LOGIN_KEY, "")
        await self.leave()

    async def try_sign_out(self) -> Notice | None:
        """Sign out, or the reason why not."""
        try:
            await self.sign_out()
        except Exception as error:
            told = problem(error)
            if told.code == "unsent_work" and self.workspace is not None:
                return replace(told, message=self._unsent(), remedy=CONNECT_FIRST)
            return told
        return None

    async def leave(self) -> None:
        """Let go of the device without signing out, as when the tab is closed."""
        workspace, self.workspace = self.workspace, None
        self.phase = "signed_out"
        if workspace is not None:
            workspace.close()
        if self._file is not None:
            file, self._file = self._file, None
            await self.devices.release(file)

    async def _resume(self) -> None:
        self._browser = await self.preferences.get(BROWSER_KEY) or ""
        if not self._browser:
            self._browser = self.entropy.draw(BROWSER_ID_BYTES).hex()
            await self.preferences.set(BROWSER_KEY, self._browser)
        login = await self.preferences.get(LOGIN_KEY)
        if not login:
            return
        device = await self._lease(login)
        if device.profile is None:
            await self.leave()
        else:
            self._enter(device)

    async def _sign_in(self, login: str, password: str) -> None:
        if not login or not password:
            raise DomainError(
                "sign_in_incomplete",
                "Login or password is missing.",
                "Type both, as your manager gave them to you.",
            )
        device = await self._lease(login)
        try:
            await device.sign_in(login, password)
        except BaseException:
            await self.leave()
            raise
        await self.preferences.set(LOGIN_KEY, login)
        self._enter(device)

    async def _lease(self, login: str) -> Device:
        if self._file is not None:
            await self.leave()
        file = device_file(self.data_dir, self._browser, login)
        try:
            device = await self.devices.lease(file)
        except Exception as error:
            self.damaged = file if getattr(error, "code", "") in _UNUSABLE else None
            raise
        self._file = file
        return device

    def _enter(self, device: Device) -> None:
        self.workspace = Workspace(device, self.clock, self.entropy, self.wake)
        self.phase = "signed_in"

    def _fail(self, error: Exception) -> None:
        told = problem(error)
        if self.damaged is not None:
            _log.error("a device's file cannot be used", exc_info=error)
            told = replace(told, message=DAMAGED, remedy=AFRESH)
        elif told.code == "hub_unreachable":
            told = replace(told, remedy=NEEDS_HUB_ONCE)
        self.trouble = told

    def _unsent(self) -> str:
        assert self.workspace is not None
        waiting = self.workspace.sync.status.waiting or self.workspace.replica.outbox().waiting
        have = "has" if waiting == 1 else "have"
        return f"{changes(waiting)} on this device {have} not gone out yet."
