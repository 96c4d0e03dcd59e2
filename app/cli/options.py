"""The options that several commands share, as ``--help`` shows them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.data_dir import SETTING

HOST = "127.0.0.1"
APP_PORT = 8550
HUB_PORT = 8551
SEED = 7
SIM_TICKS = 1_000
PORT_RANGE = {"min": 0, "max": 65_535}

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object a line, for programs.")]
Directory = Annotated[
    Path,
    typer.Option("--data-dir", envvar=SETTING, help="Where the data lives.", file_okay=False),
]
Host = Annotated[str, typer.Option("--host", help="The address to listen on.")]
Preset = Annotated[str, typer.Option("--preset", help="demo, standard or full.")]
Seed = Annotated[int, typer.Option("--seed", help="The same seed and date give the same data.")]
AsOf = Annotated[
    str | None, typer.Option("--as-of", help="The latest date in it, ISO 8601. Default: now.")
]
DeviceFile = Annotated[
    Path, typer.Argument(help="The device's SQLite file; it must not be open.", dir_okay=False)
]
Refused = Annotated[int, typer.Argument(metavar="N", help="The change's number in the list.")]
HubFile = Annotated[
    Path | None, typer.Option("--hub", help="Load into this hub's SQLite file.", dir_okay=False)
]
ReplicaDb = Annotated[
    Path | None, typer.Option("--db", help="A replica's SQLite file.", dir_okay=False)
]
OfAccount = Annotated[
    str | None, typer.Option("--as", help="Whose device in --data-dir; else its hub.")
]
