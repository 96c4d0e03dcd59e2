"""`zava explain-sync` and `zava journey`: why a record is or is not on a device, and where each of
its changes has been, asked of a hub's or a device's file.

It works on a copy of the file, so a running hub or app is neither stopped nor slowed down.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.cli import output
from app.cli.shell.replica_file import ReplicaFile, chosen_file
from sync.explain.words import moment
from sync.ids import Document

_WELL = ("on_device", "on_its_way")


@dataclass(frozen=True, slots=True)
class Record:
    """Which record of which file: ``--db``, or of a data directory the hub, or the device of
    ``account``."""

    collection: str
    doc_id: str
    db: Path | None
    data_dir: Path
    account: str | None


def explain(record: Record, on: str | None, *, as_json: bool) -> None:
    """Say every reason, most important first; with --json one object a reason."""
    with ReplicaFile(chosen_file(record.db, record.data_dir, record.account)) as file:
        answer = file.replica().system.explain_sync
        items = answer(record.collection, record.doc_id, on)
    for at, item in enumerate(items):
        if as_json:
            output.say_json(**item)
            continue
        if not at or item["device"] != items[at - 1]["device"]:
            _tell_device(record, item)
        _tell(item)


def _tell_device(record: Record, item: Document) -> None:
    output.say(
        "[bold]{collection} {doc_id}[/] on {name} [dim]{device}[/]",
        collection=record.collection,
        doc_id=record.doc_id,
        name=item["device_name"] or "no device",
        device=item["device"],
    )


def _tell(item: Document) -> None:
    colour = "green" if item["code"] in _WELL else "yellow"
    output.say(f"  [{colour}]{{code}}[/]  {{text}}", code=item["code"], text=item["text"])
    output.say("    [dim]what to do:[/] {remedy}", remedy=item["remedy"])


def follow(record: Record, *, as_json: bool) -> None:
    """Say where each change has been, oldest first; with --json one object a change."""
    with ReplicaFile(chosen_file(record.db, record.data_dir, record.account)) as file:
        changes = file.replica().system.journey(record.collection, record.doc_id)
    for change in changes:
        if as_json:
            output.say_json(**change)
            continue
        for at, step in enumerate(change["steps"]):
            _tell_step(step, "" if not at else "  ")
    if not changes and not as_json:
        output.say(
            "No change of {what} is known here.", what=f"{record.collection} {record.doc_id}"
        )


def _tell_step(step: Document, indent: str) -> None:
    mark = "[red]✗[/]" if step["stage"] == "refused" else "[green]✓[/]" if step["done"] else "·"
    when = "" if step["at_ms"] is None else moment(step["at_ms"])
    output.say(f"{indent}{mark} {{text}} [dim]{{when}}[/]", text=step["text"], when=when)
