"""What is compiled does what Python does, to any row, and refuses what it is not made for."""

from __future__ import annotations

import json
import os
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.core import compiled
from sync.core.batch import Change, Context
from sync.core.conflicts import Conflict, Provenance
from sync.core.intact import opened, sealed
from sync.core.losses import Losses, conflicts_of
from sync.core.overwriting import Moved, Overwriting, Stored
from sync.core.packing import pack
from sync.core.stamps import Stamp
from sync.core.state import Key, is_increment
from sync.core.values import TOMBSTONE
from sync.core.visible import visible
from sync.ids import Collection, DocId, Json, UserId
from sync.wire import compiled as compiled_on_the_wire
from sync.wire.codec import encode
from sync.wire.messages import Part
from tests.helpers.compiled import in_python
from tests.helpers.core import REPLICAS, Entry, histories, merged, paths, registers
from tests.laws.test_overwriting import AMID, HERE, NEWER

NAME = Collection("inventory")
USERS = UserId("ana"), UserId("ben")
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
pytestmark = pytest.mark.skipif(
    not compiled.IS_COMPILED and "CI" not in os.environ, reason="nothing is compiled here"
)


def test_the_build_has_compiled_it() -> None:
    assert compiled.IS_COMPILED and compiled_on_the_wire.IS_COMPILED


def test_a_line_as_a_store_hears_it_all_day_is_read_by_what_is_compiled() -> None:
    context = Context("e" * 32, 7)
    source = Provenance(REPLICAS[0], 2, NEWER.hlc, USERS[0], context, 9)
    changes: dict[Key, Json] = {("notes",): "x", ("stock", (REPLICAS[0], 2)): -3, ("n",): None}
    part = Part(9, "c" * 32, source, (Change.of(NAME, DocId("i1"), changes),), (), ())
    assert compiled_on_the_wire.small_part(encode(part)) == part


@given(texts, texts | st.none(), texts, texts | st.none())
def test_rows_are_sealed_as_zlib_seals_them(
    doc_id: str, body: str | None, meta: str, ghost: str | None
) -> None:
    check = zlib.crc32(f"{doc_id}\n{meta}\n{body}\n{ghost}".encode())
    assert sealed(doc_id, body, meta, ghost) == f"{meta}~{check:08x}"
    assert opened(doc_id, body, f"{meta}~{check:08x}", ghost) == meta
    assert opened(doc_id, body, f"{meta}~{check ^ 1:08x}", ghost) is None
    assert opened(doc_id, body, meta, ghost) == (meta if meta.endswith("]") else None)


def test_what_is_no_text_was_not_written_by_us() -> None:
    wrong: Any = b"[1,2]~00000000"
    for row in (("i", "{}", wrong, None), ("i", wrong, "[1,2]~00000000", None)):
        assert opened(*row) is None


def _rows(history: list[list[Entry]]) -> list[Stored]:
    found: list[Stored] = []
    for number, entries in enumerate(history):
        state = merged(entries)
        if state:
            doc_id = f"i{number}"
            body, meta = pack(state, visible(state), HERE.index)
            found.append((doc_id, body, sealed(doc_id, body, meta, None), None, number))
    return found


def _over(
    rows: list[Stored], changes: dict[str, Change], stamp: Stamp
) -> tuple[dict[str, Any], set[str], list[Conflict]]:
    """Rows that moved by id, ids of those that are left, and what was told."""
    losses = Losses(lambda loser, *_: None if loser.replica == REPLICAS[0] else USERS)
    quick = Overwriting(stamp, HERE.index, HERE.__getitem__, losses)
    moved: Moved = quick.over(NAME, rows, changes)
    by_id = {each[0]: each[1:] for each in zip(*moved[:4], strict=True)}
    told = list(conflicts_of(json.loads(losses.text()))) if losses.count else []
    assert len(told) == losses.count
    return by_id, {*moved.rest}, sorted(told, key=lambda each: (each.id, repr(each)))


_sets = st.dictionaries(
    paths.filter(lambda key: not is_increment(key)), registers | st.just(TOMBSTONE), min_size=1
)


@given(
    st.lists(histories, min_size=1, max_size=4),
    st.lists(_sets, min_size=1, max_size=2),
    st.sampled_from([NEWER, AMID]),
    st.data(),
)
def test_many_rows_at_once_move_as_they_do_in_python(
    history: list[list[Entry]],
    sets: list[dict[Key, Json]],
    stamp: Stamp,
    data: st.DataObject,
) -> None:
    rows = _rows(history)
    if rows and data.draw(st.booleans()):
        damaged = data.draw(st.sampled_from(range(len(rows))))
        doc_id, body, meta, _, place = rows[damaged]
        ghost = data.draw(st.sampled_from(["{}", None]))
        rows[damaged] = doc_id, body, meta[:-1] + "!", ghost, place
    groups = [(tuple(each), tuple(each.values())) for each in sets]
    changes = {
        row[0]: Change(NAME, DocId(row[0]), *data.draw(st.sampled_from(groups))) for row in rows
    }
    found = _over(rows, changes, stamp)
    with in_python():
        same = _over(rows, changes, stamp)
    assert found == same
    assert found[0].keys() <= {*changes} - found[1]


@given(
    st.text('{}[]",:\\abm01-.e', max_size=30) | texts,
    st.text("[],0123456789", max_size=30) | texts,
    st.integers(0, 40),
    st.data(),
)
def test_nonsense_in_a_row_is_left_to_others(
    body: str, meta: str, cut: int, data: st.DataObject
) -> None:
    sound = '{"a":"x","b":[1,"]"],"m":{"c":1.5}}', "[1,2,[[3,1,2]]]"
    keys: tuple[Key, ...] = (("a",), ("m", "c"))
    splicing = compiled.Splicing(NEWER, HERE.index, lambda _: HERE[0], None)
    assert splicing.merged(*sound, keys, ("y", 2)) is not None
    spoilt = sound[0][:cut] + body + sound[0][cut + data.draw(st.integers(0, 3)) :]
    for row in ((body, sound[1]), (spoilt, sound[1]), (sound[0], meta), (spoilt, meta)):
        try:
            found = splicing.merged(*row, keys, ("y", 2))
        except (
            AttributeError,
            TypeError,
            ValueError,
        ):  # no document, which the first of a form has to be
            continue
        assert found is None or found[0] is None or found[0].startswith('{"a":"y",')
