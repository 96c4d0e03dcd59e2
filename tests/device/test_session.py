"""A session under every failure: named in the status, local work goes on, it recovers by itself."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from sync.errors import (
    BatchGap,
    DatabaseUnwritable,
    HubBusy,
    HubFailed,
    HubUnreachable,
    MessageGarbage,
    MessageTooLarge,
    PermissionDenied,
    SignInRequired,
    TokenExpired,
    TokenInvalid,
    VersionUnknown,
    ZavaError,
)
from sync.local import Replica
from sync.wire.messages import Ping, Position
from tests.helpers.clocks import NOON_MS, FixedClock
from tests.helpers.scripted_link import ANA, HELLO, AllChance, ScriptedLink
from tests.helpers.sessions import Run, codes, in_step, noted, watched
from tests.helpers.two_devices import until

FAILURES: dict[str, Exception] = {
    "the hub is down": HubUnreachable("The hub cannot be reached from here."),
    "the hub has a fault": HubFailed("The hub could not do this."),
    "the hub is busy": HubBusy("Too many devices."),
    "garbage": MessageGarbage("The stream is not what a hub sends."),
    "a message of 100 MB": MessageTooLarge("A message unpacks to more than 16777216 bytes."),
    "the disk is full": DatabaseUnwritable("The disk is full."),
    "a mistake of ours": ValueError("something nobody thought of"),
}


class TestFailures:
    @pytest.mark.parametrize("error", FAILURES.values(), ids=FAILURES)
    async def test_a_pull_that_fails_is_named_and_tried_again(
        self, run: Run, replica: Replica, error: Exception
    ) -> None:
        link = ScriptedLink(pulls=[error, [HELLO, error], error])
        session = run(link)
        seen = watched(session)
        await until(lambda: len(link.cursors) == 4)  # the second one was in step for a moment
        await in_step(session)
        wanted = error.code if isinstance(error, ZavaError) else "hub_failed"
        assert set(codes(seen)) == {wanted}
        assert session.status.error is None

    @pytest.mark.parametrize("error", FAILURES.values(), ids=FAILURES)
    async def test_a_push_that_fails_is_named_and_tried_again(
        self, run: Run, replica: Replica, error: Exception
    ) -> None:
        link = ScriptedLink(pushes=[error, error])
        session = run(link)
        seen = watched(session)
        await in_step(session)
        noted(replica)
        await until(lambda: len(link.pushed) == 3)
        await in_step(session)
        wanted = error.code if isinstance(error, ZavaError) else "hub_failed"
        assert set(codes(seen)) == {wanted}
        assert session.status.error is None
        assert link.pushed[0] == link.pushed[1] == link.pushed[2]

    async def test_local_work_goes_on_while_the_hub_is_down(
        self, run: Run, replica: Replica
    ) -> None:
        link = ScriptedLink(pulls=[HubUnreachable("down")] * 50)
        session = run(link, entropy=AllChance())
        await until(lambda: session.status.error is not None)
        assert session.status.state == "offline"
        for number in range(5):
            noted(replica, str(number))
        await until(lambda: session.status.waiting == 5)
        assert replica.get("inventory", "inv_1")["notes"] == "4"  # type: ignore[index]
        assert link.pushed == []
        link.pulls.clear()
        session.retry_now()
        await in_step(session)
        assert sum(map(len, link.pushed)) == 5

    @pytest.mark.parametrize("said", [[], [HELLO]], ids=["nothing", "hello"])
    async def test_a_hub_that_hangs_up_is_not_asked_without_end(
        self, run: Run, replica: Replica, said: list[Any]
    ) -> None:
        link = ScriptedLink(pulls=[said] * 30)
        session = run(link, entropy=AllChance())
        await until(lambda: len(link.cursors) == 1 and not session._tasks)
        for _ in range(200):
            await asyncio.sleep(0)
        assert len(link.cursors) == 1
        link.pulls.clear()
        session.retry_now()
        await in_step(session)

    async def test_a_stream_that_is_over_after_some_news_is_read_on_at_once(
        self, run: Run, replica: Replica
    ) -> None:
        """An hour has passed, or our rights have changed: no failure, no error to show."""
        link = ScriptedLink()
        session = run(link, entropy=AllChance())
        await in_step(session)
        seen = watched(session)
        link.say(Ping(NOON_MS))
        link.end()
        await until(lambda: len(link.cursors) == 2)
        await in_step(session)
        assert codes(seen) == []

    async def test_a_hello_alone_is_no_success(self, run: Run, replica: Replica) -> None:
        """A poisoned stream says hello each time; pauses grow all the same."""
        poison = [HELLO, MessageGarbage("again")]
        clock = FixedClock()
        link = ScriptedLink(pulls=[poison] * 6)
        session = run(link, clock=clock, entropy=AllChance())
        pauses = []
        for attempt in range(1, 6):
            await until(
                lambda attempt=attempt: len(link.cursors) == attempt and not link.open_pulls
            )
            await until(lambda: session._main is not None and not session._tasks)
            kept: Any = replica.note("retry")
            pauses.append(kept["at_ms"] - clock.ms)
            clock.move(pauses[-1])
            session._wake.set()
        assert [pause // 500 for pause in pauses] == [0, 1, 3, 7, 15]

    async def test_a_hub_that_takes_nothing_is_not_asked_without_end(
        self, run: Run, replica: Replica
    ) -> None:
        """It was restored from before our last batches; the pull will sort it out."""
        link = ScriptedLink(pushes=[0] * 200)
        session = run(link, entropy=AllChance())
        seen = watched(session)
        await in_step(session)
        noted(replica)
        await until(lambda: link.pushed)
        await until(lambda: codes(seen) == [BatchGap.code])
        assert len(link.pushed) == 1

    async def test_work_is_kept_while_the_disk_is_full_for_the_hubs_news(
        self, run: Run, replica: Replica, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        link = ScriptedLink()
        session = run(link)
        seen = watched(session)
        await in_step(session)
        real, failures = replica.receive, [DatabaseUnwritable("full")] * 3

        def receive(messages: Any) -> Any:
            if failures:
                raise failures.pop()
            return real(messages)

        monkeypatch.setattr(replica, "receive", receive)
        link.say(Position(link.hub.seq, link.hub.chain))
        await until(lambda: not failures)
        await in_step(session)
        assert codes(seen) == ["database_unwritable"]


class TestPersonNeeded:
    @pytest.mark.parametrize(
        "error",
        [TokenExpired("out"), TokenInvalid("forged"), SignInRequired("who?"), VersionUnknown("9")],
        ids=lambda error: error.code,
    )
    async def test_it_waits_for_a_person_and_keeps_the_work(
        self, run: Run, replica: Replica, error: ZavaError
    ) -> None:
        link = ScriptedLink(pulls=[error])
        session = run(link)
        await until(lambda: session.status.state == "needs_you")
        assert session.status.error is error
        noted(replica)
        await until(lambda: session.status.waiting == 1)
        assert (len(link.cursors), link.pushed) == (1, [])
        assert session.status.error is error
        session.adopt(replace(ANA, token="new"))
        await in_step(session)
        assert session.status.error is None
        assert len(link.pushed) == 1

    async def test_an_expired_token_in_a_push_stops_the_pull_too(
        self, run: Run, replica: Replica
    ) -> None:
        link = ScriptedLink(pushes=[TokenExpired("out")])
        session = run(link)
        await in_step(session)
        noted(replica)
        await until(lambda: session.status.state == "needs_you" and not link.open_pulls)

    async def test_try_again_does_not_help_against_a_password(
        self, run: Run, replica: Replica
    ) -> None:
        link = ScriptedLink(pulls=[TokenInvalid("forged")])
        session = run(link)
        await until(lambda: session.status.state == "needs_you")
        session.retry_now()
        session.switch(False)
        session.switch(True)
        for _ in range(50):
            await asyncio.sleep(0)
        assert len(link.cursors) == 1

    async def test_after_an_update_of_either_side_it_may_help(
        self, run: Run, replica: Replica
    ) -> None:
        link = ScriptedLink(pulls=[VersionUnknown("The hub speaks protocol 9.")])
        session = run(link)
        await until(lambda: session.status.state == "needs_you")
        session.retry_now()
        await in_step(session)

    async def test_refused_work_needs_a_person_and_holds_up_nothing(
        self, run: Run, replica: Replica
    ) -> None:
        link = ScriptedLink(pushes=[2])
        session = run(link)
        await in_step(session)
        noted(replica, "refused")
        await until(lambda: link.pushed)
        link.say(link.hub.reject(link.pushed[0][0], PermissionDenied("Not yours.")))
        await until(lambda: session.status.state == "needs_you")
        assert session.status.quarantined == 1
        noted(replica, "next")
        await until(lambda: len(link.pushed) == 2 and session.status.waiting == 0)
        replica.discard(2)
        session.retry_now()
        await in_step(session)


class TestSwitch:
    async def test_off_means_off(self, run: Run, replica: Replica) -> None:
        link = ScriptedLink()
        session = run(link)
        await in_step(session)
        session.switch(False)
        await until(lambda: not link.open_pulls)
        assert (session.status.state, session.status.online) == ("offline", False)
        noted(replica)
        await until(lambda: session.status.waiting == 1)
        assert link.pushed == []

    async def test_on_again_it_reconnects_at_once_whatever_failed_before(
        self, run: Run, replica: Replica
    ) -> None:
        link = ScriptedLink(pulls=[HubUnreachable("down")])
        session = run(link, entropy=AllChance())
        await until(lambda: session.status.error is not None)
        session.switch(False)
        session.switch(True)
        await in_step(session)
        assert session.status.error is None

    async def test_flapping_leaves_one_pull(self, run: Run, replica: Replica) -> None:
        link = ScriptedLink()
        session = run(link)
        for turn in range(40):
            session.switch(turn % 2 == 0)
            for _ in range(turn % 7):
                await asyncio.sleep(0)
        session.switch(True)
        await in_step(session)
        assert link.open_pulls == 1
