"""`zava hub`: a hub alone, in this process."""

from __future__ import annotations

import logging
import os
from pathlib import Path

from app.cli import output
from app.cli.data_dir import open_directory
from sync.serve import CONNECTIONS_PER_ADDRESS_MAX, Ready, ServeConfig, serve

OWNER_ONLY = 0o077
"""The umask of a hub: its file holds password hashes and the signing key."""


def run_hub(
    data_dir: Path,
    host: str,
    port: int,
    *,
    connections_per_address: int | None = None,
    permissions: Path | None = None,
    mongodb: str | None = None,
    connector: Path | None = None,
    as_json: bool,
) -> None:
    """Serve until Ctrl-C."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    os.umask(OWNER_ONLY)
    directory = open_directory(data_dir)

    def announce(ready: Ready) -> None:
        if as_json:
            output.say_json(ready={"url": ready.url, "port": ready.port, "hub_id": ready.hub_id})
            return
        text = "The hub listens on [bold]{url}[/]  (data in {root})"
        output.say(text, url=ready.url, root=directory.root)
        followed = "the built-in rules" if permissions is None else f"{permissions}, as it changes"
        output.say("Who may what: {followed}", followed=followed)
        output.say("[dim]Ctrl-C stops it.[/]")

    beside = None
    if mongodb is not None or connector is not None:
        from app.cli.connector.commands import CONFIG
        from app.cli.connector.running import beside as with_connector

        beside = with_connector(mongodb, connector or CONFIG)
    most = connections_per_address or CONNECTIONS_PER_ADDRESS_MAX
    serve(
        ServeConfig(
            directory.hub,
            host,
            port,
            announce,
            connections_per_address=most,
            permissions=permissions,
            beside=beside,
        )
    )
