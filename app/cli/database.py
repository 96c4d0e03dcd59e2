"""What `zava db` does: runs a tool of `datagen.database` and tells what it found."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import quote_plus

import typer
from rich.table import Table

from app.cli import output
from app.domain.errors import DomainError

if TYPE_CHECKING:
    from datagen.database.contents import Contents
    from datagen.database.indexing import Database, Told
    from datagen.database.verdict import Verdict

Answer = TypeVar("Answer")

_MARKS: Final = {"good": "[green]✓[/]", "note": "[yellow]•[/]", "bad": "[red]✗[/]"}
_DONE: Final = {
    **{"made": "green", "dropped": "green", "there": "dim"},
    **{"extra": "yellow", "unkept": "yellow"},
}


@dataclass(frozen=True, slots=True)
class Place:
    """Which database of which server: the one that is named, else the address's, else `zava`."""

    uri: str
    database: str | None


def check_credentials(*, as_json: bool) -> int:
    """Whether what has to be set is set."""
    from datagen.database.variables import check_credentials as checked

    return _tell(checked(os.environ), as_json=as_json)


def test_connection(place: Place, *, as_json: bool) -> int:
    """Whether the server answers, and whether it is one to work with."""
    from datagen.database.server import examined
    from datagen.mongo import database_of
    from sync.connector.connection import connect
    from sync.system import SystemClock

    async def look() -> list[Verdict]:
        client = connect(uri_of(place))
        try:
            return await examined(client, database_of(client, place.database).name, SystemClock())
        finally:
            await client.close()

    return _tell(asyncio.run(look()), as_json=as_json)


def create_indexes(place: Place, *, as_json: bool) -> int:
    """Make them one after the other, each told when it is there."""
    from datagen.database import indexing, vectors

    async def make(database: Database) -> int:
        failed = await _told(indexing.create(database), as_json=as_json)
        verdicts = await vectors.create(database)
        return max(failed, _tell(verdicts, as_json=as_json))

    return _run(place, make)


def drop_indexes(place: Place, *, sure: bool, as_json: bool) -> int:
    """Drop those of the table."""
    from datagen.database import indexing

    _confirm(f"Drop the indexes of {_told_place(place)}?", sure=sure)
    return _run(place, lambda database: _told(indexing.drop(database), as_json=as_json))


def diff_indexes(place: Place, *, as_json: bool) -> int:
    """Compare; 1 where something is missing or different."""
    from datagen.database import indexing

    differing, tells = _run(place, indexing.difference)
    silent = tells.missing()
    wrong = [each for each in differing if each.done != "extra"]
    if as_json:
        output.say_json(
            differing=[asdict(each) for each in differing], not_reported=silent, same=not wrong
        )
        return output.EXIT_FAILED if wrong else output.EXIT_OK
    for each in differing:
        _tell_index(each)
    if silent:
        output.say(
            "[dim]This server does not report {what} of an index: not compared.[/]",
            what=", ".join(silent),
        )
    if not wrong:
        output.say("Every index of the table is there.")
    return output.EXIT_FAILED if wrong else output.EXIT_OK


def enable_change_streams(place: Place, *, as_json: bool) -> int:
    """Pre- and post-images."""
    from datagen.database import streams

    return _tell(_run(place, streams.enable), as_json=as_json)


def test_change_streams(place: Place, *, as_json: bool) -> int:
    """The round trip of one document."""
    from datagen.database import streams
    from sync.system import SystemClock, SystemEntropy

    trial = f"trial_{SystemEntropy().draw(8).hex()}"

    async def look(database: Database) -> list[Verdict]:
        return await streams.test(database, trial, SystemClock(), datetime.now(UTC))

    return _tell(_run(place, look), as_json=as_json)


def clear(place: Place, *, sure: bool, as_json: bool) -> int:
    """Empty our collections."""
    from datagen.database import contents

    _confirm(f"Delete every document of Zava's collections in {_told_place(place)}?", sure=sure)

    async def empty(database: Database) -> dict[str, int]:
        gone: dict[str, int] = {}
        async for name, number in contents.clear(database):
            gone[name] = number
            if number and not as_json:
                output.say("{name}: {number} deleted", name=name, number=f"{number:,}")
        return gone

    gone = _run(place, empty)
    if as_json:
        output.say_json(deleted=gone)
    else:
        output.say("{total} documents deleted; the indexes stay.", total=f"{sum(gone.values()):,}")
    return output.EXIT_OK


