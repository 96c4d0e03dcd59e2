"""Functions of dates. What is no point in time (``sync.query.instants``), or would lie outside the
years 1 to 9999, makes them MISSING.

Parts are year, quarter, month, week (from Monday), day, hour, minute, second and millisecond, in
any case and also in the plural. They count in the date's own offset from UTC.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Final

from sync.query.caps import ARRAY_ITEMS_MAX
from sync.query.evaluate import MISSING
from sync.query.functions.date_formats import formatted
from sync.query.functions.registry import Context, Family
from sync.query.instants import EPOCH, MILLISECOND, Instant, instant, iso, offset, offset_minutes
from sync.query.values import Value, is_integer

FAMILY = Family("Dates")

LENGTHS: Final = {
    "week": timedelta(weeks=1),
    "day": timedelta(days=1),
    "hour": timedelta(hours=1),
    "minute": timedelta(minutes=1),
    "second": timedelta(seconds=1),
    "millisecond": MILLISECOND,
}
MONTHS: Final = {"year": 12, "quarter": 3, "month": 1}
_PARTS: Final[dict[str, Callable[[datetime], int]]] = {
    "year": lambda at: at.year,
    "quarter": lambda at: (at.month + 2) // 3,
    "month": lambda at: at.month,
    "week": lambda at: at.isocalendar().week,
    "day": lambda at: at.day,
    "hour": lambda at: at.hour,
    "minute": lambda at: at.minute,
    "second": lambda at: at.second,
    "millisecond": lambda at: at.microsecond // 1000,
    "weekday": lambda at: at.isoweekday(),
    "day_of_week": lambda at: at.isoweekday(),
    "dow": lambda at: at.isoweekday(),
    "day_of_year": lambda at: at.timetuple().tm_yday,
    "doy": lambda at: at.timetuple().tm_yday,
    "iso_week": lambda at: at.isocalendar().week,
    "iso_year": lambda at: at.isocalendar().year,
    "timezone": lambda at: offset_minutes(at) * 60,
    "timezone_hour": lambda at: int(offset_minutes(at) / 60),
    "timezone_minute": lambda at: abs(offset_minutes(at)) % 60,
}


def unit(part: Value) -> str:
    """The name of a part in lower case and the singular; empty for what is no text."""
    if not isinstance(part, str):
        return ""
    name = part.lower()
    return name[:-1] if name.endswith("s") and name[:-1] in LENGTHS | MONTHS else name


def _dated(function: Callable[..., Value]) -> Callable[..., Value]:
    """Hands over an ``Instant`` for the first argument, and takes MISSING for an answer."""

    @functools.wraps(function)
    def call(date: Value, *rest: Value) -> Value:
        at = instant(date)
        if at is None:
            return MISSING
        try:
            return function(at, *rest)
        except (ValueError, OverflowError):
            return MISSING

    return call


@FAMILY.add(
    "clock()",
    "The time at which the statement began, in UTC; the same wherever it stands in it.",
    "clock()",
    contextual=True,
)
def clock(context: Context) -> Value:
    return iso(EPOCH + MILLISECOND * context.now_ms)


@FAMILY.add(
    "date_add(date, part, count)",
    "So many parts later. A month later than the 31st is the last day of the next month.",
    "date_add(due_at, 'day', 14)",
)
@_dated
def date_add(date: Instant, part: Value, count: Value) -> Value:
    if not is_integer(count):
        return MISSING
    at = _later(date.at, unit(part), count)
    return MISSING if at is None else date.moved(at).value()


@FAMILY.add(
    "date_sub(date, part, count)", "So many parts earlier.", "date_sub(clock(), 'month', 1)"
)
def date_sub(date: Value, part: Value, count: Value) -> Value:
    return date_add(date, part, -count) if is_integer(count) else MISSING


def _later(at: datetime, part: str, count: int) -> datetime | None:
    if part in LENGTHS:
        return at + LENGTHS[part] * count
    if part not in MONTHS:
        return None
    months = at.year * 12 + at.month - 1 + MONTHS[part] * count
    year, month = divmod(months, 12)
    first = at.replace(year=year, month=month + 1, day=1)
    return first.replace(day=min(at.day, _days(year, month + 1)))


def _days(year: int, month: int) -> int:
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


@FAMILY.add(
    "date_diff(date, earlier, part)",
    "How many whole parts lie between the two; negative if the second is the later.",
    "date_diff(clock(), created_at, 'day')",
)
@_dated
def date_diff(date: Instant, earlier: Value, part: Value) -> Value:
    other = instant(earlier)
    name = unit(part)
    if other is None:
        return MISSING
    if name in LENGTHS:
        apart = abs(date.at - other.at) // LENGTHS[name]
        return apart if date.at >= other.at else -apart
    return _months_apart(date.at, other.at, MONTHS[name]) if name in MONTHS else MISSING


def _months_apart(date: datetime, other: datetime, months: int) -> int:
    if date < other:
        return -_months_apart(other, date, months)
    local = date.astimezone(other.tzinfo)
    apart = (local.year - other.year) * 12 + local.month - other.month
    due = _later(other, "month", apart)
    return (apart - (due is not None and due > local)) // months


@FAMILY.add(
    "date_part(date, part)",
    "A part as a number; also weekday (1 is Monday, 7 Sunday), day_of_year, iso_week, iso_year, "
    "timezone (seconds east of UTC), timezone_hour and timezone_minute.",
    "date_part(created_at, 'weekday')",
)
@_dated
def date_part(date: Instant, part: Value) -> Value:
    read = _PARTS.get(unit(part))
    return MISSING if read is None else read(date.at)


@FAMILY.add(
    "date_trunc(date, part)",
    "The beginning of the part the date lies in.",
    "date_trunc(created_at, 'month')",
)
@_dated
def date_trunc(date: Instant, part: Value) -> Value:
    at, name = date.at, unit(part)
    if name == "week":
        at, name = at - LENGTHS["day"] * at.weekday(), "day"
    if name == "millisecond":
        return date.moved(at.replace(microsecond=at.microsecond // 1000 * 1000)).value()
    zeros = {"second": 0, "minute": 0, "hour": 0, "day": 1, "month": 1, "year": 1}
    if name == "quarter":
        at, name = at.replace(day=1, month=(at.month - 1) // 3 * 3 + 1), "month"
    if name not in zeros:
        return MISSING
    order = ["second", "minute", "hour", "day", "month"]
    finer = order[: order.index(name)] if name in order else order
    at = at.replace(microsecond=0)
    if "month" in finer:
        at = at.replace(day=1, month=1)
    for each in finer:
        at = at.replace(**{each: zeros[each]})  # type: ignore[arg-type]
    return date.moved(at).value()


@FAMILY.add(
    "date_format(date, format)",
    "The date as text: %Y %m %d %H %M %S %f (microseconds) %L (milliseconds) %j %u %V %G %y %I %p "
    "%a %A %b %B %z %F %T %%.",
    "date_format(created_at, '%d.%m.%Y')",
)
@_dated
def date_format(date: Instant, pattern: Value) -> Value:
    return formatted(date.at, pattern) if isinstance(pattern, str) else MISSING


@FAMILY.add(
    "date_cast(date, form)",
    "The same point in time as 'iso' (text in UTC), 'epoch' (milliseconds since 1970), or a text "
    "with an offset such as '+02:00'.",
    "date_cast(created_at, 'epoch')",
)
@_dated
def date_cast(date: Instant, form: Value) -> Value:
    if not isinstance(form, str):
        return MISSING
    if form.lower() in ("epoch", "epoch_ms", "millis", "integer", "number"):
        return date.ms
    zone: timezone = offset("Z" if form.lower() in ("iso", "string", "text") else form)
    return iso(date.at.astimezone(zone))


@FAMILY.add(
    "date_range(start, end, part, [step])",
    "The dates from the start on, so many parts apart (1), up to but without the end.",
    "date_range('2026-11-01T00:00:00Z', '2026-11-08T00:00:00Z', 'day')",
)
@_dated
def date_range(start: Instant, end: Value, part: Value, step: Value = 1) -> Value:
    last = instant(end)
    if last is None or not is_integer(step) or step == 0:
        return MISSING
    found: list[Value] = []
    at = _later(start.at, unit(part), 0)
    while at is not None and (at < last.at if step > 0 else at > last.at):
        if len(found) >= ARRAY_ITEMS_MAX:
            return MISSING
        found.append(start.moved(at).value())
        at = _later(start.at, unit(part), len(found) * step)
    return MISSING if at is None else found


@FAMILY.add(
    "tz_offset(date)",
    "Minutes east of UTC in which the date is written; 0 for a number.",
    "tz_offset('2026-11-20T18:00:00+01:00')",
)
@_dated
def tz_offset(date: Instant) -> Value:
    return offset_minutes(date.at)
