"""A state survives being a database row, whatever it holds and wherever the row moves (L1)."""

from __future__ import annotations

import json

from hypothesis import given

from sync.core.packing import newest_at, pack, pack_birth, remap, stamps_in, unpack
from sync.core.rows import check_row
from sync.core.stamps import Stamp
from sync.core.state import State, leaves_at, leaves_of
from sync.core.values import canonical
from sync.core.visible import visible
from sync.ids import NIL_REPLICA, Document, ReplicaId
from tests.helpers.core import REPLICAS, Entry, documents, exact, histories, merged, paths, spelt

HERE = [ReplicaId("f" * 32), NIL_REPLICA, *REPLICAS]
THERE = [*reversed(REPLICAS), NIL_REPLICA]


def packed(state: State) -> tuple[str | None, str]:
    return pack(state, visible(state), HERE.index)


@given(histories.filter(bool))
def test_unpacking_undoes_packing(history: list[Entry]) -> None:
    state = merged(history)
    body, meta = packed(state)
    again, document = unpack(body, meta, HERE.__getitem__)
    assert exact(again) == exact(state)
    assert spelt(document) == spelt(visible(state))


@given(histories.filter(bool))
def test_the_body_is_the_canonical_text_of_the_visible_document(history: list[Entry]) -> None:
    state = merged(history)
    document = visible(state)
    assert packed(state)[0] == (None if document is None else canonical(document))


@given(histories.filter(bool))
def test_every_stamp_can_be_found_without_the_body(history: list[Entry]) -> None:
    state = merged(history)
    found = {Stamp(hlc, HERE[site]) for hlc, site in stamps_in(packed(state)[1])}
    assert found == {leaf.stamp for leaf in state.values()}


@given(histories.filter(bool))
def test_a_row_moves_to_a_file_with_other_site_numbers(history: list[Entry]) -> None:
    state = merged(history)
    body, meta = packed(state)
    moved = remap(meta, lambda site: THERE.index(HERE[site]))
    assert exact(unpack(body, moved, THERE.__getitem__)[0]) == exact(state)


@given(documents)
def test_a_new_document_needs_one_stamp(document: Document) -> None:
    stamp = Stamp(7, REPLICAS[0])
    state = dict(leaves_at(stamp, leaves_of(document)))
    body, meta = packed(state)
    assert body == canonical(document)
    assert meta == pack_birth(stamp, HERE.index)
    assert len(json.loads(meta)) == 2


@given(histories.filter(bool))
def test_a_packed_row_passes_the_check_for_strangers(history: list[Entry]) -> None:
    body, meta = packed(merged(history))
    check_row(body, meta, range(len(HERE)))


@given(histories.filter(bool), paths)
def test_the_newest_stamp_around_a_path_is_found(
    history: list[Entry], path: tuple[str, ...]
) -> None:
    state = merged(history)
    around = [
        leaf.stamp.hlc
        for key, leaf in state.items()
        if key[: min(len(key), len(path))] == path[: min(len(key), len(path))]
    ]
    assert newest_at(*packed(state), path) == max(around, default=0)
