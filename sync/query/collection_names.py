"""Whether the collections that a statement names are known, and may be written."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from sync.query.errors import StatementInvalid, UnknownCollection, nearest, quoted
from sync.query.syntax import Source

OURS: Final = "__"
"""Collections whose names begin so belong to the engine."""


def check_known(sources: Iterable[Source], known: Collection[str], text: str = "") -> None:
    """Raise ``UnknownCollection`` for one that is not among the ``known``; ``system:`` ones are."""
    for source in sources:
        if source.name not in known and not source.system:
            raise _unknown(source, known, text)


def check_writable(source: Source, text: str = "") -> None:
    """Raise ``StatementInvalid`` for a collection that statements cannot change."""
    name = f"system:{source.name}" if source.system else source.name
    if source.system or name.startswith(OURS):
        raise StatementInvalid(f"{quoted(name)} can only be read.", text, source.at)


def _unknown(source: Source, known: Collection[str], text: str) -> UnknownCollection:
    near = nearest(source.name, known)
    message = f"There is no collection {quoted(source.name)}"
    message += f"; did you mean {near}?" if near else "."
    return UnknownCollection(message, text, source.at, expected=sorted(known), nearest=near)
