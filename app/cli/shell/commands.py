"""The shell's own commands, which begin with a dot."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rich import box
from rich.markup import escape
from rich.table import Table

from app.cli import output
from app.cli.shell.answers import Form, show
from app.cli.shell.session import Session
from app.cli.shell.speech import tell, tell_plan
from app.cli.shell.watch import Items, watch
from app.domain.errors import DomainError
from app.dql import schema
from sync.local import Result
from sync.query.errors import UnknownFunction, quoted
from sync.query.functions import FUNCTIONS

_PARAMETER = re.compile(r":(\w+)")

HELP = """\
SELECT …;             run a statement; it may go over several lines and ends at ;
.tables               the collections and how many documents they hold
.schema [collection]  fields and types as the documents have them, and the indexes
.plan STATEMENT       how a statement is carried out, and what would make it faster
.watch STATEMENT      the answer, again after each change of it; Ctrl-C ends it
.help [function]      this, or what a function does
.quit                 leave; Ctrl-D does too"""


@dataclass(frozen=True, slots=True)
class Shell:
    """What a command works with."""

    session: Session
    form: Form = "table"
    args: Mapping[str, Any] = field(default_factory=dict)

    def run(self, text: str) -> Result:
        """Run a statement with those of the shell's parameters that it names."""
        named = set(_PARAMETER.findall(text))
        return self.session.run(text, {n: v for n, v in self.args.items() if n in named})


def run_command(shell: Shell, line: str) -> bool:
    """Carry out one dot command; False if the shell is to end. Raises ``DomainError``
    (command_unknown) and whatever is wrong with its statement."""
    word, _, rest = line.strip().partition(" ")
    if word in (".quit", ".exit"):
        return False
    command = COMMANDS.get(word)
    if command is None:
        raise DomainError(
            "command_unknown", f"There is no command {word}.", "Look at .help for those there are."
        )
    command(shell, rest.strip().removesuffix(";").strip())
    return True


def _help(_shell: Shell, rest: str) -> None:
    name = rest.lower().removesuffix("()")
    if not name:
        output.screen.print(HELP, markup=False)
        return
    function = FUNCTIONS.get(name)
    if function is None:
        raise UnknownFunction(f"There is no function {quoted(rest)}.")
    output.screen.print(f"{function.signature}\n{function.meaning}", markup=False)
    output.screen.print(f"[dim]{escape(function.example)}[/]")


def _tables(shell: Shell, _rest: str) -> None:
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(overflow="fold")
    table.add_column(justify="right")
    for name, count in schema.collections(shell.session.run).items():
        table.add_row(name, f"{count:,}")
    output.screen.print(table)


def _schema(shell: Shell, rest: str) -> None:
    names = [rest.strip("`")] if rest else list(schema.collections(shell.session.run))
    for name in names:
        table = Table(title=name, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
        for title in ("field", "type", "in"):
            table.add_column(title, justify="right" if title == "in" else "left", overflow="fold")
        for each in schema.fields(shell.session.run, name):
            table.add_row(each.path, " | ".join(each.types), f"{each.share:.0%}")
        output.screen.print(table)
    indexes = schema.indexes(shell.session.run)
    if indexes:
        show(indexes, "table", output.screen)


def _plan(shell: Shell, rest: str) -> None:
    result = shell.run(f"EXPLAIN {_wanted(rest)}")
    if shell.form == "table":
        tell_plan(result)
    else:
        tell(result, shell.form)


def _watch(shell: Shell, rest: str) -> None:
    text = _wanted(rest)

    def again(items: Items) -> None:
        if shell.form == "table" and output.screen.is_terminal:
            output.screen.clear()
        show(items, shell.form, output.screen)

    try:
        watch(shell.session.file, lambda: list(shell.run(text).items), again, threading.Event())
    except KeyboardInterrupt:
        output.aside.print("[dim]No longer watching.[/]")


def _wanted(rest: str) -> str:
    if rest:
        return rest
    raise DomainError("command_unknown", "The statement is missing.", "Write it after the command.")


COMMANDS: Mapping[str, Callable[[Shell, str], None]] = {
    ".help": _help,
    ".tables": _tables,
    ".schema": _schema,
    ".plan": _plan,
    ".watch": _watch,
}
