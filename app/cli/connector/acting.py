"""`zava connector retry|audit|initial-sync`."""

from __future__ import annotations

import asyncio
from typing import Any

from app.cli import output
from app.cli.connector.place import Place
from sync.connector.control import ask, control_file
from sync.connector.orders import Orders

EXIT_DIFFERENT = 3


def retry(place: Place, number: int | None) -> None:
    """Try dead letters again."""
    given = {} if number is None else {"number": number}
    done = place.carry("retry", given, _progress(place))
    if place.as_json:
        output.say_json(**done)
    else:
        output.say("Trying {retried} again; `zava connector list` shows what is left.", **done)


def audit(place: Place, collections: list[str] | None, *, repair: bool) -> int:
    """Compare; the exit code."""
    given = {"collections": collections or None, "repair": repair}
    found = place.carry("audit", given, _progress(place))
    if place.as_json:
        output.say_json(**found)
    elif found["clean"]:
        output.say("[green]Both sides agree[/] on {documents} documents.", **found)
    else:
        output.say("[bold red]{differences}[/] of {documents} documents differ:", **found)
        for each in found["told"]:
            fields = ", ".join(each["fields"])
            output.say("  {collection} {id}  {kind}  {fields}", **{**each, "fields": fields})
        if "repairing" in found:
            output.say("They are being exchanged anew; audit again when that is done.")
    return output.EXIT_OK if found["clean"] else EXIT_DIFFERENT


def initial_sync(place: Place, collections: list[str] | None, *, wait: bool) -> None:
    """Read anew: by the connector that runs, or by one started for it."""
    given = {"collections": collections or None, "wait": wait}
    done = asyncio.run(_initial_sync(place, given))
    if place.as_json:
        output.say_json(**done)
    else:
        names = ", ".join(done["collections"])
        output.say("Read anew: {names}." if wait else "Asked for: {names}.", names=names)


async def _initial_sync(place: Place, given: dict[str, Any]) -> dict[str, Any]:
    told = _progress(place)
    answer = await ask(control_file(place.hub), "initial-sync", given, told)
    if answer is not None:
        return answer
    async with place.alone() as (replica, connector):
        stopping = asyncio.Event()
        await connector.check()
        orders = Orders(replica, connector)
        asked = await orders.carry("initial-sync", {**given, "wait": False}, told)
        if given["wait"]:
            running = asyncio.create_task(connector.run(stopping))
            await orders.finished(asked["collections"], told)
            stopping.set()
            await running
        return asked


def _progress(place: Place) -> Any:
    """Says how far something is: lines of JSON, or one line that is written over."""
    shown: dict[str, Any] = {}

    def told(far: dict[str, Any]) -> None:
        if far == shown.get("last"):
            return
        shown["last"] = far
        if place.as_json:
            output.say_json(progress=far)
        elif output.aside.is_terminal:
            output.aside.print(_line(far), end="\r", soft_wrap=True)

    return told


def _line(far: dict[str, Any]) -> str:
    if "collection" in far:
        return f"{far['collection']}: {far['done']} documents"
    parts = [
        f"{name} {each['done']}/{each['total']}"
        + (f" {each['eta_seconds']} s to go" if each.get("eta_seconds") is not None else "")
        for name, each in far.get("collections", {}).items()
        if each.get("total")
    ]
    return "  ".join(parts) or str(far.get("state", ""))
