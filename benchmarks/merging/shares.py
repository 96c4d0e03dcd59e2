"""Which part of the code a profile's time belongs to, in percent."""

from __future__ import annotations

import pstats
import re
from collections import Counter
from collections.abc import Iterator

PARTS = (
    ("SQLite", re.compile(r"sqlite3\.")),
    ("JSON", re.compile(r"json|scan_once|c_make_encoder")),
    ("checks and digests", re.compile(r"blake2|crc32|digest|sync/core/intact")),
    (
        "messages: sync.wire, core.decode",
        re.compile(r"re/_|sync/wire/|sync/core/(decode|rows|batch|forms)"),
    ),
    ("merging: sync.core", re.compile(r"sync/core/")),
    ("rules: sync.peer, sync.hub", re.compile(r"sync/(hub|peer)/")),
    ("rows and log: sync.local", re.compile(r"sync/local/")),
    ("queries: sync.query", re.compile(r"sync/query/")),
)
OTHER = "everything else"


def shares(stats: pstats.Stats) -> Iterator[tuple[str, float]]:
    """Part and percent, largest first. What a built-in took belongs to who called it, unless it
    is a part of its own."""
    seconds: Counter[str] = Counter()
    for function, (*_, own, _, callers) in stats.stats.items():  # type: ignore[attr-defined]
        part = _part(function)
        if part is not None or not callers:
            seconds[part or OTHER] += own
            continue
        for caller, (*_, taken, _) in callers.items():
            seconds[_part(caller) or OTHER] += taken
    total = sum(seconds.values()) or 1.0
    for part, taken in seconds.most_common():
        yield part, 100 * taken / total


def _part(function: tuple[str, int, str]) -> str | None:
    file, _, name = function
    text = name if file == "~" else file.replace("\\", "/")
    return next((part for part, pattern in PARTS if pattern.search(text)), None)
