"""Whole devices: signed in at a hub over HTTP, then without it, then with it again (S7)."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from sync.device import Device
from sync.device.peering import told_rights
from sync.device.profile import SIGNED_IN_NOTE, SignedIn
from sync.errors import PeerKeyMissing, SignInRequired
from sync.hub.permissions import Permissions, access
from sync.ids import Collection
from sync.local import schema
from sync.peer.ed25519 import Ed25519
from sync.peer.memory_link import meet
from tests.helpers.hub_process import PASSWORD
from tests.helpers.replicas import open_replica, shelf
from tests.helpers.two_devices import ANA, BELLEVUE, SEATTLE, Shop, differences, open_shop, until

INVENTORY = Collection("inventory")


def stock_on(device: Device) -> int:
    document = device.replica.get("inventory", "inv_1")
    assert document is not None
    return int(document["stock_level"])


def sell(device: Device, by: int) -> None:
    with device.replica.transaction() as tx:
        tx.increment("inventory", "inv_1", ("stock_level",), -by)


async def joined(shop: Shop, *logins: str) -> list[Device]:
    return [await shop.join(login) for login in logins]


async def test_a_day_in_the_cellar(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        ana, ben = await joined(shop, "ana", "ben")
        ana.online = ben.online = False
        sell(ana, 3)
        meet(ana.meet(access), ben.meet(access))
        sell(ben, 4)
        meet(ben.meet(access), ana.meet(access))
        assert stock_on(ana) == stock_on(ben) == 33
        ben.online = True
        await until(lambda: ben.status.waiting == 0)
        ana.online = True
        await shop.settled()
        await until(lambda: not ana.replica.held.all() and not ben.replica.held.all())
        assert stock_on(ana) == stock_on(ben) == 33
        assert differences(shop) == []


async def test_what_a_lost_phone_has_shown_to_a_colleague_is_not_lost(tmp_path: Path) -> None:
    """Ana's phone falls into the paint; Ben has gone on with what she showed him."""
    async with open_shop(tmp_path) as shop:
        ana, ben = await joined(shop, "ana", "ben")
        ana.online = ben.online = False
        with ana.replica.transaction() as tx:
            tx.insert("orders", {"_id": "order_1", "store_id": SEATTLE, "status": "pending"})
            tx.increment("inventory", "inv_1", ("stock_level",), -3)
        meet(ana.meet(access), ben.meet(access))
        await ana.close()
        with ben.replica.transaction() as tx:
            tx.update("orders", "order_1", {"status": "completed"})
        ben.online = True
        await until(lambda: ben.status.waiting == 0 and not ben.replica.held.all())
        order = shop.hub.replica.get("orders", "order_1")
        assert order is not None
        assert order["status"] == "completed"
        assert stock_on(ben) == shelf()["stock_level"] - 3
        assert ben.replica.quarantine() == []
        conflicts = shop.hub.replica.history.count()
        assert conflicts == 0

        found = await shop.open("ana")  # it dries
        assert found.replica.outbox().waiting
        found.start()
        await shop.settled()
        assert stock_on(found) == stock_on(ben) == shelf()["stock_level"] - 3
        assert differences(shop) == []


async def test_an_open_pull_asks_anew_when_a_peer_has_brought_something(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        ana, ben = await joined(shop, "ana", "ben")
        ana.online = False
        shop.hub.accounts.add(replace(ANA, store_id=BELLEVUE), PASSWORD)
        with ana.replica.transaction() as tx:
            tx.update("inventory", "inv_1", {"notes": "Ana's"})
        meet(ana.meet(access), ben.meet(access))
        shop.write(("inventory", shelf("inv_other")))  # anything that Ben hears of
        await until(lambda: not ben.replica.held.all())
        document = ben.replica.get("inventory", "inv_1")
        assert document is not None
        assert document["notes"] == "as delivered"
        ana.online = True
        await until(lambda: ana.replica.quarantine())


async def test_a_device_meets_nobody_before_it_can_prove_itself(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        ana = await shop.open("ana")
        with pytest.raises(SignInRequired):
            ana.meet(access)
        await ana.sign_in("ana", PASSWORD)
        assert ana.meet(access)
        ana._signatures = None
        with pytest.raises(PeerKeyMissing):
            ana.meet(access)


async def test_its_key_is_kept(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        ana = await shop.join("ana")
        before = ana.replica.note("device_key")
        await ana.sign_in("ana", PASSWORD)
        assert ana.replica.note("device_key") == before
        await ana.close()
        again = await shop.open("ana")
        assert again.meet(access)
        assert isinstance(again._signatures, Ed25519)


def test_a_file_from_before_peers_keeps_what_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, old = tmp_path / "old.db", schema.MIGRATIONS[:1]
    with sqlite3.connect(path) as database:
        for statement in old[0]:
            database.execute(statement)
        database.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
        database.execute("PRAGMA user_version = 1")
        database.execute(
            "INSERT INTO identity VALUES(?,?,'device',0,0,0,'','','',0,'',0,'')",
            ("a" * 32, "b" * 32),
        )
        database.execute("INSERT INTO sites VALUES(0, ?)", ("0" * 32,))
        database.execute("INSERT INTO pending VALUES('inventory', 'inv_1', 7)")
    database.close()
    replica = open_replica(path)
    assert replica.parts.database.query("SELECT * FROM pending") == [
        ("inventory", "inv_1", "a" * 32, 7)
    ]
    replica.close()


async def test_devices_judge_each_other_by_the_rules_their_hub_told(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        rules = shop.hub.permissions.rules
        worker = dict(rules.grants["worker"])
        worker[INVENTORY] = replace(worker[INVENTORY], never=("stock_level",))
        told = replace(rules, grants={**rules.grants, "worker": worker})
        shop.hub.permissions = Permissions(told)
        ana, ben = await joined(shop, "ana", "ben")
        ana.online = ben.online = False
        sell(ana, 3)
        mine, theirs = ana.meet(), ben.meet()
        meet(mine, theirs)
        (refusal,) = theirs.meeting.declined
        assert str(refusal) == "A worker may not change the field stock_level of inventory."
        assert (stock_on(ana), stock_on(ben)) == (37, 40)


async def test_without_rules_nobody_is_met(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        (ana,) = await joined(shop, "ana")
        note = ana.replica.note(SIGNED_IN_NOTE)
        assert isinstance(note, dict)
        with pytest.raises(SignInRequired, match="not told this device"):
            told_rights(ana.replica, SignedIn.from_json({**note, "rules": None}))
