"""The commands and their options, as ``--help`` shows them; the work is in the sibling modules."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli import output
from app.cli.connector.commands import Uri, connector
from app.cli.data_commands import data
from app.cli.data_dir import DEFAULT
from app.cli.db import cli as db
from app.cli.options import (
    APP_PORT,
    HOST,
    HUB_PORT,
    PORT_RANGE,
    SIM_TICKS,
    DeviceFile,
    Directory,
    Host,
    Json,
    OfAccount,
    PermissionFile,
    Refused,
    ReplicaDb,
)
from app.cli.permissions import cli as permissions
from app.cli.permissions import in_force
from app.cli.records import cli as records

cli = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode="rich")
cli.add_typer(data, name="data")
quarantine = typer.Typer(
    no_args_is_help=True, help="What the hub refused of a device's work: read it, send it again."
)
cli.add_typer(quarantine, name="quarantine")
cli.add_typer(connector, name="connector")
cli.add_typer(permissions, name="permissions")
cli.add_typer(db, name="db")
cli.add_typer(records)


def run(arguments: list[str]) -> int:
    """Run one command line; the exit code. Errors are told in words, or as JSON with ``--json``."""
    try:
        typer.main.get_command(cli)(args=arguments, prog_name="zava")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else output.EXIT_FAILED
    except KeyboardInterrupt:
        return output.EXIT_INTERRUPTED
    except Exception as error:
        return output.fail(error, as_json="--json" in arguments)
    return output.EXIT_OK


@cli.callback()
def root(context: typer.Context, as_json: Json = False) -> None:
    """Offline-first retail app and sync stack: work in the store with no network, then agree."""
    context.obj = as_json


@cli.command()
def demo(
    context: typer.Context,
    data_dir: Directory = Path(DEFAULT),
    port: Annotated[
        int, typer.Option(help="The app's port; 0 for any free one.", **PORT_RANGE)
    ] = APP_PORT,
    host: Host = HOST,
    fresh: Annotated[bool, typer.Option("--fresh", help="Start with new data.")] = False,
    no_open: Annotated[bool, typer.Option("--no-open", help="Open no browser.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="No screens: run the scenario and print the verdict.")
    ] = False,
    permissions: PermissionFile = None,
    as_json: Json = False,
) -> None:
    """Everything at once: demo data, a hub, and the app in a browser. Ctrl-C stops it all."""
    if check:
        from app.cli.check import run as run_check

        raise typer.Exit(run_check())
    from app.cli.demo import Demo, run_demo

    file, quiet = in_force(permissions), as_json or context.obj
    run_demo(Demo(data_dir, host, port, fresh, not no_open, quiet, file))


@cli.command()
def hub(
    context: typer.Context,
    data_dir: Directory = Path(DEFAULT),
    host: Host = HOST,
    port: Annotated[
        int, typer.Option(help="The hub's port; 0 for any free one.", **PORT_RANGE)
    ] = HUB_PORT,
    connections_per_address: Annotated[
        int | None,
        typer.Option(
            help="How many one address may hold open; raise it behind a proxy. Default: 256.", min=1
        ),
    ] = None,
    permissions: PermissionFile = None,
    mongodb: Uri = None,
    connector_config: Annotated[
        Path | None,
        typer.Option("--connector", help="Exchange with MongoDB by this file.", dir_okay=False),
    ] = None,
    as_json: Json = False,
) -> None:
    """A hub alone: the replica every device syncs with, in one file. Ctrl-C stops it."""
    from app.cli.hub import run_hub

    run_hub(
        data_dir,
        host,
        port,
        connections_per_address=connections_per_address,
        permissions=in_force(permissions),
        mongodb=mongodb,
        connector=connector_config,
        as_json=as_json or context.obj,
    )


@cli.command()
def sim(
    context: typer.Context,
    seed: Annotated[int | None, typer.Option("--seed", help="One run.")] = None,
    seeds: Annotated[str, typer.Option("--seeds", help="Many runs: 1-200.")] = "1-20",
    ticks: Annotated[
        int, typer.Option("--ticks", help="Seconds of faults before all heals.", min=1)
    ] = SIM_TICKS,
    profile: Annotated[
        str, typer.Option("--profile", help="calm, rough, clocks, scopes, copies, peers or brutal.")
    ] = "rough",
    keep: Annotated[
        Path, typer.Option("--keep", help="Where failing scenarios are written.", file_okay=False)
    ] = Path("sim-failures"),
    scenario: Annotated[
        Path | None, typer.Option("--replay", help="Run a kept scenario.", dir_okay=False)
    ] = None,
    as_json: Json = False,
) -> None:
    """Prove that nothing is lost: devices and a hub under every fault, replayed by seed."""
    from app.cli.sim import Wanted, parse_seeds, replay, run_seeds

    if scenario is not None:
        replay(scenario, as_json=as_json or context.obj)
    chosen = parse_seeds(seeds) if seed is None else range(seed, seed + 1)
    run_seeds(Wanted(chosen, ticks, profile, keep, as_json or context.obj))


@cli.command("check")
def check_replica(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(help="A device's or hub's SQLite file; it must not be open.")
    ],
    as_json: Json = False,
) -> None:
    """Look at everything in a replica's file. Exit code 0: sound, 3: damaged, 1: not looked at."""
    from app.cli.check_file import check_file

    raise typer.Exit(check_file(file, as_json=as_json or context.obj))


