"""`zava dql`: look into a replica with statements, one at once or at a prompt."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from app.cli import output
from app.cli.shell.answers import Form
from app.cli.shell.commands import Shell
from app.cli.shell.replica_file import ReplicaFile, chosen_file
from app.cli.shell.session import Session
from app.cli.shell.speech import tell, tell_error
from app.domain.errors import DomainError
from app.dql.arguments import parameters
from sync.errors import ZavaError


@dataclass(frozen=True, slots=True)
class Asked:
    """One run of the shell, as the command line asks for it."""

    db: Path | None
    data_dir: Path
    account: str | None
    statement: str | None
    args: tuple[str, ...]
    form: Form
    write: bool


def run_dql(asked: Asked) -> int:
    """Answer the statement, or open the prompt; the exit code."""
    try:
        path = chosen_file(asked.db, asked.data_dir, asked.account)
        with ReplicaFile(path, writable=asked.write) as file:
            shell = Shell(Session(file), asked.form, parameters(asked.args))
            if asked.statement is None:
                return _at_the_prompt(shell, asked)
            tell(shell.session.run(asked.statement, shell.args), asked.form)
    except (ZavaError, DomainError) as error:
        return tell_error(error, as_json=asked.form == "json")
    except BrokenPipeError:  # whoever reads has seen enough, as `head` has
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115  for Python's last flush
    return output.EXIT_OK


def _at_the_prompt(shell: Shell, asked: Asked) -> int:
    from app.cli.shell.interactive import interact, prompt_lines

    if not sys.stdin.isatty():
        return interact(shell, lambda _prompt: _line())
    mode = "reading and writing" if asked.write else "reading; --write to change something"
    output.say(
        "[bold]{path}[/], {mode}. .help tells more.", path=shell.session.file.path, mode=mode
    )
    return interact(shell, prompt_lines(shell))


def _line() -> str:
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    return line.rstrip("\n")
