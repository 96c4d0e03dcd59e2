"""The lab's two devices: real replicas in files of their own, on real sockets to the hub.

They belong to the process, not to a tab, because a file can be open only once: the tabs that look
at the lab share one bench. The files stay where `zava demo --fresh` clears away devices.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from app.comparison import WHOLE
from app.domain.collections import COUNTER_FIELDS, INDEXES
from app.domain.errors import DomainError
from sync.device import Device
from sync.local.files import SUFFIXES_EVER

if TYPE_CHECKING:
    from app.config import DemoAccount
    from sync.ports import Clock, Entropy

A: Final = "a"
B: Final = "b"
KEYS: Final = (A, B)
FOLDER: Final = Path("devices") / "lab"


@dataclass(frozen=True, slots=True)
class Seat:
    """Who sits at a device of the lab."""

    login: str
    device_name: str


SEATS: Final[Mapping[str, Seat]] = {
    A: Seat("ana", "Ana’s handheld"),
    B: Seat("ben", "Ben’s tablet"),
}


@dataclass
class Bench:
    """The two devices; all of it runs on one event loop."""

    folder: Path
    hub_url: str
    accounts: Sequence[DemoAccount]
    clock: Clock
    entropy: Entropy
    devices: dict[str, Device] = field(default_factory=dict)
    _holders: int = 0
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _followers: list[Callable[[bool], Awaitable[None]]] = field(default_factory=list)

    async def enter(self) -> None:
        """Open the devices for one more tab, and sign them in where they never were.

        Raises what signing in raises; the devices are open all the same.
        """
        async with self._turn:
            self._holders += 1
            await self._open()
            await self._sign_in()

    async def leave(self) -> None:
        """One tab is done; after the last one the devices are closed."""
        async with self._turn:
            self._holders -= 1
            if self._holders <= 0:
                self._holders = 0
                await self._close()

    async def sign_in(self) -> None:
        """Try again to sign in what is not."""
        async with self._turn:
            await self._sign_in()

    async def reset(self) -> None:
        """Throw both replicas away and begin anew; what the hub holds stays."""
        async with self._turn:
            await self._tell(False)
            await self._close()
            for key in KEYS:
                for suffix in SUFFIXES_EVER:
                    path = self._file(key)
                    path.with_name(path.name + suffix).unlink(missing_ok=True)
            await self._open()
            try:
                await self._sign_in()
            finally:
                await self._tell(True)

    def follow(self, follower: Callable[[bool], Awaitable[None]]) -> Callable[[], None]:
        """Await it with False before the devices are replaced, and with True afterwards."""
        self._followers.append(follower)
        return lambda: self._followers.remove(follower)

    async def _tell(self, there: bool) -> None:
        for follower in list(self._followers):
            await follower(there)

    async def _open(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        for key in KEYS:
            if key not in self.devices:
                device = await Device.open(
                    self._file(key),
                    self.hub_url,
                    name=SEATS[key].device_name,
                    clock=self.clock,
                    entropy=self.entropy,
                )
                device.replica.ensure_indexes(dict(INDEXES))
                device.replica.declare_counters(COUNTER_FIELDS)
                for statement in WHOLE:
                    device.register_subscription(statement)
                device.start()
                self.devices[key] = device

    async def _sign_in(self) -> None:
        for key, device in self.devices.items():
            if device.profile is None:
                account = self._account(SEATS[key].login)
                await device.sign_in(account.login, account.password)

    async def _close(self) -> None:
        devices, self.devices = self.devices, {}
        for device in devices.values():
            await device.close()

    def _account(self, login: str) -> DemoAccount:
        for account in self.accounts:
            if account.login == login:
                return account
        raise DomainError(
            "lab_account_missing",
            f"The lab needs the demo account {login!r}, which this hub does not have.",
            "Start the app with `zava demo`.",
        )

    def _file(self, key: str) -> Path:
        return self.folder / f"{SEATS[key].login}.sqlite3"


_BENCHES: dict[Path, Bench] = {}


def bench_in(
    data_dir: Path,
    hub_url: str,
    accounts: Sequence[DemoAccount],
    clock: Clock,
    entropy: Entropy,
) -> Bench:
    """The bench of a data directory; the same one for every tab of this process."""
    folder = data_dir / FOLDER
    if folder not in _BENCHES:
        _BENCHES[folder] = Bench(folder, hub_url, accounts, clock, entropy)
    return _BENCHES[folder]
