"""Functions of durations: a number of milliseconds, or a text such as ``P1DT2H30M`` (ISO 8601) or
``1d2h30m``. Months and years have no fixed length, so they are no part of one."""

from __future__ import annotations

import math
import re
from typing import Final

from sync.query.evaluate import MISSING
from sync.query.functions.dates import LENGTHS, unit
from sync.query.functions.registry import Family
from sync.query.instants import MILLISECOND
from sync.query.values import Value, is_number, storable

FAMILY = Family("Durations")

_SIZES: Final = {name: length // MILLISECOND for name, length in LENGTHS.items()}
_NUMBER: Final = r"([0-9]{1,15}(?:\.[0-9]{1,9})?)"
_ISO = re.compile(
    rf"([+-])?P(?:{_NUMBER}W)?(?:{_NUMBER}D)?(?:T(?:{_NUMBER}H)?(?:{_NUMBER}M)?(?:{_NUMBER}S)?)?",
    re.IGNORECASE,
)
_COMPACT = re.compile(
    rf"([+-])?(?:{_NUMBER}w)?(?:{_NUMBER}d)?(?:{_NUMBER}h)?(?:{_NUMBER}m)?(?:{_NUMBER}s)?"
    rf"(?:{_NUMBER}ms)?"
)
_PLACES: Final = ("week", "day", "hour", "minute", "second", "millisecond")


def milliseconds(duration: Value) -> int | float | None:
    """How long a duration is; None if it is none."""
    if is_number(duration):
        number: int | float = duration
        return number
    if not isinstance(duration, str):
        return None
    found = _ISO.fullmatch(duration) or _COMPACT.fullmatch(duration)
    if found is None or not any(found.groups()[1:]):
        return None
    sign, *counts = found.groups()
    total = sum(
        float(count) * _SIZES[name] for name, count in zip(_PLACES, counts, strict=False) if count
    )
    return _tidy(-total if sign == "-" else total)


def _tidy(number: float) -> int | float:
    return int(number) if math.isfinite(number) and number == int(number) else number


@FAMILY.add(
    "duration_cast(duration, unit)",
    "How long it is in weeks, days, hours, minutes, seconds or milliseconds; an integer if that is "
    "whole.",
    "duration_cast('PT1H30M', 'minute')",
)
def duration_cast(duration: Value, wanted: Value) -> Value:
    length, size = milliseconds(duration), _SIZES.get(unit(wanted))
    if length is None or size is None:
        return MISSING
    if isinstance(length, int) and length % size == 0:
        return storable(length // size)
    return storable(length / size)


@FAMILY.add(
    "duration_format(duration, [style])",
    "As text in the style 'iso' (P1DT2H30M), 'compact' (1d2h30m) or 'clock' (26:30:00).",
    "duration_format(5400000, 'clock')",
)
def duration_format(duration: Value, style: Value = "iso") -> Value:
    length = milliseconds(duration)
    if length is None or not math.isfinite(length) or style not in ("iso", "compact", "clock"):
        return MISSING
    sign, whole = "-" if length < 0 else "", math.floor(abs(length))
    if style == "clock":
        return sign + _clock(whole)
    days, rest = divmod(whole, _SIZES["day"])
    hours, rest = divmod(rest, _SIZES["hour"])
    minutes, rest = divmod(rest, _SIZES["minute"])
    seconds, rest = divmod(rest, _SIZES["second"])
    if style == "compact":
        parts = ((days, "d"), (hours, "h"), (minutes, "m"), (seconds, "s"), (rest, "ms"))
        return sign + ("".join(f"{count}{name}" for count, name in parts if count) or "0s")
    second = f"{seconds}.{rest:03}".rstrip("0").rstrip(".") if rest else str(seconds)
    parts_of_day = ((str(hours), "H"), (str(minutes), "M"), (second, "S"))
    time = "".join(count + name for count, name in parts_of_day if count != "0")
    day = f"{days}D" if days else ""
    return f"{sign}P{day}{'T' + time if time else ''}" if day or time else "PT0S"


def _clock(whole: int) -> str:
    seconds, rest = divmod(whole, 1000)
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours:02}:{minute:02}:{second:02}" + (f".{rest:03}" if rest else "")
