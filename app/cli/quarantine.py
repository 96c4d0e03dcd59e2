"""`zava quarantine`: what a hub refused of one device's work, read and dealt with from outside.

The device's file must not be open anywhere else, as `zava` says if it is.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.cli import output
from app.domain.errors import DomainError
from sync.device import signed_in_on
from sync.ids import Document
from sync.local import Quarantined, Replica
from sync.system import SystemClock, SystemEntropy

Edits = dict[tuple[str, str], Document]


def list_refused(path: Path, *, as_json: bool) -> None:
    """One line a refused change, oldest first."""
    with _device(path) as replica:
        refused = replica.quarantine()
    if as_json:
        output.say_json(refused=[_summary(each) for each in refused])
        return
    if not refused:
        output.say("Nothing was refused on this device.")
    for each in refused:
        what = ", ".join(f"{name} {doc_id}" for name, doc_id, _ in each.changes)
        output.say(
            "[bold]{n}[/]  {at}  {code}: {message}  [dim]{what}[/]",
            n=each.n,
            at=datetime.fromtimestamp(each.at_ms / 1_000, UTC).strftime("%Y-%m-%d %H:%M"),
            code=each.code,
            message=each.message,
            what=what,
        )


def show(path: Path, n: int, *, as_json: bool) -> None:
    """One refused change with its reason and every field."""
    with _device(path) as replica:
        each = _refused(replica, n)
    if as_json:
        output.say_json(**_summary(each))
        return
    output.say("[bold]{message}[/] [dim]\\[{code}][/]", message=each.message, code=each.code)
    output.say("[bold]what to do:[/] {remedy}", remedy=each.remedy)
    for name, doc_id, fields in each.changes:
        output.say("[bold]{name}[/] {doc_id}", name=name, doc_id=doc_id)
        for field, value in fields.items():
            output.say("  {field}: {value}", field=field, value=json.dumps(value))


def export(path: Path, n: int, out: Path | None) -> None:
    """The whole change as one JSON document, into a file or to standard output."""
    with _device(path) as replica:
        document = replica.export_refused(n, device_name=_device_name(replica))
    if document is None:
        raise _unknown(n)
    if out is None:
        output.say_json(**document)
        return
    out.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    output.say("Written to [bold]{out}[/].", out=out)


def resend(path: Path, n: int, changes: Sequence[str], *, as_json: bool) -> None:
    """Write the change again, edited; it goes out when the device next meets its hub."""
    with _device(path) as replica:
        edits = _edits(_refused(replica, n), changes)
        who = signed_in_on(replica)
        written_by = (replica.export_refused(n) or {})["person"] if who is None else who.user_id
        replica.resend(n, edits=edits, author=written_by)
        waiting = replica.outbox().waiting
    if as_json:
        output.say_json(resent=n, waiting=waiting)
    else:
        output.say("Change {n} is written again and goes out with the next sync.", n=n)


def discard(path: Path, n: int, *, sure: bool, as_json: bool) -> None:
    """Give a change up for good."""
    if not sure:
        raise DomainError(
            "not_confirmed",
            "A change that is given up cannot be had back.",
            "Export it first if you may need it, then give it up with --yes.",
        )
    with _device(path) as replica:
        _refused(replica, n)
        replica.discard(n)
    if as_json:
        output.say_json(discarded=n)
    else:
        output.say("Change {n} is given up.", n=n)


@contextmanager
def _device(path: Path) -> Iterator[Replica]:
    if not path.is_file():
        raise FileNotFoundError(2, "There is no such file", str(path))
    opened = Replica.open(path, clock=SystemClock(), entropy=SystemEntropy())
    with closing(opened) as replica:
        yield replica


def _refused(replica: Replica, n: int) -> Quarantined:
    for each in replica.quarantine():
        if each.n == n:
            return each
    raise _unknown(n)


def _device_name(replica: Replica) -> str:
    who = signed_in_on(replica)
    return "" if who is None else who.device_name


def _summary(each: Quarantined) -> dict[str, Any]:
    return {
        "n": each.n,
        "code": each.code,
        "message": each.message,
        "remedy": each.remedy,
        "at_ms": each.at_ms,
        "changes": [
            {"collection": name, "id": doc_id, "fields": fields}
            for name, doc_id, fields in each.changes
        ],
    }


def _edits(refused: Quarantined, changes: Sequence[str]) -> Edits:
    """``collection/id/field.path=value``; a value that is no JSON is text."""
    named = {(name, doc_id) for name, doc_id, _ in refused.changes}
    edits: Edits = {}
    for change in changes:
        place, found, text = change.partition("=")
        collection, _, rest = place.partition("/")
        doc_id, _, field = rest.rpartition("/")
        if not found or not field or (collection, doc_id) not in named:
            raise DomainError(
                "edit_unclear",
                f"{change!r} names no field of this change.",
                "Write it like inventory/inv_1/notes=counted twice, as `zava quarantine show` "
                "names them.",
            )
        _put(edits.setdefault((collection, doc_id), {}), field.split("."), _value(text))
    return edits


def _put(fields: Document, path: list[str], value: Any) -> None:
    for step in path[:-1]:
        fields = fields.setdefault(step, {})
    fields[path[-1]] = value


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _unknown(n: int) -> DomainError:
    return DomainError(
        "refusal_unknown",
        f"No refused change has the number {n}.",
        "See the numbers with `zava quarantine list`.",
    )
