"""Lines of a pull as JSON that a test can alter, and back."""

from __future__ import annotations

import json
from typing import Any

from sync.wire.documents import GROUP, RECORD


def taken_apart(line: bytes) -> dict[str, Any]:
    """A line as one JSON value, whose rows are lists of texts."""
    head, _, rows = line.decode().removesuffix("\n").partition(GROUP)
    body: dict[str, Any] = json.loads(head)
    if rows:
        body["rows"] = groups_of(rows)
    body.update({"w": [[docs, groups_of(rows)] for docs, rows in body["w"]]} if "w" in body else {})
    return body


def put_together(body: dict[str, Any]) -> bytes:
    """The inverse, whatever has become of the value."""
    whole = body.get("w")
    if isinstance(whole, list):
        pairs = [
            each if isinstance(each, list) and len(each) == 2 else [{}, each] for each in whole
        ]
        body = {**body, "w": [[docs, rows_text(rows)] for docs, rows in pairs]}
    head = {name: value for name, value in body.items() if name != "rows"}
    rows = GROUP + rows_text(body["rows"]) if "rows" in body else ""
    return json.dumps(head).encode() + rows.encode(errors="surrogatepass")


def groups_of(rows: str) -> list[list[str]]:
    return [group.split(RECORD) for group in rows.split(GROUP)]


def rows_text(groups: Any) -> str:
    return GROUP.join(RECORD.join(map(as_text, each)) for each in map(as_list, as_list(groups)))


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
