"""A device that subscribes while it is connected: over a real socket, with files on disk (S4)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sync.device import Device
from sync.query.errors import StatementError
from sync.query.subscription import SUBSCRIPTIONS_MAX
from sync.query.subscription_errors import SubscriptionInvalid, SubscriptionsTooMany
from tests.helpers.two_devices import BELLEVUE, SEATTLE, Shop, open_shop, rows_of, until

SHELVES = "SELECT * FROM inventory WHERE store_id = :store"


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with open_shop(tmp_path) as shop:
        yield shop


@pytest.fixture
async def ben(shop: Shop) -> Device:
    return await shop.join("ben")


async def holds(device: Device, *ids: str) -> None:
    await until(lambda: rows_of(device.replica, "inventory") == set(ids))


async def test_the_union_of_all_is_kept_and_a_cancelled_one_leaves(ben: Device) -> None:
    seattle = ben.register_subscription(SHELVES, {"store": SEATTLE})
    await holds(ben, "inv_1", "inv_2", "inv_3")
    ben.register_subscription(SHELVES, {"store": BELLEVUE})
    await holds(ben, "inv_1", "inv_2", "inv_3", "inv_4", "inv_5")
    assert rows_of(ben.replica, "products") == set()
    seattle.cancel()
    seattle.cancel()
    await holds(ben, "inv_4", "inv_5")
    assert seattle.state is None
    for each in ben.subscriptions:
        assert (each.documents, each.error, each.is_large) == (2, None, False)


async def test_a_subscription_outlives_the_process(shop: Shop, ben: Device) -> None:
    ben.register_subscription(SHELVES, {"store": BELLEVUE})
    await holds(ben, "inv_4", "inv_5")
    await ben.close()
    again = await shop.open("ben")
    assert [each.documents for each in again.subscriptions] == [2]
    again.start()
    await shop.settled(again)
    await holds(again, "inv_4", "inv_5")


async def test_the_hub_says_of_one_that_it_is_refused_and_serves_the_others(ben: Device) -> None:
    secrets = ben.register_subscription("SELECT * FROM secrets")
    ben.register_subscription(SHELVES, {"store": BELLEVUE})
    await holds(ben, "inv_4", "inv_5")
    assert secrets.state is not None
    assert secrets.state.error is not None
    assert secrets.state.error.code == "subscription_refused"
    await until(lambda: ben.status.refused == 1)
    secrets.cancel()
    await until(lambda: ben.status.refused == 0)


async def test_one_that_is_registered_again_is_the_same(ben: Device) -> None:
    for _ in range(2):
        ben.register_subscription(SHELVES, {"store": BELLEVUE})
    assert len(ben.subscriptions) == 1


async def test_there_may_be_only_so_many(ben: Device) -> None:
    for number in range(SUBSCRIPTIONS_MAX):
        ben.register_subscription("SELECT * FROM orders WHERE total = :n", {"n": number})
    with pytest.raises(SubscriptionsTooMany):
        ben.register_subscription("SELECT * FROM products")


@pytest.mark.parametrize(
    ("text", "error", "says"),
    [
        ("SELECT total FROM orders", SubscriptionInvalid, "A projection"),
        ("SELECT DISTINCT * FROM orders", SubscriptionInvalid, "DISTINCT"),
        ("SELECT * FROM orders GROUP BY a", SubscriptionInvalid, "."),
        ("SELECT * FROM orders o JOIN users u ON o.a = u.a", SubscriptionInvalid, "JOIN"),
        ("SELECT * FROM orders USE IDS 'a'", SubscriptionInvalid, "USE IDS"),
        ("SELECT * FROM orders LIMIT 3", SubscriptionInvalid, "LIMIT"),
        ("SELECT * FROM orders ORDER BY a", SubscriptionInvalid, "ORDER BY"),
        ("SELECT * FROM system:indexes", SubscriptionInvalid, "system"),
        ("DELETE FROM orders", SubscriptionInvalid, "no SELECT"),
        ("SELECT * FROM orders WHERE a = :missing", StatementError, ":missing"),
        ("SELECT * FROM orders WHERE", StatementError, "."),
        ("SELECT * FROM orders WHERE a = '" + "x" * 2_050 + "'", SubscriptionInvalid, "bytes"),
    ],
)
async def test_what_cannot_be_subscribed_is_refused_at_once(
    shop: Shop, text: str, error: type[Exception], says: str
) -> None:
    ben = await shop.open("ben")
    with pytest.raises((error, StatementError), match=says):
        ben.register_subscription(text)
    assert ben.subscriptions == []
