"""The commands of `zava connector` and their options; the work is in the sibling modules."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.data_dir import DEFAULT
from app.cli.options import Directory, Json

if TYPE_CHECKING:
    from app.cli.connector.place import Place

CONFIG = Path("config/connector.yaml")

Config = Annotated[
    Path, typer.Option("--config", help="How collections are exchanged.", dir_okay=False)
]
Uri = Annotated[
    str | None,
    typer.Option("--mongodb", metavar="URI", help="Which MongoDB; else as the file says."),
]
Names = Annotated[list[str] | None, typer.Argument(help="Only these collections.")]
Number = Annotated[int, typer.Argument(metavar="N", help="The document's number in the list.")]

connector = typer.Typer(
    no_args_is_help=True, help="Exchange documents with MongoDB; see what could not be exchanged."
)


@connector.command("run")
def run(
    context: typer.Context,
    data_dir: Directory = Path(DEFAULT),
    mongodb: Uri = None,
    config: Config = CONFIG,
    create_indexes: Annotated[
        bool, typer.Option("--create-indexes", help="Create unique indexes that are missing.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Exchange until Ctrl-C, beside no running hub; inside one: `zava hub --mongodb URI`."""
    from app.cli.connector.running import run_connector

    place = _place(context, data_dir, mongodb, config, as_json)
    run_connector(place, create_indexes=create_indexes)


@connector.command("status")
def status(
    context: typer.Context,
    data_dir: Directory = Path(DEFAULT),
    config: Config = CONFIG,
    as_json: Json = False,
) -> None:
    """How it is: heartbeat, progress, what waits. Exit code 0 where it runs well, 4 where not."""
    from app.cli.connector.looking import show_status

    raise typer.Exit(show_status(_place(context, data_dir, None, config, as_json)))


@connector.command("list")
def list_letters(
    context: typer.Context,
    data_dir: Directory = Path(DEFAULT),
    config: Config = CONFIG,
    as_json: Json = False,
) -> None:
    """Documents that could not be exchanged, and why."""
    from app.cli.connector.looking import list_letters

    list_letters(_place(context, data_dir, None, config, as_json))


@connector.command("show")
def show_letter(
    context: typer.Context,
    number: Number,
    data_dir: Directory = Path(DEFAULT),
    config: Config = CONFIG,
    as_json: Json = False,
) -> None:
    """One of them: the reason, the details, and what to do."""
    from app.cli.connector.looking import show_letter

    show_letter(_place(context, data_dir, None, config, as_json), number)


@connector.command("retry")
def retry(
    context: typer.Context,
    number: Annotated[
        int | None, typer.Argument(metavar="N", help="Only this one; else all.")
    ] = None,
    data_dir: Directory = Path(DEFAULT),
    mongodb: Uri = None,
    config: Config = CONFIG,
    as_json: Json = False,
) -> None:
    """Try again what could not be exchanged."""
    from app.cli.connector.acting import retry

    retry(_place(context, data_dir, mongodb, config, as_json), number)


@connector.command("audit")
def audit(
    context: typer.Context,
    collections: Names = None,
    repair: Annotated[bool, typer.Option("--repair", help="Exchange anew what differs.")] = False,
    data_dir: Directory = Path(DEFAULT),
    mongodb: Uri = None,
    config: Config = CONFIG,
    as_json: Json = False,
) -> None:
    """Compare both sides, by a hash for each chunk. Exit code 0 where they agree, 3 where not."""
    from app.cli.connector.acting import audit

    place = _place(context, data_dir, mongodb, config, as_json)
    raise typer.Exit(audit(place, collections, repair=repair))


@connector.command("initial-sync")
def initial_sync(
    context: typer.Context,
    collections: Names = None,
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Ask for it and return.")] = False,
    data_dir: Directory = Path(DEFAULT),
    mongodb: Uri = None,
    config: Config = CONFIG,
    as_json: Json = False,
) -> None:
    """Read collections anew and compare them; one that was dropped or emptied goes on by this."""
    from app.cli.connector.acting import initial_sync

    place = _place(context, data_dir, mongodb, config, as_json)
    initial_sync(place, collections, wait=not no_wait)


def _place(
    context: typer.Context, data_dir: Path, mongodb: str | None, config: Path, as_json: bool
) -> Place:
    from app.cli.connector import place

    return place.Place(data_dir, config, mongodb, as_json or context.obj)
