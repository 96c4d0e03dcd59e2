"""How a statement may go on: keywords, collections after FROM, the fields of those collections."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

KEYWORDS = (
    *("ADVISE", "AND", "ANY", "APPLY", "ARRAY", "AS", "ASC", "BETWEEN", "BY", "CASE", "COLLECTION"),
    *("CONFLICT", "CREATE", "DELETE", "DESC", "DISTINCT", "DO", "DOCUMENTS", "DROP", "ELSE", "END"),
    *("ESCAPE", "EVERY", "EVICT", "EXISTS", "EXPLAIN", "FAIL", "FALSE", "FOR", "FROM", "GROUP"),
    *("HAVING", "ID", "IDS", "IF", "ILIKE", "IN", "INCREMENT", "INDEX", "INITIAL", "INNER"),
    *("INSERT", "INTO", "IS", "JOIN", "LEFT", "LIKE", "LIMIT", "MISSING", "NOT", "NOTHING", "NULL"),
    *("OBJECT", "OFFSET", "ON", "OR", "ORDER", "OUTER", "PROFILE", "RESTART", "RETURNING", "RIGHT"),
    *("SATISFIES", "SELECT", "SET", "SIMILAR", "THEN", "TO", "TRUE", "UNSET", "UPDATE", "USE"),
    *("VALUES", "WHEN", "WHERE", "WITH", "WITHIN", "XOR"),
)
_WORD = re.compile(r"[.:]?[\w`.]*$")
_AFTER_SOURCE = re.compile(r"\b(?:FROM|JOIN|INTO|UPDATE)\s+[\w`]*$", re.IGNORECASE)
_SOURCES = re.compile(r"\b(?:FROM|JOIN|INTO|UPDATE)\s+`?([\w ]+?)`?(?=[\s,;]|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Names:
    """Where completion gets its names: it asks anew each time, so new collections appear."""

    collections: Callable[[], Iterable[str]]
    fields: Callable[[str], Iterable[str]]
    functions: Sequence[str]


def candidates(text: str, names: Names) -> Iterator[str]:
    """What may replace the word at the end of ``text``, likeliest first."""
    word = last_word(text)
    if _AFTER_SOURCE.search(text):
        yield from beginning(word, names.collections())
        return
    known = set(names.collections())
    found = [name for name in _SOURCES.findall(text) if name in known]
    for collection in dict.fromkeys(found):
        yield from beginning(word, names.fields(collection))
    if word and "." not in word:
        yield from beginning(word, KEYWORDS)
        yield from beginning(word, (f"{name}(" for name in names.functions))


def beginning(word: str, choices: Iterable[str]) -> Iterator[str]:
    """Those of the choices that go on from a word, upper and lower case alike."""
    return (each for each in choices if each.lower().startswith(word.lower()) and each != word)


def last_word(text: str) -> str:
    """What a completion replaces."""
    match = _WORD.search(text)
    return match[0] if match else ""
