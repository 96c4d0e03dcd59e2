"""How the shell talks: answers in the form asked for, errors with the place underlined."""

from __future__ import annotations

from typing import Any

from rich.markup import escape

from app.cli import output
from app.cli.shell.answers import Form, show
from app.dql.answers import headline, is_plan
from sync.local import Result
from sync.query.errors import StatementError


def tell(result: Result, form: Form) -> None:
    """Print what a statement answered; what it changed and remarked goes beside the items."""
    if form == "json":
        show(result.items, form, output.screen)
        if result.commit_id is not None:
            output.say_json(mutated=list(result.mutated_ids), commit=result.commit_id)
        for note in result.notes:
            output.aside.print(escape(note), soft_wrap=True)
        return
    if form == "table" and is_plan(result.items):
        tell_plan(result)
    else:
        show(result.items, form, output.screen)
    for line in (headline(result), *result.notes):
        output.aside.print(f"[dim]{escape(line)}[/]", soft_wrap=True)


def tell_plan(result: Result) -> None:
    """A plan as a tree, then why it is this one and what would make it faster."""
    (item,) = result.items
    output.screen.print(str(item["text"]), markup=False, soft_wrap=True)
    for line in item.get("reasons", ()):
        output.screen.print(f"[dim]{escape(str(line))}[/]", soft_wrap=True)
    for line in item.get("advice", ()):
        output.screen.print(f"[bold]would help:[/] {escape(str(line))}", soft_wrap=True)


def tell_error(error: Exception, *, as_json: bool) -> int:
    """Say what is wrong and what to do; the exit code. A statement is shown with the place."""
    if isinstance(error, StatementError) and not as_json:
        shown: list[Any] = error.underlined().splitlines()
        output.aside.print(f"[bold red]error:[/] {escape(shown[0])}", soft_wrap=True)
        for line in shown[1:]:
            output.aside.print(escape(line), soft_wrap=True)
        advice = f"{escape(error.remedy)} [dim]\\[{error.code}][/]"
        output.aside.print(f"[bold]what to do:[/] {advice}", soft_wrap=True)
        return output.EXIT_FAILED
    return output.fail(error, as_json=as_json)
