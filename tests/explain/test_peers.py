"""``system:peers``: at the hub its devices and how far they are, on a device hub and peers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sync.hub.permissions import access
from sync.peer.memory_link import meet
from tests.helpers.clocks import NOON_MS
from tests.helpers.replicas import shelf
from tests.helpers.two_devices import Shop, open_shop, until

PEERS = "SELECT * FROM system:peers"


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with open_shop(tmp_path) as shop:
        yield shop


async def test_the_hub_tells_how_far_each_device_is_behind(shop: Shop) -> None:
    ana = await shop.join("ana")
    await shop.open("ben")
    text = f"{PEERS} WHERE _id = :id"
    (told,) = shop.hub.replica.execute(text, {"id": ana.replica.id}).items
    assert (told["name"], told["person"], told["behind"]) == ("Ana's handheld", "user_ana", 0)
    assert told["last_seen_ms"] == NOON_MS
    await ana.stop()
    await until(lambda: not ana.status.reachable)
    shop.write(("inventory", shelf("inv_8")), ("inventory", shelf("inv_9")))
    shop.write(("inventory", shelf("inv_7")))
    (told,) = shop.hub.replica.execute(text, {"id": ana.replica.id}).items
    assert told["behind"] == 2


async def test_a_device_that_never_asked_is_behind_by_everything(shop: Shop) -> None:
    (told,) = shop.hub.replica.execute(f"{PEERS} WHERE _id = 'dev_SEA_W1'").items
    assert (told["last_seen_ms"], told["behind"]) == (None, told["head"])


async def test_a_device_tells_of_its_hub_and_of_whom_it_met(shop: Shop) -> None:
    ana, ben = await shop.join("ana"), await shop.join("ben")
    assert ana.replica.execute(f"{PEERS} WHERE kind = 'peer'").items == []
    (hub,) = ana.replica.execute(f"{PEERS} WHERE kind = 'hub'").items
    assert (hub["_id"], hub["read"]) == (shop.hub.hub_id, ana.replica.identity.cursor)
    ben.online = False
    await until(lambda: not ben.status.reachable)
    with ben.replica.transaction() as tx:
        tx.update("inventory", "inv_1", {"notes": "by Ben"})
    meet(ana.meet(access), ben.meet(access))
    (peer,) = ana.replica.execute(f"{PEERS} WHERE kind = 'peer'").items
    assert (peer["_id"], peer["name"], peer["held"]) == (ben.replica.id, "Ben", 1)
    assert peer["last_seen_ms"] == NOON_MS


async def test_nobody_is_there_before_the_first_sign_in(shop: Shop) -> None:
    ana = await shop.open("ana")
    assert ana.replica.execute(PEERS).items == []
