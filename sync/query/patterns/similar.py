"""SIMILAR TO: LIKE's wildcards within regular expressions, over the whole text."""

from __future__ import annotations

from sync.query.patterns.like import ESCAPE
from sync.query.patterns.reading import PatternError

_WILDCARDS = {"%": ".*", "_": "."}


def as_regex(pattern: str, escape: str = ESCAPE) -> str:
    """The pattern as a regular expression for ``Regex(…, "s").matches``. ``| * + ? {m,n} ( ) [ ]``
    keep their meaning; a dot, ``^`` and ``$`` are themselves. Raises ``PatternError``."""
    written: list[str] = []
    inside = False
    at = 0
    while at < len(pattern):
        char = pattern[at]
        at += 1
        if char == escape:
            if at == len(pattern):
                raise PatternError("nothing is escaped")
            written.append(_itself(pattern[at]))
            at += 1
        elif inside or char == "[":
            written.append("\\\\" if char == "\\" else char)
            inside = char != "]" or written[-2:] == ["[", "]"]
        elif char == "(":
            written.append("(?:")
        else:
            written.append(_WILDCARDS.get(char) or (_itself(char) if char in ".^$\\" else char))
    return "".join(written)


def _itself(char: str) -> str:
    return char if char.isalnum() or not char.isascii() else "\\" + char
