"""What the Tab key offers: the shell's commands, and how a statement may go on."""

from __future__ import annotations

import re
from collections.abc import Iterator

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document as Input

from app.dql import completion
from app.dql.completion import Names, beginning, last_word

COMMANDS = (".help", ".tables", ".schema", ".plan", ".watch", ".quit")


def candidates(text: str, names: Names) -> Iterator[str]:
    """What may replace the word at the end of ``text``, likeliest first."""
    if re.fullmatch(r"\.\w*", text):
        yield from beginning(text, COMMANDS)
    elif re.fullmatch(r"\.schema\s+\S*", text):
        yield from beginning(last_word(text), names.collections())
    else:
        yield from completion.candidates(text, names)


class ShellCompleter(Completer):
    """``candidates`` for prompt_toolkit."""

    def __init__(self, names: Names) -> None:
        self._names = names

    def get_completions(
        self, document: Input, complete_event: CompleteEvent
    ) -> Iterator[Completion]:
        text = document.text_before_cursor
        word = last_word(text)
        for choice in dict.fromkeys(candidates(text, self._names)):
            yield Completion(choice, start_position=-len(word))
