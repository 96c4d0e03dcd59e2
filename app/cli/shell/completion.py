"""What the Tab key offers: keywords, collections after FROM, the fields of those collections."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document as Input

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
COMMANDS = (".help", ".tables", ".schema", ".plan", ".watch", ".quit")
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
    if re.fullmatch(r"\.\w*", text):
        yield from _beginning(text, COMMANDS)
        return
    word = _word(text)
    if _AFTER_SOURCE.search(text) or re.fullmatch(r"\.schema\s+\S*", text):
        yield from _beginning(word, names.collections())
        return
    known = set(names.collections())
    found = [name for name in _SOURCES.findall(text) if name in known]
    for collection in dict.fromkeys(found):
        yield from _beginning(word, names.fields(collection))
    if word and "." not in word:
        yield from _beginning(word, KEYWORDS)
        yield from _beginning(word, (f"{name}(" for name in names.functions))


def _beginning(word: str, choices: Iterable[str]) -> Iterator[str]:
    return (each for each in choices if each.lower().startswith(word.lower()) and each != word)


def _word(text: str) -> str:
    match = _WORD.search(text)
    return match[0] if match else ""


class ShellCompleter(Completer):
    """``candidates`` for prompt_toolkit."""

    def __init__(self, names: Names) -> None:
        self._names = names

    def get_completions(
        self, document: Input, complete_event: CompleteEvent
    ) -> Iterator[Completion]:
        text = document.text_before_cursor
        word = _word(text)
        for choice in dict.fromkeys(candidates(text, self._names)):
            yield Completion(choice, start_position=-len(word))
