"""Values written over a row make the row that merging makes, and find the same lost (C2–C5)."""

from __future__ import annotations

import json
from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from sync.core.batch import Change
from sync.core.conflicts import Lost, Rule, losses
from sync.core.intact import sealed
from sync.core.losses import Losses, conflicts_of
from sync.core.overwriting import Overwriting, Overwritten, Stored
from sync.core.packing import pack, stamps_in, unpack
from sync.core.rows import check_row
from sync.core.slots import named
from sync.core.stamps import Stamp
from sync.core.state import Key, Leaf, leaves_at, leaves_of, merge
from sync.core.values import TOMBSTONE, canonical
from sync.core.visible import visible
from sync.ids import NIL_REPLICA, Collection, DocId, Document, Json, ReplicaId, UserId
from tests.helpers.compiled import in_python
from tests.helpers.core import (
    REPLICAS,
    Entry,
    documents,
    exact,
    histories,
    merged,
    paths,
    registers,
    spelt,
)

HERE = [ReplicaId("f" * 32), NIL_REPLICA, *REPLICAS]
NEWER = Stamp(9, REPLICAS[1])
AMID = Stamp(3, REPLICAS[1])
"""Of a time at which the histories write too."""

NAME = Collection("inventory")
_ABC: tuple[Key, ...] = (("a",), ("b",), ("c",))

_sets = st.dictionaries(paths, registers | st.just(TOMBSTONE), max_size=3)
_counts = st.dictionaries(paths, st.integers(-5, 5), max_size=2)


def _changes(sets: dict[Key, Json], counts: dict[Key, int], stamp: Stamp) -> dict[Key, Json]:
    counted = {path: by for path, by in counts.items() if path not in sets}
    return {**sets, **{(*path, (stamp.replica, 4)): by for path, by in counted.items()}}


def _written(history: list[Entry], changes: dict[Key, Json], stamp: Stamp) -> Overwritten | None:
    state = merged(history)
    body, meta = pack(state, visible(state), HERE.index)
    if body is None or not changes:
        return None
    return overwritten(body, meta, stamp, changes)


def overwritten(body: str, meta: str, stamp: Stamp, changes: dict[Key, Json]) -> Overwritten | None:
    """What the quick way makes of a row, which is the same whether it is compiled or not."""

    def run() -> Overwritten | None:
        quick = Overwriting(stamp, HERE.index, HERE.__getitem__)
        return quick.merged(body, meta, tuple(changes), tuple(changes.values()))

    found = run()
    with in_python():
        same = run()
    assert (found and found[:2]) == (same and same[:2])
    assert apart(found[2] if found else ()) == apart(same[2] if same else ())
    return found


def stored(doc_id: str, body: str, meta: str) -> Stored:
    return doc_id, body, sealed(doc_id, body, meta, None), None, 1


def apart(lost: Iterable[Lost]) -> list[str]:
    return sorted(
        repr((each.rule, each.loser, each.winner, *leaf))
        for each in lost
        for leaf in zip(each.keys, each.losing, each.winning, strict=True)
    )


@given(histories.filter(bool), _sets, _counts, st.sampled_from([NEWER, AMID]))
def test_it_gives_what_merging_gives_or_leaves_it_to_merging(
    history: list[Entry], sets: dict[Key, Json], counts: dict[Key, int], stamp: Stamp
) -> None:
    changes = _changes(sets, counts, stamp)
    quick = _written(history, changes, stamp)
    if quick is None:
        return
    state = merged(history)
    shown = pack(state, visible(state), HERE.index)[0]
    full = merge(state, leaves_at(stamp, changes.items()))
    body, meta, lost = quick
    assert (body is not None) == full.changed
    again, document = unpack(body or shown, meta, HERE.__getitem__)
    assert exact(again) == exact(state)
    assert spelt(document) == spelt(visible(state))
    assert apart(lost) == apart(losses(full.beaten))
    found = {Stamp(hlc, HERE[site]) for hlc, site in stamps_in(meta)}
    assert found >= {leaf.stamp for leaf in state.values()}


@given(documents.filter(bool), st.data())
def test_writers_in_any_order_leave_the_row_that_merging_leaves(
    document: Document, data: st.DataObject
) -> None:
    fields = [key for key, _ in leaves_of(document) if key[-1] is not None]
    state = dict(leaves_at(Stamp(4, REPLICAS[0]), leaves_of(document)))
    body, meta = pack(state, visible(state), HERE.index)
    for hlc in data.draw(st.permutations(range(1, 9))):
        stamp = Stamp(hlc, REPLICAS[hlc % 2])
        chosen = data.draw(st.lists(st.sampled_from(fields), unique=True)) if fields else []
        changes = {key: data.draw(registers) for key in chosen}
        full = merge(state, leaves_at(stamp, changes.items()))
        if data.draw(st.booleans()):
            meta = as_before(body, meta)
        quick = overwritten(body or "", meta, stamp, changes)
        if quick is None:  # the very time of the document itself
            assert hlc == 4
            body, meta = pack(state, visible(state), HERE.index)
            continue
        assert apart(quick[2]) == apart(losses(full.beaten))
        body, meta = quick[0] or body, quick[1]
        again, shown = unpack(body, meta, HERE.__getitem__)
        assert exact(again) == exact(state)
        assert body == canonical(shown)
        check_row(body, meta, range(len(HERE)))


