"""One signed-in tab: its device, who is signed in, and the states of its screens.

A screen's state is made when first asked for and kept while the tab is signed in, so that coming
back to a screen finds it as it was left: ``finder = workspace.keep(Finder)``.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol, TypeVar
from weakref import WeakSet

from app.domain.roles import Role, role_of
from app.domain.times import iso_z
from app.state.live import LiveRows
from app.state.sync_status import SyncView, moment
from app.state.wake import Wake

if TYPE_CHECKING:
    from sync.device import Device, Profile
    from sync.local import Replica
    from sync.ports import Clock, Entropy


class Closable(Protocol):
    """A screen's state: it stops following the replica when told to."""

    def close(self) -> None:
        """Stop following."""
        ...


State = TypeVar("State", bound=Closable)


class Workspace:
    """What every screen's state is made from."""

    def __init__(self, device: Device, clock: Clock, entropy: Entropy, wake: Wake) -> None:
        """The device must have a profile."""
        assert device.profile is not None
        self.device = device
        self.clock = clock
        self.entropy = entropy
        self.wake = wake
        self.profile: Profile = device.profile
        self.sync = SyncView(device, clock, wake)
        self._states: dict[type[Any], Closable] = {}
        self._rows: WeakSet[LiveRows] = WeakSet()

    @property
    def replica(self) -> Replica:
        """The local replica: the only thing a screen reads or writes."""
        return self.device.replica

    @property
    def role(self) -> Role:
        """The role of the person signed in."""
        return role_of(self.profile.role)

    @property
    def store_id(self) -> str | None:
        """The store of the person signed in; None for the super manager."""
        return self.profile.store_id or None

    @property
    def store_name(self) -> str:
        """The name of that store, without the chain's."""
        return self.store_called(self.store_id) if self.store_id else "All stores"

    def store_called(self, store_id: str) -> str:
        """A store's name without the chain's: `Tacoma`."""
        store = self.replica.get("stores", store_id) or {}
        name = str(store.get("store_name") or store_id.removeprefix("store_").capitalize())
        return name.removeprefix("Zava Retail ").strip() or name

    def now(self) -> datetime:
        """The present instant by the injected clock."""
        return moment(self.clock.now_ms())

    def now_iso(self) -> str:
        """The present instant as documents hold it."""
        return iso_z(self.now())

    def keep(self, kind: Callable[[Workspace], State]) -> State:
        """The state of a screen, made on first use: ``kind(workspace)``."""
        if kind not in self._states:
            self._states[kind] = kind(self)  # type: ignore[index]
        return self._states[kind]  # type: ignore[index,return-value]

    def observe(self, statement: str, changed: Callable[[], object], **args: object) -> LiveRows:
        """What a SELECT answers, kept current; ``changed`` is called in this tab's turn."""
        rows = LiveRows(self.replica, statement, args, self.wake, changed)
        self._rows.add(rows)
        return rows

    def observe_store(
        self, select: str, changed: Callable[[], object], order: str = ""
    ) -> LiveRows:
        """`observe` for what is present in the own store; in all stores for the super manager."""
        if self.store_id is None:
            return self.observe(f"{select} WHERE deleted = false {order}", changed)
        where = "WHERE store_id = :store AND deleted = false"
        return self.observe(f"{select} {where} {order}", changed, store=self.store_id)

    def person(self, user_id: str) -> str:
        """The name of a user, `You` for oneself, `Somebody` for one this replica does not hold."""
        if user_id == self.profile.user_id:
            return "You"
        user = self.replica.get("users", user_id) or {}
        return str(user.get("display_name") or "Somebody")

    def close(self) -> None:
        """Stop every screen's state; the device stays open for other tabs."""
        for state in self._states.values():
            state.close()
        self._states.clear()
        for rows in list(self._rows):
            rows.close()
        self.sync.close()
