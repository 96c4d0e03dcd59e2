"""Pushes that come together end as they would have ended one after the other (S2)."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from sync.core.batch import digest_of, encode
from sync.core.decode import decode
from sync.errors import DatabaseUnwritable, ReplicaForked, SignInRequired
from sync.hub import Account, Hub
from sync.hub.outcome import outcome
from sync.hub.pushing import Message
from sync.wire.messages import Push
from sync.wire.pushes import decode_push_reply, encode_push
from tests.helpers.clocks import FixedClock
from tests.helpers.lines import Line, noted, stocked_hub
from tests.helpers.replicas import fingerprint, open_replica, waiting_payloads
from tests.helpers.two_devices import ANA, BEN, CLEO, DARA

SHELVES = ("inv_1", "inv_2", "inv_3")
PUSHES = 30


def line_to(hubs: Sequence[Hub], account: Account, seed: int) -> Line:
    """A replica that is signed in on each of some hubs, and has read all of the first one's."""
    line = Line(hubs[0], account, open_replica(seed=seed))
    for hub in reversed(hubs):
        line.hub = hub
        line.sign_in()
        messages = [*line.sent()]
    line.replica.receive(messages)
    return line


def push_of(line: Line, *payloads: bytes) -> Message:
    return line.account.identity, encode_push(Push(line.replica.id, payloads))


def next_push(lines: list[Line], sent: dict[str, list[bytes]], draw: random.Random) -> Message:
    """Some good work, or something that is wrong in one of the ways there are."""
    line = draw.choice(lines)
    history = sent.setdefault(line.replica.id, [])
    for _ in range(draw.randint(1, 3)):
        noted(line, f"{draw.random()}", draw.choice(SHELVES))
        history.append(waiting_payloads(line.replica)[-1])
    match draw.choice(("good", "good", "good", "gap", "garbage", "forked", "stranger", "unread")):
        case "gap":
            return push_of(line, history.pop())
        case "garbage":
            return push_of(line, *history, b"{}")
        case "forked":
            other = replace(decode(history[-1]), prev=digest_of(b"another past"))
            return push_of(line, *history[:-1], encode(other))
        case "stranger":
            return draw.choice(lines).account.identity, push_of(line, *history)[1]
        case "unread":
            return line.account.identity, b"no push"
    return push_of(line, *history)


def told(reply: bytes | Exception) -> Any:
    return (type(reply), str(reply)) if isinstance(reply, Exception) else reply


@pytest.mark.parametrize("seed", range(12))
def test_together_is_one_after_the_other(seed: int) -> None:
    draw = random.Random(seed)
    clock = FixedClock()
    hubs = [stocked_hub(clock=clock), stocked_hub(clock=clock)]
    people = (ANA, BEN, CLEO, DARA)
    lines = [line_to(hubs, person, 2_000 + i) for i, person in enumerate(people)]
    for line in lines:  # somebody of another store writes what they may not
        for name in SHELVES:
            if line.replica.get("inventory", name) is None:
                with line.replica.transaction() as tx:
                    tx.insert("inventory", {"_id": name, "store_id": "store_seattle"})
    sent: dict[str, list[bytes]] = {
        each.replica.id: waiting_payloads(each.replica) for each in lines
    }
    pushes = [next_push(lines, sent, draw) for _ in range(PUSHES)]
    one, other = hubs
    alone = [outcome(partial(one.push, *each)) for each in pushes]
    together: list[bytes | Exception] = []
    while pushes:
        some, pushes = pushes[: (cut := draw.randint(1, 9))], pushes[cut:]
        together += other.push_all(some)
    assert [*map(told, together)] == [*map(told, alone)]
    assert fingerprint(other.replica) == fingerprint(one.replica)
    other.replica.check()


class TestTogether:
    @pytest.fixture
    def hub(self) -> Hub:
        return stocked_hub()

    @pytest.fixture
    def ana(self, hub: Hub) -> Line:
        return line_to([hub], ANA, 2_001)

    @pytest.fixture
    def ben(self, hub: Hub) -> Line:
        return line_to([hub], BEN, 2_002)

    def test_it_is_one_commit(
        self, hub: Hub, ana: Line, ben: Line, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        noted(ana, "by Ana", "inv_1")
        noted(ben, "by Ben", "inv_2")
        commits = spied(hub, monkeypatch)
        pushes = [push_of(each, *waiting_payloads(each.replica)) for each in (ana, ben)]
        replies = hub.push_all(pushes)
        assert [acked(each) for each in replies] == [1, 1]
        assert commits == ["COMMIT"]

    def test_one_that_is_refused_leaves_its_neighbours_as_they_are(
        self, hub: Hub, ana: Line, ben: Line
    ) -> None:
        noted(ana, "by Ana", "inv_1")
        noted(ben, "by Ben", "inv_2")
        (good,), (stray,) = (waiting_payloads(each.replica) for each in (ana, ben))
        forked = push_of(ben, encode(replace(decode(stray), prev=digest_of(b"another past"))))
        stranger = DARA.identity, push_of(ben, stray)[1]
        replies = hub.push_all([forked, push_of(ana, good), stranger, push_of(ben, stray)])
        assert [type(each) for each in replies] == [ReplicaForked, bytes, SignInRequired, bytes]
        shown = [hub.replica.get("inventory", name) for name in ("inv_1", "inv_2")]
        assert [each["notes"] for each in shown if each] == ["by Ana", "by Ben"]

    def test_what_follows_in_a_push_of_the_same_device_follows(self, hub: Hub, ana: Line) -> None:
        for text in ("one", "two", "three"):
            noted(ana, text)
        first, second, third = waiting_payloads(ana.replica)
        pushes = [(first,), (third,), (second,), (first, second, third)]
        replies = hub.push_all([push_of(ana, *each) for each in pushes])
        assert [acked(each) for each in replies] == [1, 1, 2, 3]

    def test_where_nothing_can_be_written_nobody_is_answered_and_nothing_has_happened(
        self, hub: Hub, ana: Line, ben: Line, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        noted(ana, "by Ana", "inv_1")
        noted(ben, "by Ben", "inv_2")
        before = fingerprint(hub.replica)
        pushes = [push_of(each, *waiting_payloads(each.replica)) for each in (ana, ben)]
        with monkeypatch.context() as full:
            spied(hub, full, DatabaseUnwritable("The disk is full."))
            replies = hub.push_all(pushes)
        assert [type(each) for each in replies] == [DatabaseUnwritable] * 2
        assert fingerprint(hub.replica) == before
        assert [acked(each) for each in hub.push_all(pushes)] == [1, 1]


def spied(hub: Hub, patch: pytest.MonkeyPatch, error: Exception | None = None) -> list[str]:
    """The commits from now on, each of which fails if there is an error."""
    database, commits = hub.replica.parts.database, list[str]()
    run = database.run

    def spy(sql: str, parameters: Sequence[Any] = ()) -> int:
        if sql == "COMMIT":
            commits.append(sql)
            if error is not None:
                raise error
        return run(sql, parameters)

    patch.setattr(database, "run", spy)
    return commits


def acked(reply: bytes | Exception) -> int:
    assert isinstance(reply, bytes)
    return decode_push_reply(reply).acked
