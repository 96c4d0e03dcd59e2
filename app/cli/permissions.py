"""`zava permissions`: who may see and change what, looked at before a hub believes it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.options import Json

File = Annotated[
    Path | None, typer.Argument(help="A permission file; without one, the built-in rules.")
]

USUAL = Path("config", "permissions.yaml")

cli = typer.Typer(no_args_is_help=True, help="Who may see and change what: check it, look at it.")


def in_force(chosen: Path | None) -> Path | None:
    """The file a hub is to follow; None: it keeps to the built-in rules."""
    return chosen or (USUAL if USUAL.is_file() else None)


@cli.command("check")
def check(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="The permission file.")],
    force: Annotated[
        bool, typer.Option("--force", help="Take rules that lock people out.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Every mistake in a file, with its line. Exit code 0: sound, 3: mistakes, 1: not read."""
    from app.cli.permission_report import check_file

    raise typer.Exit(check_file(file, force=force, as_json=as_json or context.obj))


@cli.command("show")
def show(
    context: typer.Context,
    file: File = None,
    role: Annotated[str | None, typer.Option("--role", help="Of this role only.")] = None,
    as_json: Json = False,
) -> None:
    """The conditions, by role and collection."""
    from app.cli.permission_report import show_rules

    show_rules(file, role, as_json=as_json or context.obj)


@cli.command("matrix")
def matrix(
    context: typer.Context,
    file: File = None,
    as_json: Json = False,
    as_markdown: Annotated[
        bool, typer.Option("--markdown", help="Print a table for a page.")
    ] = False,
) -> None:
    """What the rules come to: role, collection, operation, whose document."""
    from app.cli.permission_report import show_matrix

    show_matrix(file, as_json=as_json or context.obj, as_markdown=as_markdown)


@cli.command("status")
def status(
    context: typer.Context,
    file: File = None,
    hub: Annotated[str, typer.Option("--hub", help="The hub's address.")] = "http://127.0.0.1:8551",
    as_json: Json = False,
) -> None:
    """What a running hub has in force. Exit code 0: all is well (and FILE is in force), 3: not."""
    from app.cli.permission_report import show_status

    raise typer.Exit(show_status(file, hub, as_json=as_json or context.obj))
