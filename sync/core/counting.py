"""Counting on the text of a row: what a shop does all day, however often since the last count.

A counter keeps every increment by itself until somebody counts (C4), so a shelf that much is sold
from has a long meta. None of it is taken apart: it is looked at as a text, whether all that is
unseen belongs to this counter, and one more increment is put behind the others.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

from sync.core.state import Key
from sync.core.text import compact
from sync.core.values import INT_MAX, INT_MIN

COUNTERS_MAX: Final = 1_024
"""Paths whose spelling is remembered at once."""
_WHOLE: Final = re.compile(r"(-?\d+)[,}]")
"""A whole number that is the value of a field."""
_BASE: Final = re.compile(r"(\d+),(\d+),(-?\d+)\]")
"""What follows the path of a base: who wrote it when, and the number."""


class Counted(NamedTuple):
    """A row in which a counter counts: what shows, what the meta says of that, and what it says of
    the counter. ``join`` makes a meta of them."""

    body: str
    head: str
    unseen: str
    absorbed: tuple[int, int, int] | None
    """Reading, site and number of the base, if it is newer: then the counter has not moved."""

    def join(self, head: str) -> str:
        """The meta whose head has become this one."""
        return f"{head[:-1]},[{self.unseen}]]"


def counted(
    body: str, meta: str, where: Key, by: tuple[int, int], amount: int, hlc: int
) -> Counted | None:
    """The row after one increment of the counter at a path that has been counted on since its base;
    None where it takes more than that to tell. ``by`` is the site and the batch it comes from."""
    path, name = _spelt(where)
    head, between, rest = meta.partition(f",[[{path}")
    unseen = f"[{path}{rest[:-2]}"
    if not between or '"' in head or not _is_all_of(unseen, path) or '"deleted":true' in body:
        return None
    base = _BASE.match(unseen, end) if (end := _end_of(f"[{path}],", unseen)) else None
    shown = _WHOLE.match(body, _end_of(name, body)) if body.count(name) == 1 else None
    if base is None or shown is None:
        return None
    when, who, number = map(int, base.groups())
    increment = f"{path},[{by[0]},{by[1]}]]"
    if when == hlc or increment in unseen:
        return None
    head += "]"
    if when > hlc:
        return Counted(body, head, unseen, (when, who, number))
    total = int(shown[1])
    if not (INT_MIN < total < INT_MAX and INT_MIN <= total + amount <= INT_MAX):
        return None  # at the border there may be more than shows
    unseen = f"{unseen},[{increment},{hlc},{by[0]},{amount}]"
    after = f"{body[: shown.start()]}{total + amount}{body[shown.end(1) :]}"
    return Counted(after, head, unseen, None)


@lru_cache(maxsize=COUNTERS_MAX)
def _spelt(where: Key) -> tuple[str, str]:
    """A path as extras begin with it, and the name of its field as a body has it."""
    return compact([*where])[:-1], f"{compact(where[-1])}:"


def _is_all_of(unseen: str, path: str) -> bool:
    """Whether unseen leaves are a counter's base and increments: each begins with its path, and no
    other name is there."""
    count = unseen.count(f"[{path}")
    return (
        unseen.count("],[") == count - 1
        and unseen.count('"') == count * path.count('"')
        and "null" not in unseen
    )


def _end_of(part: str, text: str) -> int:
    """Where a part of a text ends; 0 where it is not in it."""
    at = text.find(part)
    return 0 if at < 0 else at + len(part)
