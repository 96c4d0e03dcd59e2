"""The statement in a console being written: its parameters, how it may go on, earlier ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Any, Final

import flet as ft

from app.dql.arguments import value_of
from app.dql.completion import Names, candidates, last_word
from app.dql.schema import names_of
from sync.query.errors import StatementError
from sync.query.lexer import tokens

if TYPE_CHECKING:
    from sync.local import Replica

HISTORY_NOTE: Final = "lab.statements"
HISTORY_MAX: Final = 50
OFFERED_MAX: Final = 6
"""More would take longer to read than the word to type."""


@ft.observable
@dataclass
class Draft:
    """``names`` are the parameters of ``text``, ``values`` what was typed for each."""

    replica: Callable[[], Replica]
    text: str = ""
    names: tuple[str, ...] = ()
    values: dict[str, str] = field(default_factory=dict)
    offered: tuple[str, ...] = ()
    """What may replace the word at the end."""
    focus_calls: int = 0
    """Counts up each time the field should take the keyboard."""
    _at: int = 0
    """How far back in the history the text is; 0 is what was never run."""
    _begun: str = ""
    _names: Any = field(default=None, repr=False)

    @property
    def args(self) -> dict[str, Any]:
        """The values of the parameters, as JSON where they are JSON."""
        return {name: value_of(self.values.get(name, "")) for name in self.names}

    @property
    def in_history(self) -> bool:
        """Whether the text is one that was run before, as it was."""
        return self._at > 0

    def type(self, text: str) -> None:
        """The text as it stands in the field now."""
        if text != self.text:
            self._at = 0
            self._show(text)

    def set_value(self, name: str, value: str) -> None:
        """What a parameter stands for."""
        self.values = {**self.values, name: value}

    def put(self, text: str, values: Mapping[str, str] | None = None) -> None:
        """Another statement, to be run or changed; the field takes the keyboard."""
        self._at = 0
        self.values = {**self.values, **(values or {})}
        self._show(text)
        self.focus_calls += 1

    def complete(self, choice: str) -> None:
        """Replace the word at the end."""
        begun = self.text.removesuffix(last_word(self.text))
        self.put(begun + choice + ("" if choice.endswith("(") else " "))

    def older(self) -> None:
        """The statement run before this one."""
        self._turn(1)

    def newer(self) -> None:
        """The statement run after this one; in the end what was never run."""
        self._turn(-1)

    def remember(self, text: str) -> None:
        """Put a statement in front of the history, which the device's file keeps."""
        earlier = [each for each in self._history() if each != text]
        self.replica().set_note(HISTORY_NOTE, [text, *earlier][:HISTORY_MAX])
        self._at, self._names = 0, None

    def _turn(self, steps: int) -> None:
        history = self._history()
        at = self._at + steps
        if at == 1 and history and history[0] == self.text.strip():
            at += 1  # what was just run stands in the field already
        at = min(max(at, 0), len(history))
        if at == self._at:
            return
        if self._at == 0:
            self._begun = self.text
        self._at = at
        self._show(history[at - 1] if at else self._begun)

    def _history(self) -> list[str]:
        kept = self.replica().note(HISTORY_NOTE)
        return [str(each) for each in kept] if isinstance(kept, list) else []

    def _show(self, text: str) -> None:
        self.text = text
        self.names = _parameters(text, self.names)
        self.offered = self._candidates() if text.strip() else ()

    def _candidates(self) -> tuple[str, ...]:
        if self._names is None:
            self._names = _remembered(names_of(self.replica().execute))
        word = last_word(self.text).lower()
        found = dict.fromkeys(candidates(self.text, self._names))
        return tuple(islice((each for each in found if each.lower() != word), OFFERED_MAX))


def _parameters(text: str, last: tuple[str, ...]) -> tuple[str, ...]:
    """The parameters of a statement; those it had while it cannot be read, as in an open quote.
    ``:name`` right behind a word is none: ``system:outbox``."""
    try:
        read = tokens(text)
    except StatementError:
        return last
    found = [
        word
        for (before, name, start), (kind, word, at) in pairwise([("", "", -1), *read])
        if kind == "parameter" and not (before == "name" and start + len(name) == at)
    ]
    return tuple(dict.fromkeys(found))


def _remembered(names: Names) -> Names:
    """The same names, asked for once: a key is pressed more often than a field appears."""
    collections: list[str] = list(names.collections())
    fields: dict[str, list[str]] = {}

    def fields_of(collection: str) -> Iterable[str]:
        if collection not in fields:
            fields[collection] = list(names.fields(collection))
        return fields[collection]

    return Names(lambda: collections, fields_of, names.functions)
