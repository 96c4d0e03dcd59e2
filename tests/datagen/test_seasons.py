from __future__ import annotations

import random
from datetime import UTC, date, datetime

import pytest

from datagen import seasons

FLAT = [1.0] * 12


def test_years_weigh_what_the_data_model_says():
    assert list(seasons.YEAR_WEIGHTS.values()) == [1.0, 1.1, 1.21, 1.15, 1.265, 1.392, 1.531]
    assert seasons.year_weight(2027) == pytest.approx(1.531 * 1.1)


@pytest.mark.parametrize("online", [False, True])
def test_weekdays_and_holidays_move_nothing_to_another_month(online):
    for year, weight in seasons.YEAR_WEIGHTS.items():
        for month in (2, 5, 11, 12):
            days = (date(year, month, day) for day in range(1, 32) if _is_day(year, month, day))
            total = sum(seasons.day_weight(day, FLAT, online=online) for day in days)
            assert total == pytest.approx(weight)


def _is_day(year, month, day):
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def test_holidays_fall_where_the_calendar_has_them():
    days = seasons.holidays(2026)
    assert days[date(2026, 11, 26)] == (0.0, 1.3)
    assert days[date(2026, 11, 27)] == (2.6, 2.6)
    assert {date(2026, 2, 16), date(2026, 5, 25), date(2026, 9, 7)} <= set(days)


def test_shops_sell_while_they_are_open_in_their_own_time():
    calendar = seasons.days(datetime(2026, 11, 20, tzinfo=UTC), FLAT, online=False)
    for at in calendar.draw(random.Random(1), 2_000):
        local = datetime.fromtimestamp(at, seasons.PACIFIC)
        assert 7 <= local.hour < 20
        assert (local.month, local.day) != (12, 25)


def test_days_can_be_drawn_from_the_last_ones_only():
    calendar = seasons.days(datetime(2026, 11, 20, tzinfo=UTC), FLAT, online=True)
    since = int(datetime(2026, 11, 6, tzinfo=UTC).timestamp())
    assert min(calendar.draw(random.Random(1), 500, since)) > since
