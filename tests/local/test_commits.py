"""What a commit leaves behind: a batch that can be sent, chained and stamped (C1, C8)."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.core.batch import digest_of, encode
from sync.core.decode import decode
from sync.errors import (
    InvalidValue,
)
from tests.helpers.clocks import FixedClock
from tests.helpers.replicas import (
    fingerprint,
    open_replica,
    stocked,
    waiting_payloads,
)


@pytest.mark.parametrize("author", ["x" * 200, "\ud800"])
def test_an_author_no_hub_would_take_is_refused_at_once(author: str) -> None:
    """Or the batch would wait in the outbox for ever, and everything behind it."""
    replica = stocked()
    before = fingerprint(replica)
    with pytest.raises(InvalidValue), replica.transaction(author=author) as tx:
        tx.update("inventory", "inv_1", {"notes": "x"})
    assert fingerprint(replica) == before


def test_batches_are_chained_by_digest() -> None:
    replica = stocked()
    for number in range(3):
        with replica.transaction() as tx:
            tx.update("inventory", "inv_1", {"notes": str(number)})
    payloads = waiting_payloads(replica)
    batches = [decode(payload) for payload in payloads]
    assert [batch.n for batch in batches] == [1, 2, 3, 4]
    assert [batch.prev for batch in batches] == ["", *map(digest_of, payloads[:-1])]
    assert replica.identity.digest == digest_of(payloads[-1])


def test_stamps_rise_though_the_clock_falls() -> None:
    clock = FixedClock()
    replica = stocked(clock=clock)
    for _ in range(3):
        clock.move(-86_400_000)
        with replica.transaction() as tx:
            tx.update("inventory", "inv_1", {"notes": "again"})
    stamps = [decode(payload).hlc for payload in waiting_payloads(replica)]
    assert stamps == sorted(set(stamps))


def test_the_clock_is_remembered_across_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "some.db"
    with closing(stocked(path=path)) as replica:
        last = replica.identity.clock.last
    late = FixedClock(ms=0)
    with closing(open_replica(path, clock=late)) as again:
        with again.transaction() as tx:
            tx.update("inventory", "inv_1", {"notes": "1970"})
        assert decode(waiting_payloads(again)[-1]).hlc > last


keys = st.sampled_from(["a", "b", "\n", "é", '"', "\\", "\x00"])
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(1 << 63), (1 << 63) - 1) | st.text(max_size=4)
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(keys, inner, max_size=2),
    max_leaves=6,
)  # fmt: skip
documents = st.dictionaries(keys, values, max_size=3)


@given(st.lists(documents, min_size=1, max_size=4))
def test_whatever_is_saved_can_be_sent(steps: list[dict[str, Any]]) -> None:
    """A batch that a hub could not read would block everything behind it."""
    replica = open_replica()
    for fields in steps:
        with replica.transaction() as tx:
            tx.upsert("orders", {**fields, "_id": "order_1"})
    for payload in waiting_payloads(replica):
        assert encode(decode(payload)) == payload


@given(st.lists(documents, min_size=1, max_size=5))
def test_a_sequence_of_upserts_is_a_sequence_of_dict_updates(steps: list[dict[str, Any]]) -> None:
    replica, plain = open_replica(), {}
    for fields in steps:
        with replica.transaction() as tx:
            tx.upsert("orders", {**fields, "_id": "order_1"})
        merge_into(plain, fields)
    assert replica.get("orders", "order_1") == {**plain, "_id": "order_1"}


def merge_into(target: dict[str, Any], fields: dict[str, Any]) -> None:
    for name, value in fields.items():
        if isinstance(value, dict):
            held = target.get(name)
            target[name] = dict(held) if isinstance(held, dict) else {}
            merge_into(target[name], value)
        else:
            target[name] = value