@quarantine.command("list")
def list_refused(context: typer.Context, file: DeviceFile, as_json: Json = False) -> None:
    """One line a refused change: its number, when, why, and of what."""
    from app.cli.quarantine import list_refused

    list_refused(file, as_json=as_json or context.obj)


@quarantine.command("show")
def show_refused(
    context: typer.Context, file: DeviceFile, n: Refused, as_json: Json = False
) -> None:
    """One refused change: the reason, what to do, and every field."""
    from app.cli.quarantine import show

    show(file, n, as_json=as_json or context.obj)


@quarantine.command("export")
def export_refused(
    file: DeviceFile,
    n: Refused,
    out: Annotated[
        Path | None, typer.Option("--out", help="Write it here.", dir_okay=False)
    ] = None,
) -> None:
    """The whole change as one JSON document, to keep or to enter elsewhere."""
    from app.cli.quarantine import export

    export(file, n, out)


@quarantine.command("resend")
def resend_refused(
    context: typer.Context,
    file: DeviceFile,
    n: Refused,
    edit: Annotated[
        list[str] | None,
        typer.Option("--edit", help="collection/id/field=value instead; may be repeated."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Write the change again, edited if need be; it goes out with the device's next sync."""
    from app.cli.quarantine import resend

    resend(file, n, edit or [], as_json=as_json or context.obj)


@quarantine.command("discard")
def discard_refused(
    context: typer.Context,
    file: DeviceFile,
    n: Refused,
    yes: Annotated[bool, typer.Option("--yes", help="Yes, for good.")] = False,
    as_json: Json = False,
) -> None:
    """Give a change up for good."""
    from app.cli.quarantine import discard

    discard(file, n, sure=yes, as_json=as_json or context.obj)


@cli.command()
def dql(
    context: typer.Context,
    statement: Annotated[
        str | None, typer.Argument(help="A statement; without one, a prompt.")
    ] = None,
    db: ReplicaDb = None,
    data_dir: Directory = Path(DEFAULT),
    account: OfAccount = None,
    arg: Annotated[
        list[str] | None, typer.Option("--arg", help="name=value: a parameter of the statement.")
    ] = None,
    as_json: Json = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print comma-separated values.")] = False,
    as_table: Annotated[bool, typer.Option("--table", help="Print a table (the default).")] = False,
    write: Annotated[bool, typer.Option("--write", help="Allow statements that change.")] = False,
) -> None:
    """Look into any replica with DQL: one statement, or a prompt. Reads only, without --write."""
    from app.cli.dql import Asked, run_dql

    if as_json + as_csv + as_table > 1:
        raise typer.BadParameter("choose one of --json, --csv and --table", param_hint="--json")
    json_wanted = as_json or (context.obj and not as_csv and not as_table)
    form = "json" if json_wanted else "csv" if as_csv else "table"
    raise typer.Exit(
        run_dql(Asked(db, data_dir, account, statement, tuple(arg or ()), form, write))
    )


@cli.command()
def bench(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            help="merge, sync, hub, query, wire, growth or all (the default); also observe,"
            " subscriptions, connector, line, fanout, or a workload: W1 to W7."
        ),
    ] = None,
    file: Annotated[
        Path | None, typer.Option("--json", help="Write the figures here too.", dir_okay=False)
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="A twentieth of the size and fewer rounds.")
    ] = False,
    rounds: Annotated[
        int | None, typer.Option(help="How often each is measured. Default: 5, quick 2.", min=1)
    ] = None,
    profile: Annotated[
        bool, typer.Option("--profile", help="Print where our time goes in the workloads named.")
    ] = False,
) -> None:
    """How fast it is: workloads beside other libraries and SQLite itself, each once a round."""
    from app.cli.bench import Wanted, run_bench

    run_bench(Wanted(tuple(names or ()), rounds, quick, file, profile))


@cli.command()
def version(context: typer.Context, as_json: Json = False) -> None:
    """What is installed here."""
    from app.cli.version import tell_versions

    tell_versions(as_json=as_json or context.obj)
