"""`zava check`: a look at everything in one replica's file, of a device or of a hub."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

from app.cli import output
from sync.errors import DatabaseCorrupt, DatabaseForeign
from sync.local import Replica
from sync.system import SystemClock, SystemEntropy

EXIT_DAMAGED = 3
"""The file was looked at and is not sound; 1 says that it could not be looked at."""


@dataclass(frozen=True, slots=True)
class Held:
    """What a sound file holds."""

    kind: str
    replica: str
    documents: dict[str, int]
    waiting: int
    """Own changes the hub has not confirmed."""
    refused: int


def check_file(path: Path, *, as_json: bool) -> int:
    """Look at a file and say what is in it or what is wrong with it; the exit code.

    Opening it finishes what an interrupted writer left, as every start does. Raises what keeps it
    from being opened, such as another program that has it open.
    """
    if not path.is_file():
        raise FileNotFoundError(2, "There is no such file", str(path))
    started = time.perf_counter()
    try:
        held = _look(path, as_json=as_json)
    except (DatabaseCorrupt, DatabaseForeign) as error:
        return _damaged(path, error, as_json=as_json)
    seconds = round(time.perf_counter() - started, 2)
    if as_json:
        output.say_json(file=str(path), ok=True, **asdict(held), seconds=seconds)
        return output.EXIT_OK
    total = sum(held.documents.values())
    output.say("[green]sound[/]  {path}, a {kind}'s file", path=path, kind=held.kind)
    for name, count in held.documents.items():
        output.say(f"  {name:<14} {count:>9,}")
    output.say("{total} documents, {seconds} s.", total=f"{total:,}", seconds=seconds)
    if held.waiting:
        output.say("{n} own changes wait for the hub.", n=f"{held.waiting:,}")
    if held.refused:
        output.say("{n} refused changes: see `zava quarantine list`.", n=f"{held.refused:,}")
    return output.EXIT_OK


def _look(path: Path, *, as_json: bool) -> Held:
    opened = Replica.open(path, clock=SystemClock(), entropy=SystemEntropy())
    with closing(opened) as replica:
        with output.progress_bar(f"Looking at {path}", quiet=as_json) as told:
            replica.check(told)
        outbox = replica.outbox()
        return Held(
            kind=replica.identity.kind,
            replica=replica.id,
            documents={name: replica.count(name) for name in replica.parts.documents.collections},
            waiting=outbox.waiting + outbox.sent,
            refused=outbox.quarantined,
        )


def _damaged(path: Path, error: DatabaseCorrupt | DatabaseForeign, *, as_json: bool) -> int:
    if as_json:
        output.say_json(file=str(path), ok=False, problem=error.to_json())
    else:
        output.say("[bold red]damaged[/]  {error}", error=error)
        output.say("[bold]what to do:[/] {remedy} [dim]\\[{code}][/]", **_advice(error))
    return EXIT_DAMAGED


def _advice(error: DatabaseCorrupt | DatabaseForeign) -> dict[str, str]:
    return {"remedy": error.remedy, "code": error.code}
