"""Open devices of this process, shared by the tabs that use the same file.

In web mode a device is (account, browser): every tab of a browser signed in to one account works on
one open replica. A file can be open only once (the replica holds it exclusively), so tabs lease it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from sync.local.files import SUFFIXES_EVER

if TYPE_CHECKING:
    from sync.device import Device


Opener = Callable[[Path], Awaitable["Device"]]


def device_file(data_dir: Path, browser: str, login: str) -> Path:
    """The replica of one account in one browser. The login is case-folded, as the hub does."""
    name = quote(login.strip().casefold(), safe="")
    home = blake2b(browser.encode(), digest_size=12).hexdigest()
    return data_dir / "devices" / home / f"{name}.sqlite3"


@dataclass(slots=True)
class _Lease:
    device: Device
    holders: int


class Devices:
    """The registry. All of it runs on one event loop."""

    def __init__(self, opener: Opener) -> None:
        """``opener`` opens the device of a file; it must work without a network."""
        self._opener = opener
        self._leases: dict[Path, _Lease] = {}
        self._turn = asyncio.Lock()

    async def lease(self, path: Path) -> Device:
        """The open device of a file, opened and started if no tab has it yet."""
        async with self._turn:
            lease = self._leases.get(path)
            if lease is None:
                path.parent.mkdir(parents=True, exist_ok=True)
                lease = self._leases[path] = _Lease(await self._opener(path), 0)
            lease.holders += 1
            return lease.device

    async def release(self, path: Path) -> None:
        """One tab is done with a file; after the last one it is closed."""
        async with self._turn:
            lease = self._leases[path]
            lease.holders -= 1
            if lease.holders == 0:
                del self._leases[path]
                await lease.device.close()

    async def set_aside(self, path: Path, name: str) -> Path:
        """Give a file that cannot be opened another name, with what SQLite keeps beside it, so
        that a new one can begin in its place. The answer is where it is now."""
        kept = path.with_name(f"{path.stem}.{name}{path.suffix}")
        async with self._turn:
            for suffix in SUFFIXES_EVER if path not in self._leases else ():
                part = path.with_name(path.name + suffix)
                if part.exists():
                    part.replace(kept.with_name(kept.name + suffix))
        return kept

    async def close(self) -> None:
        """Close every device, whoever holds it."""
        async with self._turn:
            leases, self._leases = self._leases, {}
            for lease in leases.values():
                await lease.device.close()
