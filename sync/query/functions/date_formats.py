"""The directives of ``date_format``: those of ``strftime``, but the same on every device and in
every language."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Final

from sync.query.evaluate import MISSING
from sync.query.instants import zone_text
from sync.query.values import Value

FORMAT_CHARS_MAX: Final = 1_000

_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_DIRECTIVES: Final[dict[str, Callable[[datetime], str]]] = {
    "Y": lambda at: f"{at.year:04}",
    "y": lambda at: f"{at.year % 100:02}",
    "m": lambda at: f"{at.month:02}",
    "d": lambda at: f"{at.day:02}",
    "H": lambda at: f"{at.hour:02}",
    "I": lambda at: f"{(at.hour + 11) % 12 + 1:02}",
    "M": lambda at: f"{at.minute:02}",
    "S": lambda at: f"{at.second:02}",
    "f": lambda at: f"{at.microsecond:06}",
    "L": lambda at: f"{at.microsecond // 1000:03}",
    "p": lambda at: "AM" if at.hour < 12 else "PM",
    "j": lambda at: f"{at.timetuple().tm_yday:03}",
    "u": lambda at: str(at.isoweekday()),
    "V": lambda at: f"{at.isocalendar().week:02}",
    "G": lambda at: f"{at.isocalendar().year:04}",
    "a": lambda at: _DAYS[at.weekday()][:3],
    "A": lambda at: _DAYS[at.weekday()],
    "b": lambda at: _MONTHS[at.month - 1][:3],
    "B": lambda at: _MONTHS[at.month - 1],
    "z": zone_text,
    "F": lambda at: f"{at.year:04}-{at.month:02}-{at.day:02}",
    "T": lambda at: f"{at.hour:02}:{at.minute:02}:{at.second:02}",
    "%": lambda _: "%",
}


def formatted(at: datetime, pattern: str) -> Value:
    """The date as the pattern says; MISSING if that is too long or has an unknown directive."""
    if len(pattern) > FORMAT_CHARS_MAX:
        return MISSING
    if any(name not in _DIRECTIVES for name in re.findall("%(.?)", pattern, re.DOTALL)):
        return MISSING
    return re.sub("%(.)", lambda found: _DIRECTIVES[found[1]](at), pattern)
