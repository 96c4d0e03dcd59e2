"""Events of a real change stream as our own values."""

from __future__ import annotations

import pytest
from bson import Timestamp

from sync.connector.events import (
    Deleted,
    Dropped,
    Inserted,
    Invalidated,
    Renamed,
    Replaced,
    Updated,
    at_of,
    event_of,
    token_of,
    token_text,
)
from sync.core.stamps import hlc_of_ms, ms_of_hlc
from tests.connector.recorded import events, raw_events


def test_every_recorded_event_is_understood() -> None:
    kinds = {type(event) for event in events()}
    assert kinds == {Inserted, Updated, Replaced, Deleted, Dropped, Renamed, Invalidated}
    assert len(events()) == len(raw_events()) - 1, "only dropDatabase is left to its invalidate"


def test_a_pipeline_update_arrives_as_a_replacement() -> None:
    replaced = [event for event in events() if isinstance(event, Replaced)]
    assert replaced[0].document["stock_level"] == 45


def test_events_of_one_transaction_share_its_name_and_no_others_have_one() -> None:
    named = [event for event in events() if event.transaction is not None]
    assert len({event.transaction for event in named}) == 1
    assert {event.collection for event in named} == {"orders", "order_items", "inventory"}


def test_cluster_time_is_a_reading_of_the_clock_and_keeps_its_order() -> None:
    times = [event.at for event in events()]
    assert times == sorted(times)
    assert at_of(1_795_183_524, 3) == hlc_of_ms(1_795_183_524_000) + 3
    assert ms_of_hlc(at_of(10, 70_000)) == 10_001, "many writes in one second carry over"


def test_what_a_newer_server_adds_is_read() -> None:
    event = event_of(
        {
            "_id": {"_data": "00"},
            "operationType": "update",
            "clusterTime": Timestamp(1, 1),
            "ns": {"db": "zava", "coll": "products"},
            "documentKey": {"_id": "p"},
            "updateDescription": {
                "updatedFields": {"a.b": 1},
                "removedFields": [],
                "truncatedArrays": [{"field": "tags", "newSize": 2}],
                "disambiguatedPaths": {"a.b": ["a.b"]},
            },
        }
    )
    assert isinstance(event, Updated) and event.description is not None
    assert event.description.truncated == (("tags", 2),)
    assert event.description.steps == {"a.b": ("a.b",)}


@pytest.mark.parametrize("token", [{"_data": "82AB"}, {"_data": 5}, {"_id": "x", "n": 1}])
def test_a_token_survives_as_text(token: dict[str, object]) -> None:
    assert token_of(token_text(token)) == token
