"""The commands that follow one record: why it is or is not on a device, and where it has been."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.data_dir import DEFAULT
from app.cli.options import Directory, Json, OfAccount, ReplicaDb

cli = typer.Typer()


@cli.command("explain-sync")
def explain_sync(
    context: typer.Context,
    collection: Annotated[str, typer.Argument(help="The record's collection.")],
    doc_id: Annotated[str, typer.Argument(metavar="ID", help="The record's id.")],
    device: Annotated[
        str | None, typer.Option("--device", help="A device: its id, code or name. Default: all.")
    ] = None,
    user: Annotated[
        str | None, typer.Option("--user", help="The devices of a person: login or user id.")
    ] = None,
    db: ReplicaDb = None,
    data_dir: Directory = Path(DEFAULT),
    account: OfAccount = None,
    as_json: Json = False,
) -> None:
    """Why a record is or is not on a device, in plain words. Asks the hub's file, or with --as or
    --db a device's own."""
    from app.cli.tracing import Record, explain

    if device is not None and user is not None:
        raise typer.BadParameter("give one of --device and --user", param_hint="--user")
    record = Record(collection, doc_id, db, data_dir, account)
    explain(record, device or user, as_json=as_json or context.obj)


@cli.command()
def journey(
    context: typer.Context,
    collection: Annotated[str, typer.Argument(help="The record's collection.")],
    doc_id: Annotated[str, typer.Argument(metavar="ID", help="The record's id.")],
    db: ReplicaDb = None,
    data_dir: Directory = Path(DEFAULT),
    account: OfAccount = None,
    as_json: Json = False,
) -> None:
    """Where each change of a record has been: saved, sent, accepted, on which devices. Asks the
    hub's file, or with --as or --db a device's own."""
    from app.cli.tracing import Record, follow

    record = Record(collection, doc_id, db, data_dir, account)
    follow(record, as_json=as_json or context.obj)
