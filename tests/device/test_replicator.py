"""What to do next, as a table of situations; and how long to wait after a failure (S2)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.backoff import BACKOFF_FIRST_MS, BACKOFF_MS_MAX, delay_ms
from sync.device.replicator import Decision, View, decide
from sync.device.status import state_of
from tests.helpers.clocks import DAY_MS, NOON_MS

IDLE = View(
    online=True,
    signed_in=True,
    refused=False,
    waiting=0,
    pulling=False,
    heard=False,
    pushing=False,
    now_ms=NOON_MS,
    retry_at_ms=0,
)
IN_STEP = replace(IDLE, pulling=True, heard=True)
FAILED = {"retry_at_ms": NOON_MS + 700}

SITUATIONS: dict[str, tuple[View, Decision]] = {
    "nothing runs yet": (IDLE, Decision(("pull",))),
    "in step": (IN_STEP, Decision(())),
    "in step, with work": (replace(IN_STEP, waiting=3), Decision(("push",))),
    "a push is under way": (replace(IN_STEP, waiting=3, pushing=True), Decision(())),
    "work, and nobody heard yet": (
        replace(IDLE, pulling=True, waiting=3),
        Decision(()),
    ),
    "work, and nothing runs": (replace(IDLE, waiting=3), Decision(("pull",))),
    "switched off": (replace(IDLE, online=False, waiting=3), Decision(())),
    "switched off in the middle": (replace(IN_STEP, online=False), Decision(("stop",))),
    "switched off while it pushes": (
        replace(IDLE, online=False, pushing=True),
        Decision(("stop",)),
    ),
    "signed out": (replace(IDLE, signed_in=False, waiting=3), Decision(())),
    "signed out in the middle": (replace(IN_STEP, signed_in=False), Decision(("stop",))),
    "refused": (replace(IDLE, refused=True, waiting=3), Decision(())),
    "refused in the middle": (replace(IN_STEP, refused=True), Decision(("stop",))),
    "just failed": (replace(IDLE, **FAILED), Decision((), 700)),
    "just failed, with work": (replace(IDLE, waiting=3, **FAILED), Decision((), 700)),
    "the pause is over": (replace(IDLE, retry_at_ms=NOON_MS), Decision(("pull",))),
    "only the push failed": (replace(IN_STEP, waiting=3, **FAILED), Decision((), 700)),
    "only the push failed, and nothing waits": (replace(IN_STEP, **FAILED), Decision(())),
    "the clock was set back meanwhile": (
        replace(IDLE, now_ms=NOON_MS - DAY_MS, retry_at_ms=NOON_MS),
        Decision(("pull",)),
    ),
    "the clock was set back, and work waits": (
        replace(IN_STEP, waiting=1, now_ms=0, retry_at_ms=NOON_MS),
        Decision(("push",)),
    ),
}


@pytest.mark.parametrize(("view", "decision"), SITUATIONS.values(), ids=SITUATIONS)
def test_every_situation_has_its_decision(view: View, decision: Decision) -> None:
    assert decide(view) == decision


views = st.builds(
    View,
    online=st.booleans(),
    signed_in=st.booleans(),
    refused=st.booleans(),
    waiting=st.integers(0, 2),
    pulling=st.booleans(),
    heard=st.booleans(),
    pushing=st.booleans(),
    now_ms=st.integers(0, 200_000),
    retry_at_ms=st.integers(0, 200_000),
)


@given(views)
def test_its_rules_hold_whatever_the_view(view: View) -> None:
    decision = decide(view)
    allowed = view.online and view.signed_in and not view.refused
    if not allowed:
        assert set(decision.actions) <= {"stop"}
    else:
        assert "stop" not in decision.actions
    if "pull" in decision.actions:
        assert not view.pulling
    if "push" in decision.actions:
        assert view.heard and view.waiting and not view.pushing
    if decision.look_again_ms is not None:
        assert 0 < decision.look_again_ms <= BACKOFF_MS_MAX
        assert not decision.actions


@given(views)
def test_it_never_falls_asleep_with_work_to_do(view: View) -> None:
    """Unless something runs that will wake it, or a person has to act, it acts or looks again."""
    decision = decide(view)
    allowed = view.online and view.signed_in and not view.refused
    running = view.pulling or view.pushing
    assert not allowed or running or decision.actions or decision.look_again_ms


class TestBackoff:
    @given(st.integers(1, 10_000), st.floats(0, 1, exclude_max=True))
    def test_it_is_bounded(self, attempt: int, chance: float) -> None:
        assert 0 <= delay_ms(attempt, chance) < BACKOFF_MS_MAX

    def test_it_doubles_until_it_does_not(self) -> None:
        longest = [delay_ms(attempt, 1 - 1e-9) + 1 for attempt in range(1, 12)]
        assert longest[:4] == [BACKOFF_FIRST_MS * factor for factor in (1, 2, 4, 8)]
        assert longest[-3:] == [BACKOFF_MS_MAX] * 3

    def test_the_whole_span_is_random(self) -> None:
        delays = [delay_ms(5, chance / 10) for chance in range(10)]
        assert delays == [BACKOFF_FIRST_MS * 16 * chance // 10 for chance in range(10)]


STATES = {
    "in step": ({}, "up_to_date"),
    "behind": ({"caught_up": False}, "syncing"),
    "with work the hub has not settled": ({"unsettled": 1}, "syncing"),
    "no hub": ({"pulling": False}, "offline"),
    "switched off": ({"online": False}, "offline"),
    "switched off with work": ({"online": False, "unsettled": 4}, "offline"),
    "something refused": ({"needs_person": True}, "needs_you"),
    "something refused, and switched off": ({"needs_person": True, "online": False}, "needs_you"),
}


@pytest.mark.parametrize(("changes", "state"), STATES.values(), ids=STATES)
def test_one_of_four_states_is_shown(changes: dict[str, object], state: str) -> None:
    view = {"online": True, "pulling": True, "caught_up": True, "unsettled": 0}
    assert state_of(**{**view, "needs_person": False, **changes}) == state  # type: ignore[arg-type]
