"""What commands say: words for people on the terminal, or one JSON object a line for machines.

With ``--json`` standard output holds JSON only. Progress and log lines go to standard error.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

from app.domain.errors import DomainError
from sync.errors import ConfigError, PortInUse, ZavaError

EXIT_OK = 0
EXIT_FAILED = 1
EXIT_PORT_IN_USE = 2
EXIT_INTERRUPTED = 130
DEBUG_SETTING = "ZAVA_DEBUG"

Told = Callable[[str, int, int], None]
"""Hears a collection, how many of its documents are done, and how many there will be."""


def peak_memory_bytes() -> int | None:
    """The most memory this process has used; None where the system does not say."""
    if resource is None:
        return None
    unit = 1 if sys.platform == "darwin" else 1_024
    return int(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) * unit


screen = Console(highlight=False)
aside = Console(stderr=True, highlight=False)


def say(text: str, /, **values: object) -> None:
    """A line for people; ``{name}`` in it stands for a value, which is printed as it is."""
    plain = {name: escape(str(value)) for name, value in values.items()}
    screen.print(text.format(**plain), soft_wrap=True)


def say_json(**fields: Any) -> None:
    """One JSON object on a line of its own, sent at once."""
    print(json.dumps(fields, ensure_ascii=False), flush=True)


def fail(error: Exception, *, as_json: bool) -> int:
    """Tell what went wrong and what to do; the exit code. A traceback only for developers."""
    if os.environ.get(DEBUG_SETTING, "") not in ("", "0"):
        traceback.print_exception(error, file=sys.stderr)
    fields = described(error)
    if as_json:
        say_json(error=fields)
    else:
        said = error.told() if isinstance(error, ConfigError) else str(fields["message"])
        aside.print(f"[bold red]error:[/] {escape(said)}", soft_wrap=True)
        advice = f"{escape(str(fields['remedy']))} [dim]\\[{fields['code']}][/]"
        aside.print(f"[bold]what to do:[/] {advice}", soft_wrap=True)
    return EXIT_PORT_IN_USE if isinstance(error, PortInUse) else EXIT_FAILED


def described(error: Exception) -> dict[str, str | bool]:
    """Code, message, remedy and whether trying again can help, of any error."""
    if isinstance(error, ZavaError):
        return error.to_json()
    if isinstance(error, DomainError):
        fields = {"code": error.code, "message": error.message, "remedy": error.remedy}
        return {**fields, "retryable": False}
    if isinstance(error, OSError):
        reason = error.strerror or type(error).__name__
        where = f"{error.filename}: " if error.filename else ""
        remedy = "Check the path, its permissions and the space on the disk."
        return {
            "code": "file_unusable",
            "message": f"{where}{reason}.",
            "remedy": remedy,
            "retryable": False,
        }
    return {
        "code": "unexpected",
        "message": f"Something went wrong that nobody thought of: {error or type(error).__name__}.",
        "remedy": f"Run the command again with {DEBUG_SETTING}=1 and report what it prints.",
        "retryable": False,
    }


@contextmanager
def progress_bar(title: str, *, quiet: bool) -> Iterator[Told | None]:
    """A bar per collection while a data set passes by; None where nobody would see it."""
    if quiet or not aside.is_terminal:
        yield None
        return
    columns = (
        TextColumn("{task.description:>14}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=aside, transient=True) as bars:
        aside.print(title)
        tasks: dict[str, Any] = {}

        def told(collection: str, done: int, total: int) -> None:
            if collection not in tasks:
                tasks[collection] = bars.add_task(collection, total=total)
            bars.update(tasks[collection], completed=done, total=total)

        yield told
