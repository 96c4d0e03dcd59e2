"""Stamps order all writes, and the clock behind them never runs backwards (C1)."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sync.core.stamps import (
    BEGINNING,
    CLOCK_DRIFT_MS_MAX,
    HybridClock,
    Stamp,
    hlc_of_ms,
    is_ahead,
    ms_of_hlc,
)
from sync.ids import NIL_REPLICA
from tests.helpers.core import REPLICAS

NOON = 1_795_262_400_000
moments = st.integers(0, 2**47 - 1)


class Hands:
    """Wall time as a test sets it."""

    def __init__(self, ms: int) -> None:
        self.ms = ms

    def __call__(self) -> int:
        return self.ms


def test_a_reading_carries_its_millisecond() -> None:
    assert ms_of_hlc(hlc_of_ms(NOON)) == NOON
    assert ms_of_hlc(hlc_of_ms(NOON) + 65_535) == NOON


def test_a_clock_that_moves_on_reads_wall_time() -> None:
    hands = Hands(NOON)
    clock = HybridClock(hands)
    assert clock.tick() == hlc_of_ms(NOON)
    hands.ms += 1
    assert clock.tick() == hlc_of_ms(NOON + 1)


def test_readings_of_one_millisecond_differ() -> None:
    clock = HybridClock(Hands(NOON))
    assert [clock.tick() - hlc_of_ms(NOON) for _ in range(3)] == [0, 1, 2]


@given(st.lists(moments, min_size=1, max_size=20))
def test_readings_grow_however_wall_time_jumps(jumps: list[int]) -> None:
    hands = Hands(0)
    clock = HybridClock(hands)
    readings = []
    for hands.ms in jumps:
        readings.append(clock.tick())
    assert readings == sorted(set(readings))


@given(st.lists(st.tuples(moments, st.none() | moments), min_size=1, max_size=12))
def test_a_reading_is_newer_than_all_that_was_observed(
    events: list[tuple[int, int | None]],
) -> None:
    hands = Hands(0)
    clock = HybridClock(hands)
    newest = 0
    for hands.ms, foreign in events:
        if foreign is not None:
            clock.observe(hlc_of_ms(foreign))
            newest = max(newest, hlc_of_ms(foreign))
        newest, before = clock.tick(), newest
        assert newest > before


def test_a_clock_set_back_after_a_restart_does_not_repeat_itself() -> None:
    clock = HybridClock(Hands(NOON))
    last = clock.tick()
    again = HybridClock(Hands(NOON - 3_600_000), last=clock.last)
    assert again.tick() == last + 1


def test_observing_an_old_reading_changes_nothing() -> None:
    clock = HybridClock(Hands(NOON))
    last = clock.tick()
    clock.observe(hlc_of_ms(NOON - 5))
    assert clock.last == last


def test_more_readings_than_a_millisecond_holds_borrow_from_the_next() -> None:
    clock = HybridClock(Hands(NOON), last=hlc_of_ms(NOON) + 65_535)
    assert clock.tick() == hlc_of_ms(NOON + 1)


def test_five_minutes_ahead_is_drift_and_more_is_not() -> None:
    assert not is_ahead(hlc_of_ms(NOON + CLOCK_DRIFT_MS_MAX), NOON)
    assert is_ahead(hlc_of_ms(NOON + CLOCK_DRIFT_MS_MAX + 1), NOON)
    assert not is_ahead(hlc_of_ms(NOON - 10 * CLOCK_DRIFT_MS_MAX), NOON)


def test_a_stamp_from_2099_is_ahead() -> None:
    assert is_ahead(hlc_of_ms(4_070_908_800_000), NOON)


def test_the_replica_decides_between_equal_readings() -> None:
    assert Stamp(5, REPLICAS[0]) < Stamp(5, REPLICAS[1]) < Stamp(6, REPLICAS[0])


def test_nothing_is_older_than_the_beginning() -> None:
    assert BEGINNING.replica == NIL_REPLICA
    assert Stamp(0, REPLICAS[0]) > BEGINNING
