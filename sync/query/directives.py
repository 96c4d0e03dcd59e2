"""``USE DIRECTIVES``: Ditto's hints for a collection, as a map in JSON.

Only what is said of indexes has a meaning here; none of it can change a result.
"""

from __future__ import annotations

import json
from typing import Any, Final

from sync.query.errors import NotSupported, StatementUnreadable, quoted

TUNING: Final = ("#prefer_order", "#max_scans", "#intersects", "#max_inlist")
"""Taken without effect: they tune Ditto's planner, and ours needs no telling."""

KNOWN: Final = ("#index", "#disable_index_scan", *TUNING)


def directed_index(said: str, text: str, at: int) -> str | None:
    """What the directives say of the index, as in ``Source.index``: its name, empty for a scan,
    None for nothing. Raises ``StatementUnreadable``, ``NotSupported``."""
    directives = _read(said)
    if directives is None:
        message = 'USE DIRECTIVES takes a map as text: \'{"#index": "name"}\'.'
        raise StatementUnreadable(message, text, at)
    for name in directives:
        if name not in KNOWN:
            message = f"{quoted(name)} is no directive; there are {', '.join(KNOWN)}."
            raise NotSupported(message, text, at)
    if directives.get("#disable_index_scan") is True:
        return ""
    if "#index" not in directives:
        return None
    index = directives["#index"]
    if isinstance(index, list) and len(index) > 1:
        return None  # Of several, the planner takes the best, as it does without.
    if isinstance(index, list) and index:
        index = index[0]
    if index is None or index == []:
        return ""
    if not isinstance(index, str) or not index.isprintable():
        raise StatementUnreadable("#index takes the name of an index.", text, at)
    return index


def _read(said: str) -> dict[str, Any] | None:
    try:
        directives = json.loads(said)
    except (ValueError, RecursionError):
        return None
    return directives if isinstance(directives, dict) else None
