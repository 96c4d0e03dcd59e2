"""The options that several commands share, as ``--help`` shows them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.data_dir import SETTING

HOST = "127.0.0.1"
APP_PORT = 8550
HUB_PORT = 8551
SIM_TICKS = 1_000
PORT_RANGE = {"min": 0, "max": 65_535}

PermissionFile = Annotated[
    Path | None,
    typer.Option(
        "--permissions",
        envvar="ZAVA_PERMISSIONS",
        help="Who may what, read again when it changes. Default: config/permissions.yaml below"
        " this folder, else the built-in rules.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object a line, for programs.")]
Directory = Annotated[
    Path,
    typer.Option("--data-dir", envvar=SETTING, help="Where the data lives.", file_okay=False),
]
Host = Annotated[str, typer.Option("--host", help="The address to listen on.")]
DeviceFile = Annotated[
    Path, typer.Argument(help="The device's SQLite file; it must not be open.", dir_okay=False)
]
Refused = Annotated[int, typer.Argument(metavar="N", help="The change's number in the list.")]
ReplicaDb = Annotated[
    Path | None, typer.Option("--db", help="A replica's SQLite file.", dir_okay=False)
]
OfAccount = Annotated[
    str | None, typer.Option("--as", help="Whose device in --data-dir; else its hub.")
]