def as_before(body: str | None, meta: str) -> str:
    """A meta as earlier versions wrote it: with paths, not masks."""
    row = json.loads(meta)
    leaves = [key for key, _ in leaves_of(json.loads(body or "{}"))]
    for writer in row[2] if len(row) > 2 else []:
        writer[2] = [[*key] for key in named(writer[2], leaves)]
    return json.dumps(row)


def test_one_batch_merges_documents_of_several_forms() -> None:
    bodies = ['{"a":1,"m":{"b":"{"}}', '{"a":1,"m":{"c":2}}', '{"a":{"b":1},"m":2}', '{"a":1}']
    quick = Overwriting(NEWER, HERE.index, HERE.__getitem__)
    keys = (("a",),)
    found = [quick.merged(body, "[1,2]", keys, ("new",)) for body in (*bodies, *bodies)]
    changed = [None if each is None else each[0] for each in found]
    assert changed[:4] == changed[4:]
    assert changed[:4] == [
        '{"a":"new","m":{"b":"{"}}',
        '{"a":"new","m":{"c":2}}',
        None,
        '{"a":"new"}',
    ]


def test_what_was_no_conflict_is_not_told_as_lost() -> None:
    seen: list[tuple[Stamp, Stamp]] = []

    def judge(loser: Stamp, winner: Stamp, _: Rule) -> tuple[UserId, UserId] | None:
        seen.append((loser, winner))
        return (UserId("ana"), UserId("ben")) if loser.replica == REPLICAS[2] else None

    kept = Losses(judge)
    quick = Overwriting(NEWER, HERE.index, HERE.__getitem__, kept)
    body, meta = '{"a":1,"b":2,"c":3}', "[1,2,[[2,4,2],[12,4,4]]]"
    rows = [stored(doc_id, body, meta) for doc_id in ("i1", "i2")]
    changes = {row[0]: Change(NAME, DocId(row[0]), _ABC, (7, 8, 9)) for row in rows}
    assert quick.over(NAME, rows, changes).ids == ["i1", "i2"]
    told = list(conflicts_of(json.loads(kept.text())))
    assert [(each.doc_id, each.path, each.loser.value) for each in told] == [
        ("i1", ("a",), 1),
        ("i2", ("a",), 1),
    ]
    assert seen == [
        (Stamp(2, REPLICAS[2]), NEWER),
        (NEWER, Stamp(12, REPLICAS[2])),
        (Stamp(1, REPLICAS[0]), NEWER),
    ]


def test_counting_on_a_plain_number_needs_no_merging() -> None:
    old = Stamp(1, REPLICAS[0])
    born = [(("n",), Leaf(old, 3)), ((None,), Leaf(old, True))]
    found = _written(born, _changes({}, {("n",): 2}, NEWER), NEWER)
    assert found is not None and found[0] == '{"n":5}'
    again = overwritten(
        found[0],
        found[1],
        Stamp(10, REPLICAS[2]),
        {("n", (REPLICAS[2], 1)): -1},
    )
    assert again is not None and again[0] == '{"n":4}'


def test_of_each_field_the_later_write_stays_whoever_wins_the_others() -> None:
    born = [
        (("a",), Leaf(Stamp(12, REPLICAS[0]), "x")),
        (("b",), Leaf(Stamp(1, REPLICAS[0]), "x")),
        ((None,), Leaf(Stamp(1, REPLICAS[0]), True)),
    ]
    found = _written(born, {("a",): "y", ("b",): "y"}, NEWER)
    assert found is not None and found[0] == '{"a":"x","b":"y"}'
    assert sorted(each.losing for each in found[2]) == [("x",), ("y",)]


def test_what_has_the_very_same_time_is_left_to_merging() -> None:
    born = [
        (("a",), Leaf(Stamp(9, REPLICAS[0]), "x")),
        ((None,), Leaf(Stamp(1, REPLICAS[0]), True)),
    ]
    assert _written(born, {("a",): "y"}, NEWER) is None


def test_an_edit_of_a_record_that_is_flagged_as_deleted_is_left_to_merging() -> None:
    old = Stamp(1, REPLICAS[0])
    born = [
        (("a",), Leaf(old, "x")),
        (("deleted",), Leaf(old, True)),
        ((None,), Leaf(old, True)),
    ]
    assert _written(born, {("a",): "y"}, NEWER) is None
