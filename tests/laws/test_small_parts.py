"""The quick ways of small parts mean what those of all parts mean, on the wire and in the file."""

from __future__ import annotations

import json
from contextlib import ExitStack, closing
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal, get_args

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from sync.core.batch import Change, Context
from sync.core.conflicts import Provenance
from sync.core.stamps import HLC_MAX, Stamp
from sync.core.values import TOMBSTONE
from sync.errors import WireError
from sync.ids import Collection, DocId, UserId
from sync.local import Replica
from sync.local.small_parts import SmallParts
from sync.wire import codec
from sync.wire.codec import encode
from sync.wire.messages import Part
from sync.wire.small_parts import small_part
from tests.helpers.compiled import in_python
from tests.helpers.core import REPLICAS, documents, paths
from tests.helpers.replicas import fingerprint, open_replica
from tests.laws.damage import altered, as_bytes, mangled
from tests.laws.test_parts import IDS, NAME, killed, logs, parts_of

_numbers = st.integers(1, 2**63 - 1)
_whole = st.integers(-(2**63), 2**63 - 1)
_plain_values = st.none() | st.booleans() | _whole | st.text(st.characters(codec="ascii"))


@st.composite
def small_parts(draw: st.DrawFn) -> Part:
    """Parts as a device online hears them: one document, plain values, nothing else."""
    replica, n = draw(st.sampled_from(REPLICAS)), draw(_numbers)
    source = Provenance(
        replica=replica,
        n=n,
        hlc=draw(st.integers(0, HLC_MAX)),
        user=UserId(draw(st.sampled_from(["ana", "bo", ""]))),
        context=Context("e" * 32, draw(st.integers(0, 2**63 - 1))),
        hub_seq=draw(_numbers),
    )
    changes: dict[Any, Any] = {
        path: draw(_plain_values) for path in draw(st.lists(paths, min_size=1, max_size=3))
    }
    if draw(st.booleans()):
        changes[("stock_level", (replica, n))] = draw(_whole)
    doc_id = DocId(draw(st.sampled_from(["i1", "x" * 1_024])))
    change = Change.of(Collection("inventory"), doc_id, changes)
    return Part(draw(_numbers), draw(st.sampled_from(["", "c" * 32])), source, (change,), (), ())


def in_order(value: Any) -> bytes:
    """``as_bytes`` with the names in the order they have."""
    return json.dumps(value, separators=(",", ":")).encode() + b"\n"


def outcome(read: Any, line: bytes) -> Any:
    try:
        return repr(read(line))
    except WireError as error:
        return type(error).__name__


@given(small_parts())
def test_a_small_part_is_read_at_once(part: Part) -> None:
    line = encode(part)
    assert small_part(line) == part == codec.decode_any(line)
    with in_python():
        assert small_part(line) == part


@given(st.data())
def test_a_line_means_the_same_either_way(data: st.DataObject) -> None:
    line = encode(data.draw(small_parts()))
    if data.draw(st.booleans()):
        change = data.draw(st.sampled_from([as_bytes, in_order]))
        line = change(data.draw(altered(json.loads(line))))
    else:
        line = data.draw(mangled(line))
    event(f"read at once: {small_part(line) is not None}")
    assert outcome(codec.decode, line) == outcome(codec.decode_any, line)


_values = _plain_values | st.floats(0, 9)
_odd_changes = st.sampled_from(
    [{("b", "c"): 1}, {("b",): 7}, {("deleted",): True}, {(): TOMBSTONE}]
)
_small_changes = st.integers(0, 20).flatmap(
    lambda kind: {
        **{0: _odd_changes, 1: documents, 2: st.fixed_dictionaries({("c",): _values})},
        **{each: st.just({("a", "+"): each}) for each in (3, 4, 5)},
    }.get(kind, st.fixed_dictionaries({("a",): _values}))
)
_small_logs = st.lists(
    st.tuples(
        st.sampled_from(REPLICAS),
        st.sampled_from([*[1] * 9, 2, 30]),  # when it was written: mostly in turn
        st.sampled_from([*[20] * 9, 3]),  # how much of the log its writer had read
        st.dictionaries(st.sampled_from(IDS), _small_changes, min_size=1, max_size=1),
    ),
    min_size=4,
    max_size=20,
)
Happening = Literal["nothing", "look", "own work", "another", "kill"]
_happenings = st.lists(
    st.sampled_from([*get_args(Happening), *(["nothing"] * 30)]), min_size=1, max_size=20
)


def position(replica: Replica, log: list[Part]) -> list[Any]:
    """How far a replica has read, as its file has it, and what it knows of whose work."""
    identity, known = replica.identity, replica.parts.log
    replica.parts.database.settle()
    identity.load()
    known._forget()
    stamps = [Stamp(part.source.hlc, part.source.replica) for part in log]
    return [
        *(identity.seq, identity.cursor, identity.cursor_chain, identity.known),
        *(identity.clock.last, known.reach),
        *(known.provenance(stamp) for stamp in stamps),
    ]


def told(log: list[Part], happens: list[Happening], *, quick: bool) -> Any:
    """What a replica says after each part and holds at the end; something may happen before."""
    found: list[Any] = []
    with TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch, ExitStack() as opened:
        folder, at = Path(name), 0
        if not quick:
            patch.setattr(SmallParts, "merge", lambda *_: False)
            patch.setattr(SmallParts, "commit", lambda *_: None)
        patch.setattr("sync.local.journal.JOURNAL_BYTES", 2_000)
        replica = opened.enter_context(closing(open_replica(folder / "begun.db")))
        while at < len(log):
            happening, size = happens[at % len(happens)], 1
            if happening == "look":
                found.append(replica.find(NAME))
                found.append(position(replica, log))
            elif happening == "own work" and replica.get(NAME, IDS[0]) is not None:
                with replica.transaction() as tx:
                    tx.update(NAME, IDS[0], {"a": at})
            elif happening == "another":
                size = 2
            elif happening == "kill":
                replica = opened.enter_context(closing(killed(replica, folder, at)))
            lines = [encode(part) for part in log[at : at + size]]
            found.append(asdict(replica.receive([codec.decode(line) for line in lines])))
            at += size
            event(f"waiting: {min(replica.parts.recent.count, 5)}")
        replica = opened.enter_context(closing(killed(replica, folder, -1)))
        replica.check()
        return [*found, position(replica, log), fingerprint(replica)]


@settings(max_examples=60, deadline=None)
@given(_small_logs | _small_logs | logs, _happenings)
def test_a_part_is_merged_the_same_either_way(steps: list[Any], happens: list[Happening]) -> None:
    log = parts_of(steps)
    expected = told(log, happens, quick=False)
    assert told(log, happens, quick=True) == expected
    with in_python():
        assert told(log, happens, quick=True) == expected
