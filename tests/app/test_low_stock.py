"""The low-stock walk: what a worker passes, counts, adjusts and ticks off, on this device."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.domain.roles import Role
from app.state.low_stock import LowStock
from app.state.workspace import Workspace
from app.views import lab, sales, worker
from app.views.screens import places_for
from sync.local import Replica
from tests.app.conftest import HAMMER, HAMMER_ROW, OVERSTOCK, SHELF, App
from tests.helpers.flet_device import NOW_MS, StillClock

Open = Callable[..., Any]


@pytest.fixture
def walk(workspace: Workspace) -> LowStock:
    return workspace.keep(LowStock)


def shown(walk: LowStock) -> list[tuple[str, list[str]]]:
    return [(aisle.name, [each.place.row_id for each in aisle.stops]) for aisle in walk.aisles]


def stock(replica: Replica, row: str) -> Any:
    return (replica.get("inventory", row) or {})["stock_level"]


def test_the_low_places_of_the_own_store_in_walking_order(walk: LowStock) -> None:
    assert shown(walk) == [("Aisle 9", [HAMMER_ROW]), ("Aisle 14", [OVERSTOCK])]
    assert (walk.done, walk.total, walk.left) == (0, 2, 2)
    hammer = walk.aisles[0].stops[0]
    assert (hammer.name, hammer.sku) == ("16 oz Claw Hammer", "HND-HAMMER-002")


def test_a_count_does_a_stop_and_its_undo_brings_it_back(walk: LowStock, replica: Replica) -> None:
    walk.choose(HAMMER_ROW)
    outcome = walk.count(40)
    assert stock(replica, HAMMER_ROW) == 40
    assert shown(walk) == [("Aisle 14", [OVERSTOCK])]
    assert (walk.done, walk.total) == (1, 2)
    walk.choose_part("done")
    (aisle,) = walk.aisles
    assert (aisle.stops[0].counted, aisle.done, aisle.total) == (True, 1, 1)
    assert outcome.undo is not None
    outcome.undo()
    walk.choose_part("todo")
    assert shown(walk)[0] == ("Aisle 9", [HAMMER_ROW])


def test_an_adjustment_ticks_a_stop_off(walk: LowStock, replica: Replica) -> None:
    walk.choose(OVERSTOCK)
    outcome = walk.adjust(8, "Received")
    assert (stock(replica, OVERSTOCK), walk.done) == (12, 1)
    assert outcome.undo is not None
    outcome.undo()
    assert (stock(replica, OVERSTOCK), walk.done) == (4, 0)


def test_ticks_are_kept_on_the_device_and_taken_back(
    walk: LowStock, workspace_of: Callable[..., Workspace], replica: Replica
) -> None:
    waiting = replica.outbox().waiting
    outcome = walk.tick(HAMMER_ROW, True)
    again = workspace_of().keep(LowStock)
    assert (again.done, again.total) == (1, 2)
    assert replica.outbox().waiting == waiting
    assert outcome.undo is not None
    outcome.undo()
    assert walk.done == 0


def test_what_becomes_low_on_the_way_joins_the_walk(walk: LowStock, replica: Replica) -> None:
    with replica.transaction(author="user_ben") as tx:
        tx.increment("inventory", SHELF, ("stock_level",), -30)
    assert shown(walk)[0] == ("Aisle 3", [SHELF])
    assert walk.total == 3


def test_a_new_walk_begins_by_hand_or_on_another_day(
    walk: LowStock, clock: StillClock, replica: Replica
) -> None:
    walk.choose(HAMMER_ROW)
    walk.count(40)
    walk.tick(OVERSTOCK, True)
    assert walk.left == 0
    clock.ms = NOW_MS + 60_000
    walk.restart()
    assert shown(walk) == [("Aisle 14", [OVERSTOCK])]
    walk.tick(OVERSTOCK, True)
    clock.ms += 13 * 3_600_000
    walk.refresh()
    assert (walk.done, walk.total) == (0, 1)


def test_only_those_who_keep_stock_have_the_walk() -> None:
    screens = (*worker.SCREENS, *sales.SCREENS, *lab.SCREENS)
    for role in Role:
        labels = [place.label for place in places_for(role, screens)]
        assert ("Low stock" in labels) is (role is not Role.REP)


async def on_walk(app_on: Open, **page: Any) -> App:
    app: App = await app_on(**page)
    await app.client.tap("demo-ana")
    await app.client.tap("low-stock-link")
    await app.client.until(lambda: bool(app.client.find("walk-progress")))
    return app


async def test_from_the_start_screen_to_the_end_of_the_walk(app_on: Open) -> None:
    app = await on_walk(app_on)
    client = app.client
    assert client.says("walk-progress") == "0 of 2 done"
    await client.tap("count-HND-HAMMER-002")
    await client.tap("key-2")
    await client.tap("key-5")
    await client.tap("save-count")
    await client.until(lambda: client.says("walk-progress") == "1 of 2 done")
    assert stock(app.device.replica, HAMMER_ROW) == 25
    assert not client.find(f"stop-{HAMMER_ROW}")
    await client.tap("tick-PWR-DRILL-001")
    await client.until(lambda: bool(client.find("walk-over")))
    await client.tap("done")
    await client.tap("untick-PWR-DRILL-001")
    await client.until(lambda: client.says("walk-progress") == "1 of 2 done")
    await client.tap("todo")
    await client.tap("adjust-PWR-DRILL-001")
    await client.tap("adjust-more")
    await client.tap("save-adjust")
    await client.until(lambda: bool(client.find("walk-over")))
    await client.tap("new-walk")
    await client.until(lambda: "of" in client.says("walk-progress"))


async def test_a_row_leads_to_its_product(app_on: Open) -> None:
    app = await on_walk(app_on, width=1440, height=900)
    await app.client.tap(f"stop-{HAMMER_ROW}")
    await app.client.until(lambda: bool(app.client.find("do-count")))
    assert app.client.page.route == f"/product/{HAMMER}"


async def test_a_shop_that_has_enough_says_so(app_on: Open) -> None:
    app = await app_on()
    with app.device.replica.transaction() as tx:
        for row in (HAMMER_ROW, OVERSTOCK):
            tx.restart("inventory", row, ("stock_level",), 99)
    await app.client.tap("demo-ana")
    await app.client.until(lambda: bool(app.client.find("find")))
    assert not app.client.find("low-stock-link")
    app.state.go("/low-stock")
    await app.client.until(lambda: "Nothing is low" in app.client.texts())
