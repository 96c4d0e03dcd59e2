"""The prompt: lines with history and completion, collected until a statement is whole."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from prompt_toolkit import PromptSession
from prompt_toolkit.history import FileHistory, History, InMemoryHistory

from app.cli import output
from app.cli.shell.commands import Shell, run_command
from app.cli.shell.completion import ShellCompleter
from app.cli.shell.speech import tell, tell_error
from app.dql.schema import names_of

HISTORY = "ZAVA_DQL_HISTORY"
PROMPT, CONTINUED = "dql> ", "...> "


def interact(shell: Shell, ask: Callable[[str], str]) -> int:
    """Ask for lines and answer them until ``.quit`` or the end of input; the exit code, which
    tells whether anything failed.

    ``ask`` shows a prompt and gives a line; it raises ``EOFError`` at the end and
    ``KeyboardInterrupt`` for Ctrl-C, which drops the statement begun.
    """
    code = output.EXIT_OK
    for text in statements(ask):
        try:
            if not answer(shell, text):
                break
        except KeyboardInterrupt:
            output.aside.print("[dim]Stopped.[/]")
        except Exception as error:
            code = tell_error(error, as_json=shell.form == "json")
    return code


def statements(ask: Callable[[str], str]) -> Iterator[str]:
    """Whole statements and commands, from lines. The last one may lack its semicolon."""
    begun = ""
    while True:
        try:
            line = ask(CONTINUED if begun else PROMPT)
        except KeyboardInterrupt:
            begun = ""
            continue
        except EOFError:
            if begun:
                yield begun
            return
        begun = f"{begun}\n{line}" if begun else line
        if not begun.strip():
            begun = ""
        elif is_whole(begun):
            whole, begun = begun, ""
            yield whole


def is_whole(text: str) -> bool:
    """A command is one line; a statement ends at a semicolon."""
    return text.lstrip().startswith(".") or text.rstrip().endswith(";")


def answer(shell: Shell, text: str) -> bool:
    """Answer one command or statement; False if the shell is to end."""
    if text.lstrip().startswith("."):
        return run_command(shell, text)
    tell(shell.run(text), shell.form)
    return True


def prompt_lines(shell: Shell) -> Callable[[str], str]:
    """A terminal's ``ask``, with history from earlier runs and completion."""
    lines: PromptSession[str] = PromptSession(
        history=_history(),
        completer=ShellCompleter(names_of(shell.session.run)),
        complete_while_typing=False,
    )
    return lines.prompt


def _history() -> History:
    """What was typed in earlier runs: in ``ZAVA_DQL_HISTORY``, or nowhere if that is empty."""
    chosen = os.environ.get(HISTORY, str(Path.home() / ".zava_dql_history"))
    if not chosen or not os.access(Path(chosen).parent, os.W_OK):
        return InMemoryHistory()
    return FileHistory(chosen)
