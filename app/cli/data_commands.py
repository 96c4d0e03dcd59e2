"""The commands of `zava data` and their options; the work is in `app.cli.data`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.options import Json

SEED = 7

Preset = Annotated[str, typer.Option("--preset", help="demo, standard or full.")]
Seed = Annotated[int, typer.Option("--seed", help="The same seed and date give the same data.")]
AsOf = Annotated[
    str | None,
    typer.Option("--as-of", help="The latest date in it, ISO 8601. Default: 2026-11-20T18:00:00Z."),
]
Customers = Annotated[
    int | None,
    typer.Option("--customers", envvar="NUM_CUSTOMERS", help="As many, not the preset's number."),
]
Orders = Annotated[
    int | None,
    typer.Option("--orders", envvar="NUM_ORDERS", help="As many, not the preset's number."),
]
HubFile = Annotated[
    Path | None, typer.Option("--hub", help="A hub's SQLite file; it must not run.", dir_okay=False)
]
MongoUri = Annotated[
    str | None, typer.Option("--mongodb", metavar="URI", help="A MongoDB: mongodb://host/database.")
]
Database = Annotated[
    str | None,
    typer.Option("--database", help="The database in MongoDB. Default: the URI's, or zava."),
]
Fresh = Annotated[
    bool, typer.Option("--fresh", help="Empty the collections in MongoDB before loading.")
]
Folder = Annotated[Path, typer.Argument(help="A folder that `zava data generate` wrote.")]

data = typer.Typer(
    no_args_is_help=True, help="Make retail data from a seed, load it, and check it."
)


@data.command()
def generate(
    context: typer.Context,
    preset: Preset = "demo",
    seed: Seed = SEED,
    as_of: AsOf = None,
    customers: Customers = None,
    orders: Orders = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Write files here.", file_okay=False)
    ] = None,
    form: Annotated[
        str, typer.Option("--format", help="Of the files: jsonl, json or bson.")
    ] = "jsonl",
    hub: HubFile = None,
    mongodb: MongoUri = None,
    database: Database = None,
    fresh: Fresh = False,
    as_json: Json = False,
) -> None:
    """Make a data set; the same options, the same bytes. Needs --out, --hub or --mongodb."""
    from app.cli.data import Place, generate_files, generate_into
    from datagen.recipe import AS_OF, Recipe

    _only_one(out=out, hub=hub, mongodb=mongodb)
    recipe = Recipe.of(preset, seed=seed, as_of=as_of or AS_OF, customers=customers, orders=orders)
    if out is not None:
        generate_files(recipe, out, form, as_json=as_json or context.obj)
    else:
        place = Place(hub, mongodb, database, fresh)
        generate_into(place, recipe, as_json=as_json or context.obj)


@data.command()
def load(
    context: typer.Context,
    folder: Folder,
    hub: HubFile = None,
    mongodb: MongoUri = None,
    database: Database = None,
    fresh: Fresh = False,
    as_json: Json = False,
) -> None:
    """Load a data set into a hub's file or MongoDB. What is there already stays; run it again."""
    from app.cli.data import Place, load_into

    _only_one(hub=hub, mongodb=mongodb)
    load_into(folder, Place(hub, mongodb, database, fresh), as_json=as_json or context.obj)


@data.command("check")
def check_data(
    context: typer.Context,
    folder: Annotated[
        Path | None, typer.Argument(help="A folder that `zava data generate` wrote.")
    ] = None,
    hub: HubFile = None,
    mongodb: MongoUri = None,
    database: Database = None,
    html: Annotated[
        Path | None, typer.Option("--html", help="Write a report here.", dir_okay=False)
    ] = None,
    as_json: Json = False,
) -> None:
    """Prove that a data set keeps its promises: form, keys, totals, codes, dates, weights."""
    from app.cli.data_check import Source, check

    if sum(place is not None for place in (folder, hub, mongodb)) != 1:
        raise typer.BadParameter("give a folder, --hub or --mongodb", param_hint="FOLDER")
    source = Source(folder, hub, mongodb, database)
    raise typer.Exit(check(source, html, as_json=as_json or context.obj))


@data.command("embed")
def embed_catalogue(
    context: typer.Context,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Write the packs here. Default: in assets.", file_okay=False),
    ] = None,
    as_json: Json = False,
) -> None:
    """Compute the vectors of the catalogue anew; needed when its texts change."""
    from app.cli.embed import embed

    embed(out, as_json=as_json or context.obj)


def _only_one(**places: object) -> None:
    """Refuse a command line that names no place, or two."""
    if sum(place is not None for place in places.values()) != 1:
        names = [f"--{name}" for name in places]
        told = f"give one of {', '.join(names[:-1])} and {names[-1]}"
        raise typer.BadParameter(told, param_hint=names[0])
