"""What a session shows of itself, and what it remembers when it starts again."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from sync.core.decode import decode
from sync.core.stamps import ms_of_hlc
from sync.device.session import Session
from sync.device.status import SyncStatus
from sync.errors import (
    DatabaseUnwritable,
    HubUnreachable,
)
from sync.local import Replica
from sync.wire.messages import Begin, End, Ping
from tests.helpers.clocks import HOUR_MS, NOON_MS, FixedClock
from tests.helpers.replicas import (
    open_replica,
    stocked,
    waiting_payloads,
)
from tests.helpers.scripted_link import AllChance, ScriptedLink, session_of
from tests.helpers.sessions import Run, codes, in_step, noted, watched
from tests.helpers.two_devices import until


class TestStatus:
    async def test_a_first_download_shows_how_far_it_is(self, run: Run, replica: Replica) -> None:
        link = ScriptedLink()
        session = run(link)
        seen = watched(session)
        await in_step(session)
        other = stocked(4, seed=2)
        parts = [link.hub.part(payload) for payload in waiting_payloads(other)]
        link.say(Begin(link.hub.seq, 2, ()))
        await until(lambda: (session.status.expected, session.status.state) == (2, "syncing"))
        link.say(*parts, End(link.hub.seq, link.hub.chain))
        await in_step(session)
        assert (session.status.loaded, session.status.expected) == (0, 0)
        assert any(status.expected == 2 for status in seen)

    async def test_it_counts_what_went_both_ways(self, run: Run, replica: Replica) -> None:
        link = ScriptedLink()
        session = run(link)
        await in_step(session)
        noted(replica)
        await until(lambda: session.status.pushed == 1)
        other = open_replica(seed=2)
        with other.transaction() as tx:
            tx.insert("orders", {"_id": "order_1", "a": 1, "b": 2})
        link.say(*map(link.hub.part, waiting_payloads(other)))
        await until(lambda: session.status.merged == 1)
        assert session.status.pulled == 3  # two fields, and that the order exists
        assert replica.count("orders") == 1

    async def test_the_hubs_clock_is_compared_with_ours(self, run: Run, replica: Replica) -> None:
        link = ScriptedLink()
        link.hub.time_ms = NOON_MS + 2_000
        session = run(link)
        await in_step(session)
        assert session.status.drift_ms == 2_000
        link.say(Ping(NOON_MS - 1_000))
        await until(lambda: session.status.drift_ms == -1_000)

    async def test_a_clock_far_off_is_corrected_and_the_work_with_it(
        self, run: Run, replica: Replica
    ) -> None:
        """Stamped a day ahead while offline; nothing of it had left the device (C1)."""
        link, clock = ScriptedLink(), FixedClock(NOON_MS + 24 * HOUR_MS)
        replica.parts.clock.ms = clock.ms  # type: ignore[attr-defined]
        noted(replica, "from tomorrow")
        session = run(link, clock=clock)
        await in_step(session)
        ((payload,),) = link.pushed
        assert abs(ms_of_hlc(decode(payload).hlc) - NOON_MS) < HOUR_MS

    async def test_a_listener_that_fails_does_not_stop_the_sync(
        self, run: Run, replica: Replica
    ) -> None:
        """Screens listen, and screens have mistakes."""
        link = ScriptedLink()
        session = run(link)

        def broken(status: SyncStatus) -> None:
            raise RuntimeError("a screen that is gone")

        session.on_status(broken)
        seen = watched(session)
        await in_step(session)
        noted(replica)
        await until(lambda: link.pushed and session.status.waiting == 0)
        await in_step(session)
        assert seen

    async def test_a_listener_can_leave(self, run: Run, replica: Replica) -> None:
        session = run(ScriptedLink())
        seen: list[SyncStatus] = []
        leave = session.on_status(seen.append)
        await in_step(session)
        leave()
        heard = len(seen)
        session.switch(False)
        assert len(seen) == heard

    async def test_a_file_that_cannot_be_read_is_shown_and_does_not_end_the_session(
        self, run: Run, replica: Replica, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        link = ScriptedLink()
        session = run(link)
        seen = watched(session)
        await in_step(session)
        real, failures = replica.outbox, [DatabaseUnwritable("The disk went away.")] * 3

        def outbox() -> Any:
            if failures:
                raise failures.pop()
            return real()

        monkeypatch.setattr(replica, "outbox", outbox)
        noted(replica)
        await until(lambda: not failures)
        await in_step(session)
        assert "database_unwritable" in codes(seen)
        assert link.pushed


class TestRestart:
    async def test_a_pause_survives_a_restart(self, run: Run, replica: Replica) -> None:
        clock = FixedClock()
        first = run(
            ScriptedLink(pulls=[HubUnreachable("down")] * 9), clock=clock, entropy=AllChance()
        )
        await until(lambda: first.status.error is not None)
        await first.stop()
        link = ScriptedLink()
        second = session_of_restarted(replica, link, clock)
        second.start()
        for _ in range(100):
            await asyncio.sleep(0)
        assert link.cursors == []
        clock.move(1_000)
        second._wake.set()
        await in_step(second)
        await second.stop()

    async def test_stopped_it_can_be_started_again(self, run: Run, replica: Replica) -> None:
        link = ScriptedLink()
        session = run(link)
        await in_step(session)
        await session.stop()
        assert link.open_pulls == 0
        assert session.status.state == "offline"
        noted(replica)
        session.start()
        await in_step(session)
        assert len(link.pushed) == 1

    @pytest.mark.parametrize("turns", range(6))
    async def test_told_to_stop_as_something_happens_it_stops(
        self, run: Run, replica: Replica, turns: int
    ) -> None:
        session = run(ScriptedLink())
        await in_step(session)
        for _ in range(50):
            await asyncio.sleep(0)
        session._wake.set()
        for _ in range(turns):
            await asyncio.sleep(0)
        async with asyncio.timeout(10):
            await session.stop()


def session_of_restarted(replica: Replica, link: ScriptedLink, clock: FixedClock) -> Session:
    """As after a start of the program: nobody has pressed anything yet."""
    link.hub.seq, link.hub.chain = replica.identity.cursor, replica.identity.cursor_chain
    return session_of(replica, link, clock=clock, entropy=AllChance())
