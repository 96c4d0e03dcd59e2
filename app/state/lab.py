"""The lab: two real devices side by side, their links, what they hold, and whether they agree."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import flet as ft

from app import scenario
from app.domain.codes import location_text
from app.domain.collections import INVENTORY, PRODUCTS
from app.domain.errors import DomainError
from app.domain.orders import Line as OrderLine
from app.domain.times import iso_z
from app.state.lab_bench import KEYS, SEATS, A, B, Bench
from app.state.lab_check import Agreement
from app.state.lab_console import Console
from app.state.lab_follow import Following
from app.state.lab_history import Record
from app.state.lab_pane import NewestOrder, PaneView, pane, show_the_same
from app.state.lab_story import STEP_SECONDS, Line, Story, told
from app.state.notices import Notice, Outcome, problem
from app.state.sales_placing import place, seller
from app.state.sync_status import moment
from app.state.wake import Wake

if TYPE_CHECKING:
    from app.scenario import Cast
    from sync.device import Device
    from sync.local import Replica
    from sync.ports import Clock

LOG_LINES_MAX: Final = 40
AGREE_SECONDS_MAX: Final = 10


@ft.observable
@dataclass
class LabState:
    """``phase`` is `opening`, `ready` or `failed`; with `failed` there is ``trouble``."""

    bench: Bench
    clock: Clock
    wake: Wake
    step_seconds: float = STEP_SECONDS
    phase: str = "opening"
    trouble: Notice | None = None
    panes: tuple[PaneView, ...] = ()
    agreement: Agreement = field(default_factory=lambda: Agreement("checking"))
    history: tuple[Record, ...] = ()
    log: tuple[Line, ...] = ()
    latency_ms: float | None = None
    """From the last commit on one device to the other one showing it, both linked."""
    playing: bool = False
    cast: Any = None
    consoles: dict[str, Console] = field(default_factory=dict)
    opened: frozenset[str] = frozenset()
    """The devices whose consoles are open."""
    _following: Any = field(default=None, repr=False)
    _sent: Any = field(default=None, repr=False)
    _news: Any = field(default_factory=asyncio.Event, repr=False)
    """Set whenever something moved."""
    _inside: bool = False
    _unfollow_bench: Any = field(default=None, repr=False)

    def __post_init__(self) -> None:
        self.consoles = {key: self._console(key) for key in KEYS}

    async def enter(self) -> None:
        """Open the devices and follow them; what goes wrong is in ``trouble``."""
        self._inside = True
        self._unfollow_bench = self.bench.follow(self._replaced)
        try:
            await self.bench.enter()
            self.phase = "ready"
        except Exception as error:
            self._fail(error)
        if self._inside:
            await self._follow()

    async def leave(self) -> None:
        """Stop following; the devices close with the last tab."""
        if self._inside:
            self._inside = False
            self._unfollow_bench()
            await self._unfollow()
            await self.bench.leave()

    async def again(self) -> None:
        """Try again to sign both devices in."""
        self.phase, self.trouble = "opening", None
        try:
            await self.bench.sign_in()
            self.phase = "ready"
        except Exception as error:
            self._fail(error)
        self.refresh()

    async def reset(self) -> Outcome:
        """Two new devices with empty replicas."""
        if self.playing:
            raise DomainError("lab_busy", "The scenario is playing.", "Wait until it is done.")
        self.phase, self.log, self.latency_ms, self.trouble = "opening", (), None, None
        try:
            await self.bench.reset()
            self.phase = "ready"
        except Exception as error:
            self._fail(error)
        return Outcome("Two new devices, loading from the hub.")

    def set_online(self, key: str, online: bool) -> None:
        """The network switch of one device."""
        self._device(key).online = online
        self._tell(key, "Network back" if online else "Network cut")
        self.refresh()

    def cut_all(self) -> None:
        """Cut both links."""
        self._switch_all(False)

    def heal_all(self) -> None:
        """Heal both links."""
        self._switch_all(True)

    def turn_console(self, key: str) -> None:
        """Open the console of one device, or close it; what it follows goes on."""
        self.opened ^= {key}
        if key in self.opened:
            self.consoles[key].draft.focus_calls += 1

    def count(self, key: str, pieces: int) -> None:
        """A physical count on one device."""
        with self._writing(key) as (replica, cast):
            counted = scenario.count_product(replica, cast, self._now(), pieces)
        self._tell(key, f"Counted: was {counted.before}, now {pieces}")

    def sell_one(self, key: str) -> None:
        """An order of one piece of the product."""
        with self._writing(key) as (replica, cast):
            profile = self._device(key).profile
            assert profile is not None
            lines = [OrderLine(replica.get(PRODUCTS, cast.product_id) or {}, 1)]
            placed = place(
                replica, seller(profile), cast.customer_id, lines, self._now(), self._draw
            )
        self._tell(key, f"Sold 1 with order {placed.code}")

    def move(self, key: str) -> None:
        """Into the next bin of the shelf."""
        with self._writing(key) as (replica, cast):
            to = scenario.move_product(replica, cast, self._now())
        self._tell(key, f"Moved to {location_text(to)}")

    def write_note(self, key: str, note: str) -> None:
        """The note of the product's place."""
        with self._writing(key) as (replica, cast):
            scenario.write_note(replica, cast, note.strip(), self._now())
        self._tell(key, f"Note: “{note.strip()}”")

    def remove(self, key: str, removed: bool) -> None:
        """Soft-delete the product's place, or put it back."""
        at = self._now()
        fields = {"deleted": removed, "deleted_at": at if removed else None, "last_updated": at}
        with self._writing(key) as (replica, cast), replica.transaction() as tx:
            tx.update(INVENTORY, cast.inventory_id, fields)
        self._tell(key, "Removed the place" if removed else "Put the place back")

    async def play(self) -> None:
        """The scenario, step by step; healing in the end and telling what came of it."""
        if self.playing or self.cast is None:
            return
        self.playing, self.log = True, ()
        try:
            self.cast = scenario.choose_cast(self._device(A).replica)
            await self._play(self.cast)
        finally:
            self.playing = False

    def refresh(self) -> None:
        """Read both devices anew."""
        devices = self.bench.devices
        if not self._inside or len(devices) < len(KEYS):
            return
        if self.cast is None:
            self.cast = self._choose()
        now_ms = self.clock.now_ms()
        self.panes = tuple(
            pane(
                key,
                SEATS[key].device_name,
                devices[key],
                self.cast,
                self._newest(key),
                now_ms,
            )
            for key in KEYS
        )
        self.history = self._following.read_history() if self._following else ()
        self._doubt()
        self._arrived()
        self._news.set()

    async def _play(self, cast: Cast) -> None:
        story = Story(self._device(A).replica, self._device(B).replica, cast, self._now)
        self.cut_all()
        for line in story.steps():
            self._say(line)
            self.refresh()
            await asyncio.sleep(self.step_seconds)
        self.set_online(A, True)
        await asyncio.sleep(self.step_seconds)
        self.set_online(B, True)
        await self._agreed()
        for line in told(await asyncio.to_thread(story.verdict)):
            self._say(line)

    async def _agreed(self) -> None:
        """Wait until the checker says so, or does not for too long; the verdict tells which."""
        with suppress(TimeoutError):
            async with asyncio.timeout(AGREE_SECONDS_MAX):
                while not (self._linked() and self._following.idle and self._is_converged()):
                    self._news.clear()
                    await self._news.wait()

    def _is_converged(self) -> bool:
        return self.agreement.state == "converged"

    def _linked(self) -> bool:
        statuses = [device.status for device in self.bench.devices.values()]
        return all(status.state == "up_to_date" for status in statuses)

    def _switch_all(self, online: bool) -> None:
        for key in KEYS:
            self._device(key).online = online
        self._tell("", "Both links healed" if online else "Both links cut")
        self.refresh()

    async def _replaced(self, there: bool) -> None:
        """The devices go (False) or new ones are there (True)."""
        if there:
            await self._follow()
        else:
            await self._unfollow()
            self.cast, self.panes, self.history = None, (), ()

    async def _follow(self) -> None:
        self._following = Following(self.bench.devices, self.wake, self.refresh, self._judged)
        self.refresh()

    async def _unfollow(self) -> None:
        for console in self.consoles.values():
            console.close()
        following, self._following = self._following, None
        if following is not None:
            await following.close()

    def _choose(self) -> Cast | None:
        """Who plays, once both devices have everything; the verdict starts with it."""
        devices = self.bench.devices
        if any(device.profile is None or device.status.expected for device in devices.values()):
            return None
        try:
            cast = scenario.choose_cast(devices[A].replica)
        except DomainError:
            return None
        if self._following is not None:
            self._following.begin(cast.store_id)
        return cast

    def _judged(self, agreement: Agreement) -> None:
        self.agreement = agreement
        self._news.set()

    def _newest(self, key: str) -> NewestOrder | None:
        return self._following.newest.get(key) if self._following else None

    @contextmanager
    def _writing(self, key: str) -> Iterator[tuple[Replica, Cast]]:
        """A write on one device; its way to the other one is timed while both are linked."""
        if self.cast is None:
            raise DomainError(
                "lab_not_ready",
                "The lab's devices do not hold everything yet.",
                "Wait until both have loaded.",
            )
        started, linked = time.perf_counter(), self._linked()
        yield self._device(key).replica, self.cast
        self._sent = started if linked else None
        if newest := self._newest(key):
            newest.read()
        self.refresh()

    def _doubt(self) -> None:
        """What one can see differ is not converged, even before the checker has been through."""
        if self.agreement.state == "converged" and not show_the_same(*self.panes):
            linked = all(view.pill.tone != "off" for view in self.panes)
            self.agreement = Agreement("agreeing" if linked else "apart")

    def _arrived(self) -> None:
        """Note the latency once both devices show the same after a commit."""
        if self._sent is not None and show_the_same(*self.panes):
            self.latency_ms = (time.perf_counter() - self._sent) * 1_000
            self._sent = None

    def _device(self, key: str) -> Device:
        device = self.bench.devices.get(key)
        if device is None:
            raise DomainError(
                "lab_closed", "The lab's devices are being replaced.", "Try again in a moment."
            )
        return device

    def _console(self, key: str) -> Console:
        return Console(
            lambda: self._device(key).replica, self.wake, lambda text: self._tell(key, text)
        )

    def _draw(self, count: int) -> bytes:
        return self.bench.entropy.draw(count)

    def _now(self) -> str:
        return iso_z(moment(self.clock.now_ms()))

    def _tell(self, who: str, text: str) -> None:
        self._say(Line(who, text))

    def _say(self, line: Line) -> None:
        self.log = (*self.log, line)[-LOG_LINES_MAX:]

    def _fail(self, error: Exception) -> None:
        self.phase, self.trouble = "failed", problem(error)
