"""The lab's verdict: do both devices hold the same, judged again whenever something moved.

Only documents that moved are hashed again, in a worker thread; the verdict is there well within a
second after the last change. A difference counts as a failure only when nothing is under way.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from app.comparison import Collection, Difference, Digests, compare_collection, first_difference
from app.domain.collections import SYNCED
from app.state.lab_watch import Watch
from app.state.wake import Wake

if TYPE_CHECKING:
    from sync.device import Device

QUIET_SECONDS: Final = 0.8
"""With both devices linked and nothing moving for this long, a difference is a verdict."""

CALM_SECONDS: Final = 0.12
"""Before hashing, so that the screens are drawn first and a burst is judged once."""

State = Literal["checking", "converged", "apart", "agreeing", "differs"]


@dataclass(frozen=True, slots=True)
class Agreement:
    """The verdict. ``apart`` is a difference while a link is cut, ``agreeing`` one that is being
    worked on, ``differs`` one that nothing will mend by itself."""

    state: State
    documents: int = 0
    difference: Difference | None = None


class Checker:
    """Follows two devices and tells the verdict. Runs on one event loop."""

    def __init__(
        self,
        devices: Mapping[str, Device],
        store_id: str,
        told: Callable[[Agreement], object],
        wake: Wake,
    ) -> None:
        """``told`` gets each new verdict."""
        self._devices = devices
        self._replicas = {key: device.replica for key, device in devices.items()}
        self._digests = {key: Digests(replica) for key, replica in self._replicas.items()}
        self._store_id = store_id
        self._told = told
        self._known: dict[str, Collection] = {}
        self._dirty = set(SYNCED)
        self._running: asyncio.Task[None] | None = None
        self._quiet: asyncio.TimerHandle | None = None
        self._closed = False
        self._again = False
        self._judging = False
        self._watches = [
            Watch(replica, SYNCED, wake, self._touched) for replica in self._replicas.values()
        ]
        self._unfollow = [device.on_status(self._moved) for device in devices.values()]
        self.look()

    def look(self) -> None:
        """Judge again soon."""
        self._again = True
        if not self._closed and (self._running is None or self._running.done()):
            self._running = asyncio.get_running_loop().create_task(self._check())

    @property
    def idle(self) -> bool:
        """Whether the last verdict told is about what the devices hold now."""
        return not (self._again or self._judging)

    async def close(self) -> None:
        """Stop following."""
        self._closed = True
        for watch in self._watches:
            watch.close()
        for unfollow in self._unfollow:
            unfollow()
        self._rest()
        if self._running is not None:
            await asyncio.gather(self._running, return_exceptions=True)

    def _touched(self, name: str) -> None:
        self._dirty.add(name)
        self.look()

    def _moved(self, _status: object) -> None:
        self.look()

    async def _check(self) -> None:
        while self._again and not self._closed:
            await asyncio.sleep(CALM_SECONDS)
            self._again, self._judging = False, True
            self._rest()
            names, self._dirty = [name for name in SYNCED if name in self._dirty], set()
            for found in await asyncio.to_thread(self._compare, names):
                self._known[found.name] = found
            unequal = [found.name for found in self._known.values() if not found.equal]
            difference = None
            if unequal and not self._again:
                difference = await asyncio.to_thread(
                    first_difference, self._replicas, self._store_id, unequal[0]
                )
            self._judging = False
            if not self._again and not self._closed:
                self._tell(difference, bool(unequal))

    def _compare(self, names: list[str]) -> list[Collection]:
        store, digests = self._store_id, self._digests
        return [compare_collection(self._replicas, store, name, digests) for name in names]

    def _tell(self, difference: Difference | None, unequal: bool) -> None:
        documents = sum(each.documents for each in self._known.values())
        state: State = "converged"
        if unequal:
            state = "agreeing" if self._linked() else "apart"
            if state == "agreeing":
                loop = asyncio.get_running_loop()
                self._quiet = loop.call_later(QUIET_SECONDS, self._settle, difference, documents)
        self._told(Agreement(state, documents, difference))

    def _settle(self, difference: Difference | None, documents: int) -> None:
        """Nothing moved for a while: what differs now stays different."""
        if self._linked() and not self._busy():
            self._told(Agreement("differs", documents, difference))
        else:
            self.look()

    def _linked(self) -> bool:
        return all(device.status.online and device.status.reachable for device in self._all())

    def _busy(self) -> bool:
        return any(device.status.state == "syncing" for device in self._all())

    def _all(self) -> list[Any]:
        return list(self._devices.values())

    def _rest(self) -> None:
        if self._quiet is not None:
            self._quiet.cancel()
            self._quiet = None
