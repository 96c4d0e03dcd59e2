"""An operator edits the permission file of a running hub; connected devices follow (S4)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sync.hub.permissions import built_in, follow, read_permissions
from tests.helpers.two_devices import Shop, open_shop, rows_of, until

EVERY_STORE = "    - roles: [rep]\n      read: true\n"
OWN_STORE = "    - roles: [rep]\n      read: store_id = $user.store_id\n"
SEATTLE, ALL = {"inv_1", "inv_2", "inv_3"}, {"inv_1", "inv_2", "inv_3", "inv_4", "inv_5"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "permissions.yaml"
    path.write_text(built_in().text, encoding="utf-8")
    return path


@pytest.fixture
async def shop(tmp_path: Path, file: Path) -> AsyncIterator[Shop]:
    stop = asyncio.Event()
    async with open_shop(tmp_path) as shop, asyncio.TaskGroup() as tasks:
        seen = read_permissions(file).text
        tasks.create_task(follow(file, seen, shop.hub.follow, stop))
        yield shop
        stop.set()


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


async def test_a_right_that_is_taken_away_takes_its_documents_along(shop: Shop, file: Path) -> None:
    ben = await shop.join("ben")
    assert rows_of(ben.replica, "inventory") == ALL
    edit(file, EVERY_STORE, OWN_STORE)
    await until(lambda: rows_of(ben.replica, "inventory") == SEATTLE)
    edit(file, OWN_STORE, EVERY_STORE)
    await until(lambda: rows_of(ben.replica, "inventory") == ALL)
    await shop.settled(ben)


async def test_a_broken_file_keeps_the_rules_and_says_so(
    shop: Shop, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ben = await shop.join("ben")
    in_force = shop.hub.permissions.rules
    edit(file, EVERY_STORE, "    - rols: [rep]\n")
    await until(lambda: shop.hub.status()["permissions"]["broken"])
    assert shop.hub.permissions.rules is in_force
    assert "There is no key `rols` here; did you mean `roles`?" in caplog.text
    assert rows_of(ben.replica, "inventory") == ALL
    edit(file, "    - rols: [rep]\n", OWN_STORE)
    await until(lambda: rows_of(ben.replica, "inventory") == SEATTLE)
    assert not shop.hub.status()["permissions"]["broken"]


async def test_work_that_the_new_rules_forbid_is_refused_with_the_rule_in_words(
    shop: Shop, file: Path
) -> None:
    ana = await shop.join("ana")
    edit(file, "never: [product_id]", "never: [product_id, notes]")
    before = shop.hub.permissions.rules
    await until(lambda: shop.hub.permissions.rules is not before)
    with ana.replica.transaction() as tx:
        tx.update("inventory", "inv_1", {"notes": "by the door"})
    await until(lambda: ana.status.state == "needs_you")
    (refused,) = ana.replica.quarantine()
    assert refused.code == "permission_denied"
    assert refused.message == "A worker may not change the field notes of inventory."
