"""What is concluded from facts alone, where provoking them would take a slow line or much luck."""

from __future__ import annotations

from dataclasses import replace

from sync.explain import REMEDIES, Facts, items_of, reasons
from sync.explain.facts import Asked, Refused, Session, Touch, Waiting
from tests.helpers.clocks import DAY_MS, NOON_MS

HERE = Facts("orders", "order_1", NOON_MS, device="this device", replica="r", here=False)
WELL = Session(last_synced_ms=NOON_MS)
BY = Touch(NOON_MS, "Ana", "till 1")


def codes(facts: Facts) -> list[str]:
    return [each.code for each in reasons(facts)]


def test_a_device_in_its_first_download_says_so() -> None:
    assert codes(replace(HERE, session=Session(loading=True))) == ["device_loading"]


def test_a_device_that_is_well_knows_no_reason() -> None:
    assert codes(replace(HERE, session=WELL)) == ["not_here"]
    assert codes(HERE) == ["not_here"]


def test_a_failure_without_a_pause_is_told_by_its_code() -> None:
    waiting = Waiting(2, NOON_MS - DAY_MS, sent=False)
    facts = replace(HERE, here=True, waiting=waiting, session=Session(problem="hub_busy"))
    (told, _) = reasons(facts)
    assert told.details["because"] == "hub_busy"
    assert told.text.startswith("2 changes of it waited 1 day so far to be sent")


def test_the_most_important_reason_comes_first() -> None:
    refused = Refused(1, NOON_MS, "permission_denied", "No.", "Ask.", "till 1")
    facts = replace(HERE, deleted=BY, refused=(refused,), asked=Asked(1), evicted_ms=NOON_MS)
    found = codes(facts)
    assert found == ["refused", "deleted", "not_asked", "evicted"]
    assert found == sorted(found, key=list(REMEDIES).index)


def test_an_item_says_about_whom_it_is() -> None:
    (item,) = items_of(HERE)
    assert (item["device"], item["device_name"], item["code"]) == ("r", "this device", "not_here")
    assert set(item) == {"device", "device_name", "code", "text", "remedy", "details"}
