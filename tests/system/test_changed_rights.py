"""Rights change while a device is connected; its open pull and what it holds follow (S4)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.helpers.hub_process import PASSWORD
from tests.helpers.two_devices import ANA, BELLEVUE, Shop, differences, open_shop, rows_of, until


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with open_shop(tmp_path) as shop:
        yield shop


async def test_a_closed_account_hears_nothing_more(shop: Shop) -> None:
    ana = await shop.join("ana")
    shop.hub.accounts.set_disabled("ana", True)
    shop.write(("inventory", {"_id": "inv_1", "notes": "for insiders"}))
    await until(lambda: ana.status.state == "needs_you")
    assert (ana.replica.get("inventory", "inv_1") or {})["notes"] != "for insiders"
    assert ana.status.error is not None
    assert ana.status.error.code == "token_invalid"
    with ana.replica.transaction() as tx:
        tx.update("inventory", "inv_1", {"notes": "local work goes on"})
    assert ana.replica.outbox().waiting == 1


async def test_a_worker_who_moves_to_another_store_takes_its_shelves_along(shop: Shop) -> None:
    ana = await shop.join("ana")
    assert rows_of(ana.replica, "inventory") == {"inv_1", "inv_2", "inv_3"}
    moved = replace(ANA, store_id=BELLEVUE, store_code="BEL")
    shop.hub.accounts.add(moved, PASSWORD)
    shop.hub.doorbell.ring()
    await until(lambda: rows_of(ana.replica, "inventory") == {"inv_4", "inv_5"})
    await shop.settled(ana)
    assert ana.replica.quarantine() == []


async def test_unsent_work_on_what_left_the_scope_is_kept_until_the_hub_has_judged_it(
    shop: Shop,
) -> None:
    ana = await shop.join("ana")
    ana.online = False
    await until(lambda: not ana.status.reachable)
    with ana.replica.transaction() as tx:
        tx.update("inventory", "inv_1", {"notes": "counted before I moved"})
    shop.hub.accounts.add(replace(ANA, store_id=BELLEVUE, store_code="BEL"), PASSWORD)
    ana.online = True
    await until(lambda: ana.status.state == "needs_you")
    (refused,) = ana.replica.quarantine()
    assert refused.code == "out_of_scope"
    assert refused.changes == [("inventory", "inv_1", {"notes": "counted before I moved"})]
    await until(lambda: rows_of(ana.replica, "inventory") == {"inv_4", "inv_5"})


async def test_a_device_somebody_else_signs_in_on_serves_that_person_only(shop: Shop) -> None:
    ana = await shop.join("ana")
    await ana.sign_out()
    await ana.sign_in("dara", PASSWORD)
    await until(lambda: rows_of(ana.replica, "inventory") == {"inv_4", "inv_5"})
    shop.devices["dara"] = shop.devices.pop("ana")
    await shop.settled()
    assert differences(shop) == []
