"""A replica by itself is a plain dict, whatever a transaction does to it (C7)."""

from __future__ import annotations

import copy
from typing import Any, NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from sync.core.batch import Batch, Change, Context, encode
from sync.core.decode import decode
from sync.core.draft import Draft
from sync.core.stamps import Stamp
from sync.core.state import ROOT, Key, State, leaves_at, leaves_of, merge
from sync.core.values import TOMBSTONE
from sync.core.visible import visible
from sync.errors import DataError
from sync.ids import Collection, DocId, Document, Json, UserId
from tests.helpers.core import (
    REPLICAS,
    Entry,
    Path,
    Writer,
    counts,
    documents,
    exact,
    histories,
    merged,
    names,
    paths,
    registers,
    spelt,
)

ANA = UserId("user_ana")


class Write(NamedTuple):
    """One call of a draft's method."""

    method: str
    arguments: tuple[Any, ...]

    def do(self, draft: Draft) -> None:
        getattr(draft, self.method)(*copy.deepcopy(self.arguments))


amounts = st.integers(-5, 5)
writes = st.one_of(
    st.builds(lambda fields: Write("insert", (fields,)), documents),
    st.builds(lambda fields: Write("update", (fields,)), documents),
    st.builds(lambda path: Write("unset", (path,)), paths),
    st.builds(lambda path, by: Write("increment", (path, by)), paths, amounts),
    st.builds(lambda path, to: Write("restart", (path, to)), paths, amounts),
    st.just(Write("delete", ())),
)
transactions = st.lists(writes, min_size=1, max_size=6)


class Refused(Exception):
    """The model's word for a ``DataError``."""


def expected(document: Document | None, write: Write) -> Document | None:
    """What a plain dict would hold after ``write``."""
    if (document is None) != (write.method == "insert"):
        raise Refused
    if write.method == "delete":
        return None
    after: Document = {} if document is None else copy.deepcopy(document)
    if write.method in ("insert", "update"):
        put(after, write.arguments[0])
    elif write.method == "unset":
        remove(after, write.arguments[0])
    elif write.method == "restart":
        path, value = write.arguments
        holder_of(after, path)[path[-1]] = value
    else:
        path, by = write.arguments
        holder = holder_of(after, path)
        if type(holder.get(path[-1], 0)) not in (int, float):
            raise Refused
        holder[path[-1]] = holder.get(path[-1], 0) + by
    return after


def put(target: Document, fields: Document) -> None:
    for name, value in fields.items():
        if isinstance(value, dict):
            put(map_in(target, name), value)
        else:
            target[name] = value


def map_in(target: Document, name: str) -> Document:
    if not isinstance(target.get(name), dict):
        target[name] = {}
    inner: Document = target[name]
    return inner


def holder_of(target: Document, path: Path) -> Document:
    for name in path[:-1]:
        target = map_in(target, name)
    return target


def remove(target: Json, path: Path) -> None:
    for name in path[:-1]:
        target = target.get(name) if isinstance(target, dict) else None
    if isinstance(target, dict):
        target.pop(path[-1], None)


def run(state: State, stamp: Stamp, transaction: list[Write]) -> tuple[Draft, dict[Key, Json]]:
    """Do the writes that are allowed, checking each against the model; merge the ops."""
    model = visible(state)
    draft = Draft(visible(state), visible(state))
    for write in transaction:
        try:
            model = expected(model, write)
            refused = False
        except Refused:
            refused = True
        try:
            write.do(draft)
            assert not refused
        except DataError:
            assert refused
        assert spelt(draft.working) == spelt(model)
    ops = draft.ops((stamp.replica, stamp.hlc))
    merge(state, leaves_at(stamp, ops.items()))
    return draft, ops


@given(st.lists(transactions, max_size=5))
def test_a_sequence_of_transactions_behaves_like_a_plain_dict(history: list[list[Write]]) -> None:
    state: State = {}
    for n, transaction in enumerate(history, start=1):
        draft, _ = run(state, Stamp(n, REPLICAS[0]), transaction)
        assert spelt(visible(state)) == spelt(draft.working)


