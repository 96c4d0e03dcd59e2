"""Parts of the log merged as they come make what the pure core makes of them, one leaf after the
other: states and conflicts, however they are grouped, sent again, or cut off by a kill (C2–C5)."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sync.core.batch import Birth, Change, Context, Delta
from sync.core.conflicts import (
    Provenance,
    conflict_id,
    is_conflict,
    losses,
    soft_delete_clashes,
)
from sync.core.stamps import Stamp
from sync.core.state import State, leaves_at, merge
from sync.core.values import TOMBSTONE, canonical
from sync.ids import Collection, DocId, UserId
from sync.local import Replica
from sync.sim.storage import copy_file
from sync.wire.codec import decode, encode
from sync.wire.messages import Part
from tests.helpers.core import REPLICAS, documents, exact, paths, registers
from tests.helpers.replicas import open_replica

NAME = Collection("inventory")
IDS = [DocId("i0"), DocId("i1")]
PLAIN = ("a", "b", "c")

_plain = st.dictionaries(st.sampled_from(PLAIN).map(lambda name: (name,)), registers, min_size=1)
_deep = st.dictionaries(paths, registers | st.just(TOMBSTONE), min_size=1, max_size=3)
_counts = st.dictionaries(paths.map(lambda path: (*path, "+")), st.integers(-5, 5), min_size=1)
_existences = st.dictionaries(
    paths.map(lambda path: (*path, None)), st.sampled_from([True, TOMBSTONE]), min_size=1
)
_flags = st.sampled_from([{("deleted",): True}, {("deleted",): False}])
_changes = st.one_of(_plain, _plain, _deep, _counts, _existences, _flags, st.just({(): TOMBSTONE}))
logs = st.lists(
    st.tuples(
        st.sampled_from(REPLICAS),
        st.integers(1, 30),  # when it was written
        st.integers(0, 20),  # how much of the log its writer had read
        st.dictionaries(st.sampled_from(IDS), documents | _changes, min_size=1),
    ),
    min_size=1,
    max_size=10,
)


def parts_of(steps: list[Any]) -> list[Part]:
    """A log in which every document is born first and then changed in many ways."""
    log = [_part(1, REPLICAS[0], 1, 0, [Birth(NAME, each, '{"a":1,"b":{}}') for each in IDS])]
    for seq, (replica, when, known, work) in enumerate(steps, start=2):
        deltas: list[Delta] = []
        for doc_id, what in work.items():
            if all(isinstance(key, str) for key in what):
                deltas.append(Birth(NAME, doc_id, canonical(what)))
            else:
                counted = (replica, seq)
                changes = {
                    tuple(counted if step == "+" else step for step in key): value
                    for key, value in what.items()
                }
                deltas.append(Change.of(NAME, doc_id, changes))
        log.append(_part(seq, replica, when * 100 + seq, min(known, seq - 1), deltas))
    return log


def _part(seq: int, replica: Any, hlc: int, known: int, deltas: list[Delta]) -> Part:
    context = Context("epoch", known, ())
    source = Provenance(replica, seq, hlc, UserId(f"user_{replica[0]}"), context, seq)
    return Part(seq, f"{seq:032x}", source, tuple(deltas), (), ())


def pure(log: list[Part]) -> tuple[dict[DocId, State], set[str]]:
    """States and ids of conflicts by ``sync.core`` alone."""
    states: dict[DocId, State] = {each: {} for each in IDS}
    sources: dict[Stamp, Provenance] = {}
    found: set[str] = set()
    for part in log:
        stamp = Stamp(part.source.hlc, part.source.replica)
        sources[stamp] = part.source
        for delta in part.deltas:
            state = states[delta.doc_id]
            leaves = leaves_at(stamp, delta.ops())
            _, beaten = merge(state, leaves)
            clashes = soft_delete_clashes(state, {key for key, _ in leaves}, stamp)
            for lost in losses(beaten, clashes):
                if is_conflict(lost.rule, sources[lost.loser], sources[lost.winner]):
                    names = (conflict_id(NAME, delta.doc_id, key, lost.loser) for key in lost.keys)
                    found.update(names)
    return states, found


def killed(replica: Replica, folder: Path, number: int) -> Replica:
    """The replica as a kill leaves it in this moment, opened again."""
    copy_file(Path(replica.parts.database.path), folder / f"{number}.db")
    return open_replica(folder / f"{number}.db")


@settings(max_examples=40, deadline=None)
@given(logs, st.lists(st.tuples(st.integers(1, 4), st.integers(0, 2), st.booleans()), min_size=1))
def test_a_log_merged_in_pieces_is_what_the_core_makes_of_it(
    steps: list[Any], pieces: list[tuple[int, int, bool]]
) -> None:
    log = parts_of(steps)
    lines = [encode(part) for part in log]
    with TemporaryDirectory() as name:
        folder, opened = Path(name), list[Replica]()
        opened.append(open_replica(folder / "0.db"))
        for number in range(1, len(log) + 1):
            size, again, is_killed = pieces[number % len(pieces)]
            at = opened[-1].identity.cursor
            opened[-1].receive([decode(line) for line in lines[max(0, at - again) : at + size]])
            if is_killed:
                opened.append(killed(opened[-1], folder, number))
        replica = opened[-1]
        states, conflicts = pure(log)
        rows = replica.parts.documents.rows(NAME, IDS)
        for doc_id, state in states.items():
            assert exact(replica.parts.documents.state(rows[doc_id])[0]) == exact(state)
        assert {each.id for each in replica.conflicts(limit=-1)} == conflicts
        for each in opened:
            each.close()


def test_what_is_redelivered_later_is_no_second_loss() -> None:
    log = parts_of(
        [(REPLICAS[1], 3, 1, {IDS[0]: {("a",): 5}}), (REPLICAS[2], 2, 1, {IDS[0]: {("a",): 6}})]
    )
    with closing(open_replica(":memory:")) as replica:
        first = [replica.receive([part]).conflicts for part in log]
        assert first == [0, 0, 1]
        replica.receive(log[1:2])
        assert len(replica.conflicts()) == 1
