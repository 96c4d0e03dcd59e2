"""The quick ways of small parts mean what those of all parts mean, on the wire and in the file."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from sync.core.batch import Change, Context
from sync.core.conflicts import Provenance
from sync.core.stamps import HLC_MAX, Stamp
from sync.errors import WireError
from sync.ids import Collection, DocId, UserId
from sync.local.recent import Recent
from sync.local.small_parts import SmallParts
from sync.wire import codec
from sync.wire.codec import encode
from sync.wire.messages import Part
from sync.wire.small_parts import small_part
from tests.helpers.core import REPLICAS, paths
from tests.helpers.replicas import fingerprint, open_replica
from tests.laws.damage import altered, as_bytes, mangled
from tests.laws.test_parts import IDS, NAME, logs, parts_of

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


def outcome(read: Any, line: bytes) -> Any:
    try:
        return repr(read(line))
    except WireError as error:
        return type(error).__name__


@given(small_parts())
def test_a_small_part_is_read_at_once(part: Part) -> None:
    line = encode(part)
    assert small_part(line) == part == codec.decode_any(line)


@given(st.data())
def test_a_line_means_the_same_either_way(data: st.DataObject) -> None:
    line = encode(data.draw(small_parts()))
    if data.draw(st.booleans()):
        line = as_bytes(data.draw(altered(json.loads(line))))
    else:
        line = data.draw(mangled(line))
    event(f"read at once: {small_part(line) is not None}")
    assert outcome(codec.decode, line) == outcome(codec.decode_any, line)


def told(log: list[Part], own_work: list[bool], pair: int, *, quick: bool) -> Any:
    """What a replica says after each part and holds at the end; before some it writes something
    itself, and some come in pairs."""
    found: list[Any] = []
    with closing(open_replica(":memory:")) as replica, pytest.MonkeyPatch.context() as patch:
        if not quick:
            patch.setattr(SmallParts, "merge", lambda *_: False)
            patch.setattr(SmallParts, "merge_alone", lambda *_: False)
        patch.setattr("sync.local.recent.RECENT_MAX", 4)
        at, identity = 0, replica.identity
        while at < len(log):
            is_shown = replica.get(NAME, IDS[0]) is not None
            if is_shown and own_work[at % len(own_work)]:
                with replica.transaction() as tx:
                    tx.update(NAME, IDS[0], {"a": at})
            size = 2 if at % pair == 0 else 1
            lines = [encode(part) for part in log[at : at + size]]
            found.append(asdict(replica.receive([codec.decode(line) for line in lines])))
            at += size
            identity.load()  # as it would be after a kill
            found.append((identity.seq, identity.cursor, identity.cursor_chain, identity.known))
            found.append((identity.clock.last, replica.parts.log.reach))
            replica.parts.log._forget()
            stamps = [Stamp(part.source.hlc, part.source.replica) for part in log]
            found.append([replica.parts.log.provenance(stamp) for stamp in stamps])
        with replica.parts.database.transaction():
            Recent(replica.parts.database).settle()
        return [*found, fingerprint(replica)]


@settings(max_examples=20, deadline=None)
@given(logs, st.lists(st.booleans(), min_size=1, max_size=8), st.integers(2, 9))
def test_a_part_is_merged_the_same_either_way(
    steps: list[Any], own_work: list[bool], pair: int
) -> None:
    log = parts_of(steps)
    assert told(log, own_work, pair, quick=True) == told(log, own_work, pair, quick=False)
