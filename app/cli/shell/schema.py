"""What is in a replica, for ``.schema`` and for completion: collections, fields, their types.

Documents have no schema, so the fields are those of the documents, of a sample where there are
many.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from app.cli.shell.session import Session

SAMPLE_DOCUMENTS_MAX = 200
PATH_STEPS_MAX = 4
"""Deeper fields are there, and can be asked for, but nobody completes them."""


@dataclass(frozen=True, slots=True)
class FieldShape:
    """One field path of a collection: which types it has, and in how much of the sample it is."""

    path: str
    types: tuple[str, ...]
    share: float


def collections(session: Session) -> dict[str, int]:
    """The collections, and how many documents each has."""
    names = session.run("SELECT name FROM system:collections ORDER BY name").items
    return {str(each["name"]): _count(session, str(each["name"])) for each in names}


def fields(session: Session, collection: str) -> list[FieldShape]:
    """The fields of a collection, as a sample of its documents has them."""
    statement = f"SELECT * FROM {quoted(collection)} LIMIT {SAMPLE_DOCUMENTS_MAX}"
    documents = session.run(statement).items
    types: dict[str, Counter[str]] = {}
    for document in documents:
        for path, kind in _paths(document, ()):
            types.setdefault(path, Counter())[kind] += 1
    return [
        FieldShape(path, tuple(kind for kind, _ in kinds.most_common()), share)
        for path, kinds in types.items()
        if (share := kinds.total() / len(documents))
    ]


def indexes(session: Session) -> list[dict[str, Any]]:
    """The indexes, as the replica lists them."""
    return session.run("SELECT * FROM system:indexes").items


def quoted(name: str) -> str:
    """A name as a statement takes it whatever it holds."""
    return name if name.isidentifier() else f"`{name}`"


def _count(session: Session, collection: str) -> int:
    (row,) = session.run(f"SELECT COUNT(*) AS n FROM {quoted(collection)}").items
    return int(row["n"])


def _paths(value: dict[str, Any], above: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for name, item in value.items():
        path = (*above, quoted(name))
        if isinstance(item, dict) and item and len(path) < PATH_STEPS_MAX:
            yield from _paths(item, path)
        else:
            yield ".".join(path), _type(item)


def _type(value: Any) -> str:
    kinds = ((bool, "boolean"), (int, "integer"), (float, "float"), (str, "string"))
    kinds += ((list, "array"), (dict, "object"))
    return next((name for kind, name in kinds if isinstance(value, kind)), "null")
