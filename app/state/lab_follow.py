"""Following the lab's two devices: one call for everything that moves together, and the verdict."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Final

from app.domain.collections import CUSTOMERS, INVENTORY, ORDER_ITEMS, PRODUCTS
from app.state.lab_check import Agreement, Checker
from app.state.lab_history import Record, records
from app.state.lab_pane import NewestOrder
from app.state.lab_watch import Watch
from app.state.wake import Wake

if TYPE_CHECKING:
    from sync.device import Device

WATCHED: Final = (INVENTORY, ORDER_ITEMS, PRODUCTS, CUSTOMERS)
TOGETHER_SECONDS: Final = 0.01
"""What moves within this time is told once: a commit wakes several collections."""


class Following:
    """Tells when what the panes show may have changed, until `close`."""

    def __init__(
        self,
        devices: Mapping[str, Device],
        wake: Wake,
        changed: Callable[[], object],
        judged: Callable[[Agreement], object],
    ) -> None:
        """``changed`` and ``judged`` are called in the tab's turn."""
        self._devices = dict(devices)
        self._wake = wake
        self._changed = changed
        self._judged = judged
        self._due = False
        self._closed = False
        self._checker: Checker | None = None
        self._known: tuple[int, ...] = ()
        self.newest: dict[str, NewestOrder] = {}
        self.history: tuple[Record, ...] = ()
        self._stops: list[Callable[[], object]] = []
        for key, device in self._devices.items():
            watch = Watch(device.replica, WATCHED, wake, partial(self._touched, key))
            self._stops.append(watch.close)
            self._stops.append(device.on_status(lambda _status: wake.soon(self._later)))

    def begin(self, store_id: str) -> None:
        """Follow the newest order too, and judge whether the devices agree. Once is enough."""
        if self._checker is None:
            self.newest = {
                key: NewestOrder(each, store_id, self._wake, self._later)
                for key, each in self._devices.items()
            }
            self._checker = Checker(self._devices, store_id, self._tell, self._wake)

    @property
    def idle(self) -> bool:
        """Whether the last verdict is about what the devices hold now."""
        return self._checker is not None and self._checker.idle

    def read_history(self) -> tuple[Record, ...]:
        """The conflict histories; read only when they have grown."""
        known = tuple(device.replica.history.count() for device in self._devices.values())
        if known != self._known:
            self._known = known
            self.history = records(self._devices)
        return self.history

    async def close(self) -> None:
        """No callback comes after this."""
        self._closed = True
        for stop in self._stops:
            stop()
        for newest in self.newest.values():
            newest.close()
        if self._checker is not None:
            await self._checker.close()

    def _touched(self, key: str, name: str) -> None:
        if name == ORDER_ITEMS and key in self.newest:
            self.newest[key].read()
        self._later()

    def _later(self) -> None:
        if not self._due and not self._closed:
            self._due = True
            self._wake.later(TOGETHER_SECONDS, self._now)

    def _now(self) -> None:
        self._due = False
        if not self._closed:
            self._changed()

    def _tell(self, agreement: Agreement) -> None:
        self._wake.soon(partial(self._judged, agreement))
