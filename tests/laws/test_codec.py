"""Batches survive the journey; anything else is refused by name, and never misread (C7, C8)."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from hypothesis import event, given
from hypothesis import strategies as st

from sync.core.batch import (
    NO_DIGEST,
    Batch,
    Birth,
    Change,
    Context,
    Delta,
    digest_of,
    encode,
)
from sync.core.decode import decode
from sync.core.packing import pack, unpack
from sync.core.rows import check_row
from sync.core.stamps import HLC_MAX, Stamp
from sync.core.state import merge
from sync.core.values import TOMBSTONE, canonical
from sync.core.visible import visible
from sync.errors import WireError
from sync.ids import Collection, DocId, UserId
from tests.helpers.core import (
    REPLICAS,
    Entry,
    Path,
    arrays,
    documents,
    histories,
    merged,
    paths,
    scalars,
)
from tests.laws.damage import altered, as_bytes, junk, mangled, raw_junk

numbers = st.integers(1, 2**63 - 1)
texts = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=8)
collections = st.sampled_from([Collection("orders"), Collection("inventory")])
digests = st.just(NO_DIGEST) | st.just(digest_of(b""))


@st.composite
def changes(draw: st.DrawFn, n: int) -> dict[Any, Any]:
    """Ops in normal form: at most one a path, none on the whole document but its removal."""
    ops: dict[Any, Any] = {}
    taken: set[Path] = set()
    for path in draw(st.lists(paths, min_size=1, max_size=4, unique=True)):
        kind = draw(st.sampled_from(["=", "-", "+", "o", "no"]))
        if kind == "=":
            ops[path] = draw(scalars | arrays)
        elif kind == "-":
            ops[path] = TOMBSTONE
        elif kind == "+":
            ops[(*path, (REPLICAS[0], n))] = draw(st.integers(-(2**63), 2**63 - 1))
        else:
            ops[(*path, None)] = True if kind == "o" else TOMBSTONE
        taken.add(path)
    if draw(st.booleans()):
        ops[draw(st.sampled_from([(), (None,)]))] = TOMBSTONE
    return ops


@st.composite
def batches(draw: st.DrawFn) -> Batch:
    n = draw(numbers)
    deltas: list[Delta] = []
    for doc_id in draw(st.lists(texts, max_size=4, unique=True)):
        collection = draw(collections)
        if draw(st.booleans()):
            deltas.append(Birth(collection, DocId(doc_id), canonical(draw(documents))))
        else:
            deltas.append(Change.of(collection, DocId(doc_id), draw(changes(n))))
    numbered = st.tuples(st.sampled_from(REPLICAS), numbers)
    stamped = st.builds(Stamp, st.integers(1, HLC_MAX), st.sampled_from(REPLICAS))
    beside = draw(st.lists(numbered | stamped, max_size=2))
    return Batch(
        replica=REPLICAS[0],
        n=n,
        hlc=draw(st.integers(1, HLC_MAX)),
        user=UserId(draw(texts)),
        context=Context(draw(texts), draw(st.integers(0, 2**63 - 1)), tuple(beside)),
        prev=draw(digests),
        deltas=tuple(deltas),
        origin=draw(st.none() | st.tuples(st.sampled_from(REPLICAS), numbers, digests)),
    )


def by_document(batch: Batch) -> dict[tuple[str, str], str]:
    """What a batch says of each document, in a form that tells 1, 1.0 and true apart."""
    return {
        (delta.collection, delta.doc_id): repr(
            sorted((repr(key), repr(value)) for key, value in delta.ops())
        )
        for delta in batch.deltas
    }


def refused_or_itself(payload: bytes) -> None:
    """The one promise about foreign bytes: a named error, or exactly what these bytes say."""
    try:
        batch = decode(payload)
    except WireError as error:
        event(error.code)
        assert str(error)
        return
    event("accepted")
    assert encode(batch) == payload


@given(batches())
def test_a_batch_survives_the_journey(batch: Batch) -> None:
    payload = encode(batch)
    again = decode(payload)
    assert by_document(again) == by_document(batch)
    assert (again.stamp, again.n, again.user) == (batch.stamp, batch.n, batch.user)
    assert (again.context, again.prev) == (batch.context, batch.prev)
    assert encode(again) == payload
    assert digest_of(payload) == digest_of(encode(again))


@given(batches(), st.randoms(use_true_random=False))
def test_equal_changes_are_equal_bytes(batch: Batch, chance: Any) -> None:
    deltas: list[Delta] = []
    for delta in batch.deltas:
        if isinstance(delta, Change):
            items = list(delta.changes.items())
            chance.shuffle(items)
            delta = Change.of(delta.collection, delta.doc_id, dict(items))
        deltas.append(delta)
    shuffled = replace(batch, deltas=tuple(deltas))
    assert encode(shuffled) == encode(batch)


@given(st.data(), batches())
def test_altered_messages_are_refused_by_name(data: st.DataObject, batch: Batch) -> None:
    refused_or_itself(as_bytes(data.draw(altered(json.loads(encode(batch))))))


@given(st.data(), batches())
def test_mangled_bytes_are_refused_by_name(data: st.DataObject, batch: Batch) -> None:
    refused_or_itself(data.draw(mangled(encode(batch))))


@given(st.binary(max_size=60) | raw_junk | junk.map(as_bytes))
def test_noise_is_refused_by_name(payload: bytes) -> None:
    refused_or_itself(payload)


@given(st.data(), batches())
def test_whatever_is_accepted_can_be_merged_shown_and_stored(
    data: st.DataObject, batch: Batch
) -> None:
    try:
        accepted = decode(as_bytes(data.draw(altered(json.loads(encode(batch))))))
    except WireError:
        return
    sites = [*REPLICAS, accepted.replica]
    for delta in accepted.deltas:
        state = merged(accepted.leaves(delta))
        body, meta = pack(state, visible(state), sites.index)
        check_row(body, meta, range(len(sites)))


@given(st.data(), histories.filter(bool))
def test_altered_rows_are_refused_or_usable(data: st.DataObject, history: list[Entry]) -> None:
    state = merged(history)
    sites = sorted({leaf.stamp.replica for leaf in state.values()} | {*REPLICAS})
    body, meta = pack(state, visible(state), sites.index)
    row = [body if body is None else json.loads(body), json.loads(meta)]
    body, meta = (canonical(part) for part in data.draw(altered(row).filter(lambda r: len(r) == 2)))
    body = None if body == "null" else body
    try:
        check_row(body, meta, range(len(sites)))
    except WireError as error:
        assert str(error)
        return
    state, _ = unpack(body, meta, sites.__getitem__)
    leaf_stamps = {leaf.stamp for leaf in state.values()}
    assert all(isinstance(stamp, Stamp) for stamp in leaf_stamps)
    merge(state, merged(history).items())
    visible(state)
    if state:
        pack(state, visible(state), sites.index)
