"""`zava db`: the commands of whoever looks after the MongoDB, as ``--help`` shows them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli import database
from app.cli.connector.commands import initial_sync
from app.cli.data_commands import SEED, AsOf, Customers, Fresh, Orders, Preset, Seed
from app.cli.database import Place
from app.cli.options import Json

Uri = Annotated[
    str,
    typer.Option(
        "--mongodb",
        metavar="URI",
        help="Where MongoDB is: mongodb://… or mongodb+srv://…",
        envvar="MONGODB_CONNECTION_STRING",
        show_envvar=True,
        show_default=False,
    ),
]
Database = Annotated[
    str | None,
    typer.Option(
        "--database",
        help="Its database; else the one in the URI, or zava.",
        envvar="MONGODB_DATABASE",
        show_envvar=True,
    ),
]
Yes = Annotated[bool, typer.Option("--yes", help="Yes, do it; ask nothing.")]

cli = typer.Typer(
    no_args_is_help=True,
    help="Look after the MongoDB: connection, indexes, change streams, data. Reads `.env`.",
)


@cli.command("check-credentials")
def check_credentials(context: typer.Context, as_json: Json = False) -> None:
    """What is set in the environment and in `.env`, what is missing; secrets are masked."""
    raise typer.Exit(database.check_credentials(as_json=as_json or context.obj))


@cli.command("test-connection")
def test_connection(
    context: typer.Context, uri: Uri = "", name: Database = None, as_json: Json = False
) -> None:
    """Server, topology, user, roles and latency, each with a verdict and what to do."""
    raise typer.Exit(database.test_connection(Place(uri, name), as_json=as_json or context.obj))


@cli.command("create-indexes")
def create_indexes(
    context: typer.Context, uri: Uri = "", name: Database = None, as_json: Json = False
) -> None:
    """Make every index of the data model that is missing, and those for vector search."""
    raise typer.Exit(database.create_indexes(Place(uri, name), as_json=as_json or context.obj))


@cli.command("drop-indexes")
def drop_indexes(
    context: typer.Context,
    uri: Uri = "",
    name: Database = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Drop the indexes that create-indexes makes, and no others."""
    raise typer.Exit(
        database.drop_indexes(Place(uri, name), sure=yes, as_json=as_json or context.obj)
    )


@cli.command("diff-indexes")
def diff_indexes(
    context: typer.Context, uri: Uri = "", name: Database = None, as_json: Json = False
) -> None:
    """Compare the indexes there with the table. Exit code 1 where they differ."""
    raise typer.Exit(database.diff_indexes(Place(uri, name), as_json=as_json or context.obj))


@cli.command("enable-change-streams")
def enable_change_streams(
    context: typer.Context, uri: Uri = "", name: Database = None, as_json: Json = False
) -> None:
    """Have the server keep pre- and post-images where it can. Needs the role dbAdmin."""
    raise typer.Exit(
        database.enable_change_streams(Place(uri, name), as_json=as_json or context.obj)
    )


@cli.command("test-change-streams")
def test_change_streams(
    context: typer.Context, uri: Uri = "", name: Database = None, as_json: Json = False
) -> None:
    """Write a document, wait until the streams tell of it, and say what they gave."""
    raise typer.Exit(database.test_change_streams(Place(uri, name), as_json=as_json or context.obj))


@cli.command("clear")
def clear(
    context: typer.Context,
    uri: Uri = "",
    name: Database = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Delete every document of our collections. Indexes and other collections stay."""
    raise typer.Exit(database.clear(Place(uri, name), sure=yes, as_json=as_json or context.obj))


@cli.command("load")
def load(
    context: typer.Context,
    folder: Annotated[
        Path | None, typer.Argument(help="What `zava data generate` wrote; else it is made now.")
    ] = None,
    preset: Preset = "demo",
    seed: Seed = SEED,
    as_of: AsOf = None,
    customers: Customers = None,
    orders: Orders = None,
    fresh: Fresh = False,
    uri: Uri = "",
    name: Database = None,
    as_json: Json = False,
) -> None:
    """A data set into the database, in batches; a load that was cut short goes on."""
    from app.cli import data
    from datagen.recipe import AS_OF, Recipe

    place = data.Place(None, database.uri_of(Place(uri, name)), name, fresh)
    as_json = as_json or context.obj
    if folder is not None:
        data.load_into(folder, place, as_json=as_json)
        return
    recipe = Recipe.of(preset, seed=seed, as_of=as_of or AS_OF, customers=customers, orders=orders)
    data.generate_into(place, recipe, as_json=as_json)


cli.command("initial-sync")(initial_sync)


@cli.command("status")
def status(
    context: typer.Context, uri: Uri = "", name: Database = None, as_json: Json = False
) -> None:
    """Collections with counts, sizes and indexes; how far the connector is behind."""
    raise typer.Exit(database.status(Place(uri, name), as_json=as_json or context.obj))


@cli.command("encode-password")
def encode_password(
    stdin: Annotated[
        bool, typer.Option("--stdin", help="Read it from standard input; ask nobody.")
    ] = False,
) -> None:
    """A password as it has to stand in a connection string. It is asked for and not shown."""
    database.encode_password(from_stdin=stdin)
