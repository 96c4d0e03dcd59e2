"""Stock is the last count plus what moved after it: nothing is lost, nothing counts twice (C4)."""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from sync.core.draft import Draft
from sync.core.stamps import Stamp
from tests.helpers.core import REPLICAS, Entry, Writer, exact

STOCK = ("stock_level",)


class Line(NamedTuple):
    """One line of the ledger: at ``stamp`` the shelf was counted, or something moved."""

    stamp: Stamp
    counted: int | None
    moved: int


def balance(ledger: list[Line]) -> int:
    """What a shopkeeper with one book would say is on the shelf."""
    total = 0
    for line in sorted(ledger, key=lambda line: line.stamp):
        total = line.moved + (total if line.counted is None else line.counted)
    return total


people = st.integers(0, 2)
moves = st.integers(-5, 5)
counts = st.none() | st.integers(0, 40)
hours = st.integers(1, 30)
steps = st.one_of(
    st.tuples(st.just("write"), people, hours, counts, st.lists(moves, max_size=3)),
    st.tuples(st.just("send"), people, st.integers(0, 9)),
)


def play(script: list[tuple[Any, ...]]) -> tuple[list[Writer], list[list[Entry]], list[Line]]:
    """Everybody starts from a shelf counted once; then each writes, and hears some of the rest."""
    writers = [Writer(replica) for replica in REPLICAS]
    sent = [writers[0].write(1, lambda draft: draft.insert({"stock_level": 20}))]
    ledger = [Line(Stamp(1, REPLICAS[0]), 20, 0)]
    for writer in writers[1:]:
        writer.receive(sent[0])
    for kind, who, *rest in script:
        if kind == "send":
            writers[who].receive(sent[rest[0] % len(sent)])
            continue
        hlc, counted, moved = rest
        if counted is None and not moved:
            continue
        sent.append(writers[who].write(hlc, partial(_write, counted=counted, moved=moved)))
        ledger.append(Line(Stamp(writers[who].hlc, writers[who].replica), counted, sum(moved)))
    return writers, sent, ledger


def _write(draft: Draft, counted: int | None, moved: list[int]) -> None:
    if counted is not None:
        draft.restart(STOCK, counted)
    for by in moved:
        draft.increment(STOCK, by)


@given(st.lists(steps, max_size=16), st.randoms(use_true_random=False))
def test_every_replica_agrees_with_the_ledger(script: list[tuple[Any, ...]], chance: Any) -> None:
    writers, sent, ledger = play(script)
    for writer in writers:
        arriving = sent * 2
        chance.shuffle(arriving)
        for leaves in arriving:
            writer.receive(leaves)
        assert writer.document == {"stock_level": balance(ledger)}
    assert exact(writers[0].state) == exact(writers[1].state) == exact(writers[2].state)


@given(st.lists(steps, max_size=16))
def test_a_replica_that_has_heard_a_part_shows_the_balance_of_that_part(
    script: list[tuple[Any, ...]],
) -> None:
    writers, sent, ledger = play(script)
    for writer in writers:
        heard = Writer(writer.replica)
        for leaves in sent[: len(sent) // 2 + 1]:
            heard.receive(leaves)
        assert heard.document == {"stock_level": balance(ledger[: len(sent) // 2 + 1])}


@given(st.lists(steps, max_size=16))
def test_one_transaction_writes_a_counter_once(script: list[tuple[Any, ...]]) -> None:
    _, sent, _ = play(script)
    for leaves in sent[1:]:
        assert len(leaves) == 1


@given(moves, moves, st.integers(0, 40), st.booleans())
def test_a_sale_after_the_count_counts_and_a_sale_before_it_does_not(
    before: int, after: int, counted: int, heard: bool
) -> None:
    ana, ben = Writer(REPLICAS[0]), Writer(REPLICAS[1])
    ben.receive(ana.write(1, lambda draft: draft.insert({"stock_level": 20})))
    sold_before = ben.write(5, lambda draft: draft.increment(STOCK, before))
    count = ana.write(10, lambda draft: draft.restart(STOCK, counted))
    if heard:
        ben.receive(count)
    sold_after = ben.write(15, lambda draft: draft.increment(STOCK, after))
    for leaves in (sold_after, sold_before):
        ana.receive(leaves)
    ben.receive(count)
    assert ana.document == ben.document == {"stock_level": counted + after}
