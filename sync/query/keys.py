"""What makes a row the same row when a statement is asked again."""

from __future__ import annotations

from collections.abc import Callable, Hashable

from sync.ids import Document
from sync.query.meaning import Compiled, Row
from sync.query.plan import Filter, Group, Ordered, Project
from sync.query.syntax import Expr
from sync.query.values import hashable


def key_of(project: Project, of: Callable[[Expr], Compiled]) -> Callable[[Row], Hashable]:
    """The key of a row that is about to be projected: of a group its keys, otherwise the ids of its
    documents in the order of the joins, which is also the order of rows without ORDER BY."""
    node = project.input
    while isinstance(node, Filter | Ordered):
        node = node.input
    if isinstance(node, Group):
        keys = [of(each) for each in node.keys]
        return lambda row: tuple([hashable(key(row)) for key in keys])
    return lambda row: tuple([id_of(row[alias]) for alias in project.aliases])


def id_of(document: Document | None) -> str | None:
    """The id of a document in a row; None for the side of a join that found nothing."""
    return None if document is None else document["_id"]
