"""A device for tests of screens: a real replica with seeded documents, and a status one can set."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sync.device import Profile, SyncStatus
from sync.errors import SignInRefused, UnsentWork
from sync.local import Replica

SECOND_MS = 1_000
NOW_MS = 1_795_200_000_000
"""2026-11-20T18:40:00Z."""

ANA = Profile(
    user_id="user_ana",
    login="ana",
    display_name="Ana Morales",
    role="worker",
    store_id="store_seattle",
    store_code="SEA",
    device_code="W1",
    device_name="Ana's handheld",
    expires_at_ms=NOW_MS + 86_400_000,
)
BEN = replace(ANA, user_id="user_ben", login="ben", display_name="Ben Carter", role="rep")
CLEO = replace(ANA, user_id="user_cleo", login="cleo", display_name="Cleo Nakamura", role="manager")
PEOPLE = {each.login: each for each in (ANA, BEN, CLEO)}
PASSWORD = "zava-demo"


@dataclass
class StillClock:
    """A clock that moves when told to."""

    ms: int = NOW_MS

    def now_ms(self) -> int:
        return self.ms


@dataclass
class CountingEntropy:
    """Bytes that never repeat and are the same in every run."""

    drawn: int = 0

    def draw(self, count: int) -> bytes:
        self.drawn += 1
        return self.drawn.to_bytes(8, "big").rjust(count, b"\0")[-count:]


@dataclass
class StandInDevice:
    """What the screens need of `sync.device.Device`, without a hub."""

    replica: Replica
    profile: Profile | None = None
    status: SyncStatus = field(
        default_factory=lambda: SyncStatus(
            state="up_to_date", reachable=True, last_synced_ms=NOW_MS - 120 * SECOND_MS
        )
    )
    followers: list[Callable[[SyncStatus], None]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    closed: bool = False

    @property
    def online(self) -> bool:
        return self.status.online

    @online.setter
    def online(self, online: bool) -> None:
        self.become(online=online, state="up_to_date" if online else "offline")

    def become(self, **changes: Any) -> None:
        """Change the status and tell the followers."""
        self.status = replace(self.status, **changes)
        for follower in list(self.followers):
            follower(self.status)

    def on_status(self, callback: Callable[[SyncStatus], None]) -> Callable[[], None]:
        self.followers.append(callback)
        return lambda: self.followers.remove(callback)

    async def sign_in(self, login: str, password: str) -> Profile:
        if login not in PEOPLE or password != PASSWORD:
            raise SignInRefused("Login or password is wrong.")
        self.profile = PEOPLE[login]
        return self.profile

    async def sign_out(self, *, force: bool = False) -> None:
        if self.status.waiting and not force:
            raise UnsentWork(f"{self.status.waiting} changes have not reached the hub yet.")
        self.profile = None

    def sync_now(self) -> None:
        self.calls.append("sync_now")

    async def close(self) -> None:
        self.closed = True
        self.replica.close()


def replica_with(
    documents: Iterable[tuple[str, dict[str, Any]]],
    clock: StillClock,
    path: Path | str = ":memory:",
    entropy: CountingEntropy | None = None,
) -> Replica:
    """A replica that holds these (collection, document) pairs."""
    replica = Replica.open(path, clock=clock, entropy=entropy or CountingEntropy())
    waiting: list[tuple[str, dict[str, Any]]] = []
    for each in documents:
        waiting.append(each)
        if len(waiting) == 200:
            _insert(replica, waiting)
            waiting = []
    _insert(replica, waiting)
    return replica


def _insert(replica: Replica, documents: list[tuple[str, dict[str, Any]]]) -> None:
    with replica.transaction(author="user_hub") as tx:
        for collection, document in documents:
            tx.insert(collection, document)


@dataclass
class KeptInMemory:
    """`Preferences` that live as long as the object."""

    kept: dict[str, str] = field(default_factory=dict)

    async def get(self, key: str) -> str | None:
        return self.kept.get(key)

    async def set(self, key: str, value: str) -> None:
        self.kept[key] = value
