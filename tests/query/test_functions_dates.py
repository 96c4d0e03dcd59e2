"""Functions of dates and durations: ``call → value``."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.query.evaluate import MISSING
from sync.query.functions.dates import LENGTHS, MONTHS, date_add, date_sub, date_trunc
from tests.query.expressions import value_of

AT = "2026-11-20T18:40:05.250Z"
LOCAL = "2026-11-20T23:30:00+05:30"
DOCUMENT: dict[str, Any] = {"at": AT, "local": LOCAL, "ms": 0}

DATES = {
    "clock()": "2026-11-20T18:40:00Z",
    "clock() = clock()": True,
    "date_part(at, 'year')": 2026,
    "date_part(at, 'QUARTERS')": 4,
    "date_part(at, 'month')": 11,
    "date_part(at, 'days')": 20,
    "date_part(at, 'hour')": 18,
    "date_part(local, 'hour')": 23,
    "date_part(at, 'second')": 5,
    "date_part(at, 'millisecond')": 250,
    "date_part(at, 'weekday')": 5,
    "date_part('2026-11-22T00:00:00Z', 'weekday')": 7,
    "date_part('2026-11-23T00:00:00Z', 'weekday')": 1,
    "date_part(at, 'day_of_year')": 324,
    "date_part(at, 'iso_week')": 47,
    "date_part(local, 'timezone')": 19800,
    "date_part(local, 'timezone_minute')": 30,
    "date_part(ms, 'year')": 1970,
    "date_part(-1, 'year')": 1969,
    "date_part(1.9, 'millisecond')": 1,
    "date_part(at, 'fortnight')": MISSING,
    "date_part(at, 1)": MISSING,
    "date_part('2026-11-20', 'year')": MISSING,
    "date_part('2026-11-20T18:00:00', 'year')": MISSING,
    "date_part('2026-02-30T00:00:00Z', 'year')": MISSING,
    "date_part('2026-11-20T24:00:00Z', 'year')": MISSING,
    "date_part('2026-11-20T18:00Z', 'minute')": 0,
    "date_part('2026-11-20 18:00:00.123456789+0100', 'millisecond')": 123,
    "date_part('0001-01-01T00:00:00+05:00', 'year')": MISSING,
    "date_part('2026-11-20T18:00:00+99:00', 'year')": MISSING,
    "date_part(1e300, 'year')": MISSING,
    "date_part(true, 'year')": MISSING,
    "date_part(null, 'year')": MISSING,
    "date_part(nothing, 'year')": MISSING,
}
MOVES = {
    "date_add(at, 'day', 11)": "2026-12-01T18:40:05.250Z",
    "date_add(local, 'hour', 1)": "2026-11-21T00:30:00+05:30",
    "date_add('2026-01-31T00:00:00Z', 'month', 1)": "2026-02-28T00:00:00Z",
    "date_add('2028-01-31T00:00:00Z', 'month', 1)": "2028-02-29T00:00:00Z",
    "date_add('2028-02-29T00:00:00Z', 'year', 1)": "2029-02-28T00:00:00Z",
    "date_add('2026-11-20T00:00:00Z', 'quarter', -4)": "2025-11-20T00:00:00Z",
    "date_add(ms, 'second', 90)": 90_000,
    "date_add(at, 'week', 1)": "2026-11-27T18:40:05.250Z",
    "date_add(at, 'day', 1.5)": MISSING,
    "date_add(at, 'year', 9999)": MISSING,
    "date_add(at, 'month', 9223372036854775807)": MISSING,
    "date_add(at, 'day', 9223372036854775807)": MISSING,
    "date_sub(at, 'hour', 19)": "2026-11-19T23:40:05.250Z",
    "date_sub(at, 'day', 'x')": MISSING,
    "date_diff('2026-03-01T00:00:00Z', '2026-01-31T00:00:00Z', 'month')": 1,
    "date_diff('2026-02-27T00:00:00Z', '2026-01-31T00:00:00Z', 'month')": 0,
    "date_diff('2026-02-28T00:00:00Z', '2026-01-31T00:00:00Z', 'month')": 1,
    "date_diff('2026-01-31T00:00:00Z', '2027-01-31T00:00:00Z', 'year')": -1,
    "date_diff('2026-11-21T00:00:00Z', at, 'hour')": 5,
    "date_diff(at, '2026-11-21T00:00:00Z', 'hours')": -5,
    "date_diff(local, '2026-11-20T18:00:00Z', 'minute')": 0,
    "date_diff(at, '2026-11-20', 'day')": MISSING,
    "date_diff(at, at, 'aeon')": MISSING,
    "date_trunc(at, 'millisecond')": AT,
    "date_trunc(at, 'second')": "2026-11-20T18:40:05Z",
    "date_trunc(at, 'hour')": "2026-11-20T18:00:00Z",
    "date_trunc(local, 'day')": "2026-11-20T00:00:00+05:30",
    "date_trunc(at, 'week')": "2026-11-16T00:00:00Z",
    "date_trunc(at, 'month')": "2026-11-01T00:00:00Z",
    "date_trunc('2026-12-31T00:00:00Z', 'quarter')": "2026-10-01T00:00:00Z",
    "date_trunc('2026-03-31T00:00:00Z', 'quarter')": "2026-01-01T00:00:00Z",
    "date_trunc(at, 'year')": "2026-01-01T00:00:00Z",
    "date_trunc(86400001, 'day')": 86400000,
    "date_trunc(at, 'aeon')": MISSING,
    "date_trunc('0001-01-02T00:00:00+02:00', 'month')": MISSING,
    "date_range('2026-01-31T00:00:00Z', '2026-04-01T00:00:00Z', 'month')": [
        "2026-01-31T00:00:00Z",
        "2026-02-28T00:00:00Z",
        "2026-03-31T00:00:00Z",
    ],
    "date_range(0, 10, 'millisecond', 5)": [0, 5],
    "date_range(10, 0, 'millisecond', -5)": [10, 5],
    "date_range(10, 0, 'millisecond')": [],
    "date_range(0, 10, 'aeon')": MISSING,
    "date_range(0, 10, 'day', 0)": MISSING,
    "date_range(0, 1e12, 'millisecond')": MISSING,
    "date_range(at, '9999-12-31T23:59:59Z', 'year', 8000)": MISSING,
}
FORMS = {
    "date_format(at, '%d.%m.%Y %H:%M:%S.%L %j %u %V %a %A %b %B %I %p %z %%')": (
        "20.11.2026 18:40:05.250 324 5 47 Fri Friday Nov November 06 PM Z %"
    ),
    "date_format(local, '%F %T%z')": "2026-11-20 23:30:00+05:30",
    "date_format(at, '%Q')": MISSING,
    "date_format(at, '%')": MISSING,
    "date_format(at, 5)": MISSING,
    "date_cast(at, 'epoch')": 1795200005250,
    "date_cast(0, 'iso')": "1970-01-01T00:00:00Z",
    "date_cast(at, '+02:00')": "2026-11-20T20:40:05.250+02:00",
    "date_cast(local, 'UTC')": "2026-11-20T18:00:00Z",
    "date_cast(local, 'string')": "2026-11-20T18:00:00Z",
    "date_cast(at, 'CET')": MISSING,
    "date_cast(at, 1)": MISSING,
    "tz_offset(local)": 330,
    "tz_offset('2026-11-20T18:00:00-03:30')": -210,
    "tz_offset(0)": 0,
    "tz_offset('x')": MISSING,
}
DURATIONS = {
    "duration_cast('PT1H30M', 'minute')": 90,
    "duration_cast('1h30m', 'hours')": 1.5,
    "duration_cast('-P1DT12H', 'day')": -1.5,
    "duration_cast('P2W', 'day')": 14,
    "duration_cast('PT0.5S', 'millisecond')": 500,
    "duration_cast('250ms', 'second')": 0.25,
    "duration_cast(5400000, 'hour')": 1.5,
    "duration_cast('P1M', 'day')": MISSING,
    "duration_cast('P', 'day')": MISSING,
    "duration_cast('', 'day')": MISSING,
    "duration_cast(1, 'month')": MISSING,
    "duration_format(5400000)": "PT1H30M",
    "duration_format(93784500)": "P1DT2H3M4.5S",
    "duration_format(0)": "PT0S",
    "duration_format(-1500)": "-PT1.5S",
    "duration_format(93784500, 'compact')": "1d2h3m4s500ms",
    "duration_format(0, 'compact')": "0s",
    "duration_format(93784500, 'clock')": "26:03:04.500",
    "duration_format('PT90M', 'clock')": "01:30:00",
    "duration_format(1, 'roman')": MISSING,
    "duration_format(true)": MISSING,
}
TABLES = {**DATES, **MOVES, **FORMS, **DURATIONS}


@pytest.mark.parametrize("text", TABLES)
def test_it_gives(text: str) -> None:
    found = value_of(text, DOCUMENT)
    assert found == TABLES[text]
    assert type(found) is type(TABLES[text])


moments = st.datetimes().map(lambda at: at.isoformat(timespec="milliseconds") + "+02:00")
parts = st.sampled_from(sorted(LENGTHS | MONTHS))


@given(moments, st.sampled_from(sorted(LENGTHS)), st.integers(-10_000, 10_000))
def test_there_and_back_again(date: str, part: str, count: int) -> None:
    there = date_add(date, part, count)
    if there is not MISSING:
        assert date_add(date_sub(there, part, count), part, 0) == date_add(date, part, 0)


@given(moments, parts)
def test_the_beginning_of_a_part_begins_it_too(date: str, part: str) -> None:
    begin = date_trunc(date, part)
    if begin is not MISSING:
        assert date_trunc(begin, part) == begin
        following = date_add(begin, part, 1)
        assert following is MISSING or date_trunc(following, part) == following


@given(st.text(max_size=30), parts, st.integers())
def test_no_text_raises(text: str, part: str, count: int) -> None:
    assert date_add(text, part, count) is MISSING or text
