"""What is in a replica, for ``.schema`` and for completion: collections, fields, their types.

Documents have no schema, so the fields are those of the documents, of a sample where there are
many.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from app.dql.completion import Names
from sync.errors import ZavaError
from sync.local import Result
from sync.query.functions import FUNCTIONS

Run = Callable[[str], Result]
"""Runs a statement against the replica that is looked at."""

SAMPLE_DOCUMENTS_MAX = 200
PATH_STEPS_MAX = 4
"""Deeper fields are there, and can be asked for, but nobody completes them."""


@dataclass(frozen=True, slots=True)
class FieldShape:
    """One field path of a collection: which types it has, and in how much of the sample it is."""

    path: str
    types: tuple[str, ...]
    share: float


def collections(run: Run) -> dict[str, int]:
    """The collections, and how many documents each has."""
    names = run("SELECT name FROM system:collections ORDER BY name").items
    return {str(each["name"]): _count(run, str(each["name"])) for each in names}


def fields(run: Run, collection: str) -> list[FieldShape]:
    """The fields of a collection, as a sample of its documents has them."""
    statement = f"SELECT * FROM {quoted(collection)} LIMIT {SAMPLE_DOCUMENTS_MAX}"
    documents = run(statement).items
    types: dict[str, Counter[str]] = {}
    for document in documents:
        for path, kind in _paths(document, ()):
            types.setdefault(path, Counter())[kind] += 1
    return [
        FieldShape(path, tuple(kind for kind, _ in kinds.most_common()), share)
        for path, kinds in types.items()
        if (share := kinds.total() / len(documents))
    ]


def indexes(run: Run) -> list[dict[str, Any]]:
    """The indexes, as the replica lists them."""
    return run("SELECT * FROM system:indexes").items


def names_of(run: Run) -> Names:
    """What completion offers for a replica: nothing where it cannot be read, which the next
    statement then says."""

    def known() -> list[str]:
        try:
            return list(collections(run))
        except ZavaError:
            return []

    def paths(collection: str) -> list[str]:
        try:
            return [each.path for each in fields(run, collection)]
        except ZavaError:
            return []

    return Names(known, paths, tuple(FUNCTIONS))


def quoted(name: str) -> str:
    """A name as a statement takes it whatever it holds."""
    return name if name.isidentifier() else f"`{name}`"


def _count(run: Run, collection: str) -> int:
    (row,) = run(f"SELECT COUNT(*) AS n FROM {quoted(collection)}").items
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
