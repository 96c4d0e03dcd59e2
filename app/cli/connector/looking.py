"""`zava connector status|list|show`."""

from __future__ import annotations

from typing import Any

from app.cli import output
from app.cli.connector.place import Place

EXIT_UNWELL = 4


def _nobody(_: dict[str, Any]) -> None:
    return None


def show_status(place: Place) -> int:
    """Print it; the exit code."""
    found = place.carry("status", {}, _nobody)
    if place.as_json:
        output.say_json(**found)
    else:
        _tell(found)
    is_well = found["state"] in ("running", "initial_sync", "starting")
    return output.EXIT_OK if is_well else EXIT_UNWELL


def _tell(found: dict[str, Any]) -> None:
    colour = {"running": "green", "initial_sync": "cyan"}.get(found["state"], "yellow")
    lag = "no heartbeat yet" if found["lag_ms"] is None else f"heartbeat {found['lag_ms']} ms"
    output.say(f"[bold {colour}]{{state}}[/]  {{lag}}", state=found["state"], lag=lag)
    if found["error"]:
        output.say("{message} {remedy}", **found["error"])
    if server := found["server"]:
        streams = "one stream" if server["database_stream"] else "a stream for each collection"
        told = {"version": server["version"], "database": found["database"], "streams": streams}
        output.say("MongoDB {version}, database {database}, {streams}", **told)
    for name, each in found["collections"].items():
        output.say("  {name:<16} {words}", name=name, words=_words(each))
    writes = ", ".join(f"{n} {what}" for what, n in sorted(found["writes"].items())) or "none"
    output.say("in: {events} changes   out: {writes}", events=found["events"], writes=writes)
    output.say("waiting: {due} to compare, {under_way} under way", **found)
    letters = sum(found["dead_letters"].values())
    if letters:
        output.say("[yellow]{n} documents wait for you:[/] `zava connector list`", n=letters)


def _words(each: dict[str, Any]) -> str:
    words = str(each["state"])
    if each.get("total"):
        words += f"  {each['done']} of {each['total']}"
    elif each["state"] == "due" and each["done"]:
        words += f"  {each['done']} so far"
    if each.get("eta_seconds") is not None:
        words += f", {each['eta_seconds']} s to go"
    return f"{words}  {each['reason']}".rstrip()


def list_letters(place: Place) -> None:
    """One line each."""
    found = place.carry("list", {}, _nobody)
    for each in found["letters"]:
        if place.as_json:
            output.say_json(**each)
        else:
            name = each["doc_id"] or f"_id {each['mongodb_id']}"
            output.say("{number:>5}  {way:<3} {collection} {name}  {reason}", name=name, **each)
    if found["more"] and place.as_json:
        output.say_json(more=found["more"])
    elif found["more"]:
        output.say("… and {n} more", n=found["more"])


def show_letter(place: Place, number: int) -> None:
    """All of one."""
    each = place.carry("show", {"number": number}, _nobody)
    if place.as_json:
        output.say_json(**each)
        return
    whereto = "to the hub" if each["way"] == "in" else "to MongoDB"
    name = each["doc_id"] or "a document without an id"
    output.say("[bold]{collection} {name}[/] could not go {to}", name=name, to=whereto, **each)
    if each["mongodb_id"]:
        output.say("in MongoDB: _id {mongodb_id}", **each)
    output.say("{reason}: {detail}", **each)
    output.say("[bold]what to do:[/] {remedy}", **each)
