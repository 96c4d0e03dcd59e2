"""Whole documents as text: a head of JSON, then bodies, metas and ghosts as the database has them.

Canonical JSON has no control characters, so the parts of ASCII made for that can separate texts
which neither side has to take apart or escape: a group each of bodies, metas and ghosts, in each a
record for every id of the head. A record without text is a body or a ghost that is not there, or
the same meta as the one before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sync.core.conflicts import Provenance
from sync.core.decode import collection_name, context_of, replica_id, short_text, whole
from sync.core.rows import check_rows
from sync.core.stamps import HLC_MAX
from sync.core.values import INT_MAX, check_ids
from sync.errors import MessageGarbage
from sync.ids import UserId
from sync.wire.messages import Docs

GROUP = "\x1d"
RECORD = "\x1e"


def head_of(docs: Docs) -> dict[str, Any]:
    """What of some documents is JSON."""
    return {
        "c": docs.collection,
        "r": [[site, replica] for site, replica in docs.sites.items()],
        "b": [source_body(source) for source in docs.sources],
        "i": docs.ids,
    }


def rows_of(docs: Docs) -> str:
    """What is not."""
    bodies = RECORD.join([body or "" for body in docs.bodies])
    ghosts = RECORD.join([ghost or "" for ghost in docs.ghosts])
    return GROUP.join((bodies, RECORD.join(_once(docs.metas)), ghosts))


def docs_of(head: dict[str, Any], rows: str) -> Docs:
    """The inverse of ``head_of`` and ``rows_of``, believing nothing."""
    sites = {whole(s, 0, INT_MAX, "site"): replica_id(r) for s, r in head["r"]}
    ids: list[str] = head["i"]
    check_ids(ids)
    groups = [group.split(RECORD) for group in rows.split(GROUP)]
    if len(groups) != 3 or any(len(group) != len(ids) for group in groups):
        raise MessageGarbage("Of some documents there are more parts than of others.")
    bodies, metas, ghosts = _texts(groups[0]), _every(groups[1]), _texts(groups[2])
    check_rows(bodies, metas, ghosts, sites)
    return Docs(
        collection=collection_name(head["c"]),
        sites=sites,
        sources=tuple(source_of(item) for item in head["b"]),
        ids=tuple(ids),
        bodies=bodies,
        metas=metas,
        ghosts=ghosts,
    )


def _texts(group: list[str]) -> tuple[str | None, ...]:
    """Bodies or ghosts, None for what is not there."""
    if all(group):
        return tuple(group)
    if not any(group):
        return (None,) * len(group)
    return tuple([text or None for text in group])


def _once(metas: Iterable[str]) -> Iterator[str]:
    last = ""
    for meta in metas:
        yield "" if meta == last else meta
        last = meta


def _every(metas: Iterable[str]) -> tuple[str, ...]:
    last = ""
    return tuple([last := meta or last for meta in metas])


def source_body(source: Provenance) -> list[Any]:
    """Where a stamp comes from, as JSON."""
    context = source.context
    known = [context.epoch, context.seq, [list(item) for item in context.beside]]
    return [source.replica, source.n, source.hlc, source.user, known, source.hub_seq]


def source_of(item: list[Any]) -> Provenance:
    """The inverse of ``source_body``, believing nothing."""
    replica, n, hlc, user, context, hub_seq = item
    return Provenance(
        replica=replica_id(replica),
        n=whole(n, 1, INT_MAX, "batch number"),
        hlc=whole(hlc, 0, HLC_MAX, "stamp"),
        user=UserId(short_text(user, "user")),
        context=context_of(context),
        hub_seq=whole(hub_seq, 1, INT_MAX, "seq"),
    )