def status(place: Place, *, as_json: bool) -> int:
    """What is in the database."""
    from datagen.database import contents
    from sync.system import SystemClock

    async def look(database: Database) -> tuple[str, list[Contents], dict[str, int]]:
        return database.name, await contents.counted(database), await contents.beats(database)

    name, found, beats = _run(place, look)
    now_ms = SystemClock().now_ms()
    ago = {connector: max(0, now_ms - at_ms) for connector, at_ms in beats.items()}
    if as_json:
        told = [each.to_json() for each in found]
        output.say_json(database=name, collections=told, heartbeat_ms_ago=ago)
        return output.EXIT_OK
    if not found:
        output.say("The database {name} is empty: `zava db load` fills it.", name=name)
        return output.EXIT_OK
    table = Table(box=None, pad_edge=False)
    table.add_column("Collection")
    for title in ("Documents", "Size", "Indexes"):
        table.add_column(title, justify="right")
    for each in found:
        size = "" if each.size_bytes is None else f"{each.size_bytes / 1_048_576:,.1f} MB"
        style = None if each.is_ours else "dim"
        table.add_row(each.name, f"{each.documents:,}", size, str(each.indexes), style=style)
    output.screen.print(table)
    for connector, ms in ago.items():
        said = "The connector {name} wrote its last heartbeat {seconds} s ago."
        output.say(said, name=connector, seconds=f"{ms / 1_000:.1f}")
    if not ago:
        output.say("No connector has ever written a heartbeat here.")
    return output.EXIT_OK


def encode_password(*, from_stdin: bool) -> None:
    """Only the encoded password on standard output, so that it can be piped on."""
    if from_stdin:
        password = sys.stdin.readline().rstrip("\n")
    else:
        password = typer.prompt("Password", hide_input=True, err=True)
    print(quote_plus(password))


def _run(place: Place, work: Callable[[Database], Awaitable[Answer]]) -> Answer:
    """Work on the database; the driver's errors have been translated when they get here."""

    async def run() -> Answer:
        async with _open(place) as database:
            return await work(database)

    return asyncio.run(run())


@asynccontextmanager
async def _open(place: Place) -> AsyncIterator[Database]:
    from datagen.mongo import database_of
    from sync.connector.connection import connect, translated

    client = connect(uri_of(place))
    try:
        with translated():
            yield database_of(client, place.database)
    finally:
        await client.close()


def uri_of(place: Place) -> str:
    """The address; `DomainError` (mongodb_unset) where nobody gave one."""
    if not place.uri:
        raise DomainError(
            "mongodb_unset",
            "Nobody has said where MongoDB is.",
            "Set MONGODB_CONNECTION_STRING in `.env` (see .env.sample), or give --mongodb URI.",
        )
    return place.uri


def _told_place(place: Place) -> str:
    from sync.connector.connection import redacted

    return f"{place.database or 'the database'} at {redacted(uri_of(place))}"


def _confirm(question: str, *, sure: bool) -> None:
    if sure:
        return
    if not sys.stdin.isatty():
        raise DomainError(
            "not_confirmed", "This cannot be undone, and nobody was asked.", "Add --yes to do it."
        )
    typer.confirm(question, abort=True)


async def _told(found: AsyncIterator[Told], *, as_json: bool) -> int:
    """Tell of each index as it comes; the exit code."""
    seen: list[Told] = []
    async for each in found:
        seen.append(each)
        if as_json:
            output.say_json(**asdict(each))
        else:
            _tell_index(each)
    if not as_json and not seen:
        output.say("There was nothing to do.")
    wrong = any(each.done in ("differs", "refused") for each in seen)
    return output.EXIT_FAILED if wrong else output.EXIT_OK


def _tell_index(each: Told) -> None:
    colour = _DONE.get(each.done, "red")
    output.say(
        f"[{colour}]{each.done:<8}[/] {{place}} [dim]{{why}}[/]",
        place=f"{each.collection}.{each.name}",
        why=each.why,
    )


def _tell(verdicts: Sequence[Verdict], *, as_json: bool) -> int:
    """Print verdicts; the exit code."""
    from datagen.database.verdict import is_well

    well = is_well(verdicts)
    if as_json:
        found: list[dict[str, Any]] = [each.to_json() for each in verdicts]
        output.say_json(well=well, verdicts=found)
    else:
        for each in verdicts:
            output.say(
                f"{_MARKS[each.outcome]} [bold]{{name}}[/]  {{said}}",
                name=each.name,
                said=each.message,
            )
            if each.remedy:
                output.say("    {remedy}", remedy=each.remedy)
    return output.EXIT_OK if well else output.EXIT_FAILED
