"""No false conflicts and no missed ones: the compact context decides as full history does (C5)."""

from __future__ import annotations

from typing import Any

from hypothesis import event, given, settings
from hypothesis import strategies as st

from sync.core.draft import Draft
from sync.core.visible import visible
from sync.errors import DataError
from tests.helpers.core import REPLICAS, exact, merged
from tests.laws.full_history import Author, Logged, engine_conflicts, oracle_conflicts

people = st.integers(0, 2)
fields = st.sampled_from(["notes", "stock"])
values = st.sampled_from(["x", "y", 5, {"a": "x"}, {"b": "y"}, ["x"], {}])
edits = st.one_of(
    st.tuples(st.just("set"), fields, values),
    st.tuples(st.just("count"), st.just("stock"), st.integers(-3, 3)),
    st.tuples(st.just("count_within"), fields, st.just(1)),
    st.tuples(st.just("restart"), st.just("stock"), st.integers(0, 3)),
    st.tuples(st.just("unset"), fields, st.none()),
    st.tuples(st.just("unset_within"), fields, st.none()),
    st.tuples(st.just("flag"), st.none(), st.booleans()),
    st.tuples(st.just("delete"), st.none(), st.none()),
)
wanted = st.lists(edits, min_size=1, max_size=2)
hours = st.integers(1, 20)
writing = st.tuples(st.just("write"), people, hours, wanted)
steps = st.one_of(
    writing,
    writing,
    st.tuples(st.just("send"), people),
    st.tuples(st.just("read"), people, st.integers(1, 3)),
    st.tuples(st.just("swap"), people, people, st.integers(1, 3)),
)


def apply(draft: Draft, edit: tuple[str, Any, Any]) -> None:
    kind, name, value = edit
    if draft.working is None:
        draft.insert({})
    if kind == "set":
        draft.update({name: value})
    elif kind == "count":
        draft.increment((name,), value)
    elif kind == "count_within":
        draft.increment((name, "a"), value)
    elif kind == "restart":
        draft.restart((name,), value)
    elif kind == "unset":
        draft.unset((name,))
    elif kind == "unset_within":
        draft.unset((name, "a"))
    elif kind == "flag":
        draft.update({"deleted": value})
    else:
        draft.delete()


def play(script: list[tuple[Any, ...]]) -> tuple[list[Author], list[Logged]]:
    """Run a script of writes, pushes, pulls and swaps on a document that all know; at the end
    everybody pushes what is left."""
    authors = [Author(replica) for replica in REPLICAS]
    log: list[Logged] = []
    birth = Draft(None, None)
    birth.insert({"notes": "x", "stock": 5})
    authors[0].write(1, birth, log)
    log.append(authors[0].unsent.pop(0))
    for author in authors:
        author.read(log, 1)
    for kind, who, *rest in script:
        author = authors[who]
        if kind == "write":
            hlc, wanted = rest
            draft = Draft(visible(author.state), visible(author.state))
            for edit in wanted:
                try:
                    apply(draft, edit)
                except DataError:
                    continue
            author.write(hlc, draft, log)
        elif kind == "send" and author.unsent:
            log.append(author.unsent.pop(0))
        elif kind == "read":
            author.read(log, author.cursor + rest[0])
        elif kind == "swap":
            other, count = rest
            logged = {batch.stamp for batch in log}
            unlogged = [batch for stamp, batch in author.merged.items() if stamp not in logged]
            for batch in unlogged[:count]:
                authors[other].receive(batch)
    for author in authors:
        log += author.unsent
    return authors, log


@settings(max_examples=settings().max_examples * 4)
@given(st.lists(steps, min_size=6, max_size=30))
def test_conflicts_are_those_of_full_history(script: list[tuple[Any, ...]]) -> None:
    _, log = play(script)
    found = oracle_conflicts(log)
    event("conflicts" if found else "none")
    assert engine_conflicts(log) == found


@given(st.lists(steps, min_size=6, max_size=30))
def test_everybody_ends_with_what_the_log_says(script: list[tuple[Any, ...]]) -> None:
    authors, log = play(script)
    for author in authors:
        author.read(log, len(log))
        assert exact(author.state) == exact(merged(*(batch.leaves for batch in log)))


@given(st.lists(st.tuples(st.just("write"), st.just(0), hours, wanted), max_size=10))
def test_one_writer_alone_never_conflicts_with_itself(script: list[tuple[Any, ...]]) -> None:
    assert engine_conflicts(play(script)[1]) == set()
