"""What a LIKE pattern says about a text that SQL can look for: its beginning, or all of it."""

from __future__ import annotations

from sync.query.nodes import NOTHING, Equals, Node, Path, Range
from sync.query.patterns import Like
from sync.query.values import Value


def like(path: Path, pattern: Value, escape: str) -> Node:
    """What ``path LIKE pattern`` implies; nothing is like a pattern that is no text."""
    if not isinstance(pattern, str):
        return NOTHING
    read = Like(pattern, escape)
    return Equals(path, read.prefix) if read.is_text else prefixed(path, read.prefix)


def prefixed(path: Path, prefix: str) -> Node:
    """Texts with this beginning: those from it on to before the next that has it not."""
    following = _following(prefix)
    return Range(path, low=prefix, high=following, high_open=following is not None)


def _following(prefix: str) -> str | None:
    """The first text after all with this beginning; None if there is none."""
    for place in range(len(prefix) - 1, -1, -1):
        point = ord(prefix[place]) + 1
        if 0xD800 <= point <= 0xDFFF:
            point = 0xE000
        if point <= 0x10FFFF:
            return prefix[:place] + chr(point)
    return None
