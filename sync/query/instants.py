"""Points in time as DQL knows them: a zoned ISO 8601 text, or milliseconds since 1970 (UTC).

A text without a zone is no point in time, for nobody can know which one was meant. Every function
gives a date in the form it was given: numbers stay numbers, texts keep their offset from UTC.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from typing import Final

from sync.query.values import Value, is_number

EPOCH: Final = datetime(1970, 1, 1, tzinfo=timezone.utc)  # noqa: UP017
MILLISECOND: Final = timedelta(milliseconds=1)
OFFSET_MINUTES_MAX: Final = 18 * 60

_ISO = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}:[0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,9}))?)?"
    r"([Zz]|[+-][0-9]{2}(?::?[0-9]{2})?)"
)
_OFFSET = re.compile(r"([+-])([0-9]{2})(?::?([0-9]{2}))?")


@dataclass(frozen=True, slots=True)
class Instant:
    """A point in time with its offset, and whether it was given as a number."""

    at: datetime
    is_number: bool

    def moved(self, at: datetime) -> Instant:
        """Another point in time in the same form. Raises ``OverflowError`` before the year 1 and
        after 9999 in UTC, where the text could not be read again."""
        at.astimezone(EPOCH.tzinfo)
        return replace(self, at=at)

    @property
    def ms(self) -> int:
        """Whole milliseconds since 1970."""
        return (self.at - EPOCH) // MILLISECOND

    def value(self) -> Value:
        """As DQL shows it: in the form it was given."""
        return self.ms if self.is_number else iso(self.at)


def instant(value: Value) -> Instant | None:
    """The point in time a value stands for; None if it stands for none between the years 1 and
    9999."""
    try:
        if isinstance(value, str):
            return Instant(_parsed(value), is_number=False)
        if is_number(value):
            return Instant(EPOCH + MILLISECOND * math.floor(value), is_number=True)
    except (ValueError, OverflowError):
        return None
    return None


def _parsed(text: str) -> datetime:
    found = _ISO.fullmatch(text)
    if found is None:
        raise ValueError("not ISO 8601 with a zone")
    day, minute, second, fraction, zone = found.groups()
    spelt = f"{day}T{minute}:{second or '00'}.{(fraction or '')[:6]:0<6}"
    at = datetime.fromisoformat(spelt).replace(tzinfo=offset(zone))
    at.astimezone(EPOCH.tzinfo)
    return at


def offset(text: str) -> timezone:
    """``Z``, ``UTC`` or ``+02:00`` as a zone; raises ``ValueError``."""
    if text.upper() in ("Z", "UTC"):
        return timezone.utc  # noqa: UP017
    found = _OFFSET.fullmatch(text)
    if found is None:
        raise ValueError("not an offset")
    minutes = int(found[2]) * 60 + int(found[3] or 0)
    if minutes > OFFSET_MINUTES_MAX:
        raise ValueError("not an offset")
    return timezone(timedelta(minutes=-minutes if found[1] == "-" else minutes))


def iso(at: datetime) -> str:
    """The ISO 8601 text; a fraction of a second only where there is one."""
    fraction = (
        f".{at.microsecond // 1000:03}" if at.microsecond % 1000 == 0 else (f".{at.microsecond:06}")
    )
    day = f"{at.year:04}-{at.month:02}-{at.day:02}T{at.hour:02}:{at.minute:02}:{at.second:02}"
    return day + (fraction if at.microsecond else "") + zone_text(at)


def zone_text(at: datetime) -> str:
    """``Z`` or ``+02:00``."""
    minutes = offset_minutes(at)
    if minutes == 0:
        return "Z"
    hours, rest = divmod(abs(minutes), 60)
    return f"{'-' if minutes < 0 else '+'}{hours:02}:{rest:02}"


def offset_minutes(at: datetime) -> int:
    """Minutes east of UTC."""
    return (at.utcoffset() or timedelta()) // timedelta(minutes=1)
