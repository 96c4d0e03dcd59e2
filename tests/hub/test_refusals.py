"""Every reason to refuse work can happen, has code, sentence and remedy, and harms nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from sync.core.batch import Change, encode
from sync.core.decode import decode
from sync.core.values import DOCUMENT_BYTES_MAX
from sync.errors import ChangeInvalid
from sync.hub import Hub
from sync.hub.shapes import judge_shape
from sync.ids import Collection, DocId
from tests.helpers.clocks import MINUTE_MS, NOON_MS, FixedClock
from tests.helpers.lines import Line, noted, stocked_hub
from tests.helpers.replicas import open_replica
from tests.helpers.two_devices import ANA, BELLEVUE, BEN

HALF = "x" * (DOCUMENT_BYTES_MAX * 6 // 10)


@dataclass
class Shop:
    """A hub and Ana's device, which is in step."""

    hub: Hub
    ana: Line


@pytest.fixture
def shop() -> Shop:
    hub = stocked_hub(clock=FixedClock())
    ana = Line.signed_in(hub, ANA)
    ana.pull()
    return Shop(hub, ana)


def permission(shop: Shop) -> None:
    with shop.ana.replica.transaction() as tx:
        tx.update("products", "prod_1", {"base_price": 0.01})


def scope(shop: Shop) -> None:
    """The shelf goes to another store while somebody offline writes on it."""
    noted(shop.ana, "typed in the basement")
    with shop.hub.replica.transaction() as tx:
        tx.update("inventory", "inv_1", {"store_id": BELLEVUE})


def validation(shop: Shop) -> None:
    with shop.ana.replica.transaction() as tx:
        tx.update("inventory", "inv_1", {"stock_level": "plenty"})


def size(shop: Shop) -> None:
    """Two people add to one document; each part fits, both together do not."""
    ben = Line.signed_in(shop.hub, BEN)
    ben.pull()
    for line, field in ((shop.ana, "by_ana"), (ben, "by_ben")):
        with line.replica.transaction() as tx:
            tx.update("inventory", "inv_1", {field: HALF})
    ben.push()


def clock(shop: Shop) -> None:
    """The device's clock is an hour ahead, and nobody has told it yet."""
    device_clock = shop.ana.replica.parts.clock
    assert isinstance(device_clock, FixedClock)
    device_clock.move(60 * MINUTE_MS)
    noted(shop.ana, "from the future")


def person(shop: Shop) -> None:
    with shop.ana.replica.transaction(author="user_ben") as tx:
        tx.update("inventory", "inv_1", {"notes": "by Ben, on Ana's device"})


REASONS: dict[str, Callable[[Shop], None]] = {
    "permission_denied": permission,
    "out_of_scope": scope,
    "change_invalid": validation,
    "change_too_large": size,
    "clock_ahead": clock,
    "author_mismatch": person,
}


@pytest.mark.parametrize("code", REASONS)
def test_work_is_set_aside_with_its_reason_and_the_document_as_the_hub_has_it(
    shop: Shop, code: str
) -> None:
    REASONS[code](shop)
    shop.ana.push()
    shop.ana.pull()
    (refused,) = shop.ana.replica.quarantine()
    assert refused.code == code
    assert refused.message.endswith(".")
    assert refused.remedy.endswith(".")
    assert refused.changes
    for collection, doc_id, _ in refused.changes:
        held, there = (
            each.get(collection, doc_id) for each in (shop.ana.replica, shop.hub.replica)
        )
        assert held == (None if code == "out_of_scope" else there)
    shop.ana.replica.judge_clock(NOON_MS)
    noted(shop.ana, "and on with the day", "inv_2")
    shop.ana.sync()
    assert len(shop.ana.replica.quarantine()) == 1
    assert (shop.hub.replica.get("inventory", "inv_2") or {})["notes"] == "and on with the day"


def test_the_same_work_from_a_copied_file_is_refused_as_taken(shop: Shop) -> None:
    """The copy's work is at the hub already, so nobody is asked what to do about it."""
    noted(shop.ana, "written once")
    (entry,) = shop.ana.replica.sending.take()
    copy = Line.signed_in(shop.hub, ANA, open_replica(seed=5))
    shop.ana.push_these([entry.payload])
    batch = decode(entry.payload)
    again = encode(
        batch.__class__(
            replica=copy.replica.id,
            n=1,
            hlc=batch.hlc,
            user=batch.user,
            context=batch.context,
            prev="",
            deltas=(
                Change.of(Collection("inventory"), DocId("inv_1"), {("notes",): "written once"}),
            ),
            origin=(batch.replica, batch.n, entry.digest),
        )
    )
    assert copy.push_these([again]) == 1
    (logged,) = shop.hub.replica.parts.log.newest_of(copy.replica.id, 1_000_000, 10)
    assert (logged.status, "already_taken" in (logged.reason or "")) == ("rejected", True)


@pytest.mark.parametrize(
    ("collection", "fields"),
    [
        ("orders", {"total": "12.50"}),
        ("orders", {"total": None}),
        ("order_items", {"quantity": 1.5}),
        ("order_items", {"quantity": True}),
        ("inventory", {"location": "A3"}),
        ("inventory", {"deleted": 0}),
        ("customers", {"first_name": ["Rose"]}),
    ],
)
def test_what_others_compute_with_has_its_type(collection: str, fields: dict[str, object]) -> None:
    with pytest.raises(ChangeInvalid, match=next(iter(fields))):
        judge_shape(collection, {"_id": "one"}, {"_id": "one", **fields})
    judge_shape(collection, {"_id": "one", **fields}, {"_id": "one", **fields, "notes": "new"})


def test_a_threshold_may_be_taken_away_and_other_fields_are_free() -> None:
    judge_shape("inventory", None, {"_id": "one", "reorder_threshold": None, "extra": [1, "two"]})
    judge_shape("inventory", {"_id": "one", "stock_level": "plenty"}, None)