@given(st.lists(transactions, min_size=1, max_size=4))
def test_ops_are_in_normal_form(history: list[list[Write]]) -> None:
    state: State = {}
    for n, transaction in enumerate(history, start=1):
        before = visible(state)
        draft, ops = run(state, Stamp(n, REPLICAS[0]), transaction)
        after = dict(leaves_of(draft.working)) if draft.working is not None else {}
        was = dict(leaves_of(before)) if before is not None else {}
        for key, value in ops.items():
            if counts(key):
                assert key[:-1] not in ops
            elif value is TOMBSTONE and key != ROOT:
                assert key in was and key not in after
            elif key != ROOT:
                assert spelt(after[key]) == spelt(value)
        if draft.is_birth():
            assert exact(dict(leaves_at(Stamp(1, REPLICAS[0]), ops.items()))) == exact(
                dict(leaves_at(Stamp(1, REPLICAS[0]), leaves_of(draft.working)))
            )


@given(st.lists(transactions, min_size=1, max_size=3))
def test_what_a_draft_writes_every_replica_can_read(history: list[list[Write]]) -> None:
    state: State = {}
    for n, transaction in enumerate(history, start=1):
        _, ops = run(state, Stamp(n, REPLICAS[0]), transaction)
        if ops:
            change = Change.of(Collection("inventory"), DocId("i1"), ops)
            batch = Batch(REPLICAS[0], n, n, ANA, Context("", 0), "", (change,))
            (received,) = decode(encode(batch)).deltas
            assert [(k, spelt(v)) for k, v in received.ops()] == [
                (k, spelt(v)) for k, v in ops.items()
            ]


@given(histories, paths, registers)
def test_what_was_set_shows_whatever_stood_there(
    history: list[Entry], path: Path, value: Json
) -> None:
    state = merged(history)
    fields: Json = value
    for name in reversed(path):
        fields = {name: fields}
    draft = Draft(visible(state), visible(state))
    (draft.update if draft.working is not None else draft.insert)(fields)
    merge(state, leaves_at(Stamp(9, REPLICAS[0]), draft.ops((REPLICAS[0], 1)).items()))
    shown: Json = visible(state)
    for name in path:
        shown = shown[name]
    assert spelt(shown) == spelt(value)


steps = st.one_of(
    st.tuples(st.just("write"), st.integers(0, 2), st.integers(1, 30), transactions),
    st.tuples(st.just("send"), st.integers(0, 2), st.integers(0, 2), st.integers(0, 9)),
)


@given(st.lists(steps, max_size=12), st.permutations(range(3)))
def test_replicas_that_wrote_apart_converge(
    script: list[tuple[Any, ...]], order: list[int]
) -> None:
    writers = [Writer(replica) for replica in REPLICAS]
    sent: list[list[Entry]] = []
    for kind, *rest in script:
        if kind == "write":
            who, hlc, transaction = rest
            sent.append(writers[who].write(hlc, *(allowed(write) for write in transaction)))
        elif sent:
            _, to, which = rest
            writers[to].receive(sent[which % len(sent)])
    for writer, turn in zip(writers, order, strict=True):
        for leaves in sent[turn:] + sent[:turn]:
            writer.receive(leaves)
    assert exact(writers[0].state) == exact(writers[1].state) == exact(writers[2].state)


def allowed(write: Write) -> Any:
    """The write, skipped where the document does not allow it."""

    def attempt(draft: Draft) -> None:
        try:
            write.do(draft)
        except DataError:
            return

    return attempt


@given(names, st.lists(amounts, min_size=2, max_size=4))
def test_increments_of_one_path_fold_into_one(name: str, by: list[int]) -> None:
    writer = Writer(REPLICAS[0])
    writer.write(1, lambda draft: draft.insert({}))
    leaves = writer.write(2, *(lambda draft, n=n: draft.increment((name,), n) for n in by))
    assert [(key, leaf.value) for key, leaf in leaves] == [((name, (REPLICAS[0], 2)), sum(by))]
