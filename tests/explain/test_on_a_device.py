"""EXPLAIN SYNC on a device: what its own file and session say, each reason provoked for real."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sync.device import Device
from sync.hub.identity import TOKEN_SECONDS_MAX
from sync.hub.permissions import access
from sync.ids import Document
from sync.peer.memory_link import meet
from sync.query.errors import NotSupported, StatementInvalid
from tests.helpers.clocks import MINUTE_MS, NOON_MS
from tests.helpers.explained import codes, explained
from tests.helpers.hub_process import PASSWORD
from tests.helpers.replicas import acknowledged, stocked, waiting_payloads
from tests.helpers.two_devices import BELLEVUE, Shop, open_shop, until


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with open_shop(tmp_path) as shop:
        yield shop


def asked(device: Device, doc_id: str = "inv_1", on: str | None = None) -> list[Document]:
    """What a device says of a shelf."""
    return explained(device.replica, "inventory", doc_id, on)


def changed(device: Device, **fields: object) -> None:
    with device.replica.transaction() as tx:
        tx.update("inventory", "inv_1", fields or {"notes": "changed"})


async def in_step(device: Device) -> None:
    await until(lambda: device.status.state == "up_to_date")


async def offline(shop: Shop, login: str) -> Device:
    """A device that is in step and then switched off."""
    device = await shop.join(login)
    await in_step(device)
    device.online = False
    await until(lambda: not device.status.reachable)
    return device


async def test_it_is_here(shop: Shop) -> None:
    ana = await shop.join("ana")
    assert codes(asked(ana)) == ["on_device"]
    assert codes(asked(ana, on=ana.replica.id)) == ["on_device"]


async def test_a_device_tells_of_itself_only(shop: Shop) -> None:
    ana = await shop.join("ana")
    with pytest.raises(NotSupported, match="ask the hub"):
        asked(ana, on="ben")
    with pytest.raises(StatementInvalid):
        ana.replica.execute("EXPLAIN SYNC inventory 7")


async def test_it_is_not_here_and_only_the_hub_knows_why(shop: Shop) -> None:
    ana = await shop.join("ana")
    await in_step(ana)
    (told,) = asked(ana, "inv_4")
    assert told["code"] == "not_here"
    assert f"zava explain-sync inventory inv_4 --device {ana.replica.id}" in told["remedy"]


class TestWorkThatWaits:
    async def test_the_switch_is_off(self, shop: Shop) -> None:
        ana = await offline(shop, "ana")
        changed(ana)
        shop.clocks["ana"].move(3 * MINUTE_MS)
        told = asked(ana)
        assert codes(told) == ["not_sent", "on_device"]
        assert "waited 3 minutes so far to be sent: the network switch is off" in told[0]["text"]
        assert told[0]["details"] == {
            "because": "offline",
            "batches": 1,
            "since_ms": NOON_MS,
            "waited_ms": 3 * MINUTE_MS,
        }

    async def test_nobody_is_signed_in(self, shop: Shop) -> None:
        ana = await offline(shop, "ana")
        changed(ana)
        await ana.sign_out(force=True)
        assert asked(ana)[0]["details"]["because"] == "signed_out"

    async def test_the_sign_in_has_run_out(self, shop: Shop) -> None:
        ana = await offline(shop, "ana")
        changed(ana)
        shop.clocks["ana"].move(TOKEN_SECONDS_MAX * 1_000)
        assert asked(ana)[0]["details"]["because"] == "sign_in_ended"

    async def test_the_hub_is_out_of_reach(self, shop: Shop) -> None:
        ana = await shop.join("ana")
        await shop.stand.down()
        changed(ana)
        ana.sync_now()
        await until(lambda: ana.status.error is not None)
        assert asked(ana)[0]["details"]["because"] == "backing_off"
        assert "the next try after hub_unreachable is at 2026-11-22" in asked(ana)[0]["text"]

    async def test_the_hub_has_it_and_has_not_judged(self, shop: Shop) -> None:
        ana = await offline(shop, "ana")
        changed(ana)
        waiting_payloads(ana.replica)
        acknowledged(ana.replica, 1)
        assert codes(asked(ana)) == ["not_judged", "on_device"]

    async def test_the_hub_refused_it(self, shop: Shop) -> None:
        ana = await shop.join("ana")
        changed(ana, store_id=BELLEVUE)
        await until(lambda: ana.replica.quarantine())
        told = asked(ana)
        assert codes(told) == ["refused", "on_device"]
        assert told[0]["details"]["error"] == "out_of_scope"


class TestWhereItWent:
    async def test_it_was_evicted_here(self, shop: Shop) -> None:
        ana = await shop.join("ana")
        ana.replica.execute("EVICT FROM inventory WHERE _id = 'inv_1'")
        assert codes(asked(ana)) == ["evicted"]
        with ana.replica.transaction() as tx:
            tx.insert("inventory", {"_id": "inv_1", "store_id": "store_seattle"})
        await shop.settled(ana)
        assert codes(asked(ana)) == ["on_device"]

    async def test_the_hub_took_it_away(self, shop: Shop) -> None:
        ana = await shop.join("ana")
        shop.write(("inventory", {"_id": "inv_1", "store_id": BELLEVUE}))
        await shop.settled(ana)
        (told,) = asked(ana)
        assert (told["code"], told["details"]) == ("left_scope", {"at_ms": NOON_MS})

    async def test_somebody_deleted_it(self, shop: Shop) -> None:
        ana, cleo = await shop.join("ana"), await shop.join("cleo")
        with cleo.replica.transaction() as tx:
            tx.delete("inventory", "inv_1")
        await shop.settled(ana, cleo)
        (told,) = asked(ana)
        assert told["code"] == "deleted"
        assert told["text"].startswith("user_cleo deleted it on Cleo's handheld")

    async def test_it_is_marked_as_deleted(self, shop: Shop) -> None:
        cleo = await shop.join("cleo")
        changed(cleo, deleted=True)
        await shop.settled(cleo)
        assert codes(asked(cleo)) == ["soft_deleted", "on_device"]

    async def test_nobody_asked_for_it(self, shop: Shop) -> None:
        ana = await shop.open("ana")
        ana.register_subscription("SELECT * FROM products")
        await ana.sign_in("ana", PASSWORD)
        ana.start()
        await in_step(ana)
        assert codes(asked(ana)) == ["not_asked"]

    async def test_the_hub_does_not_answer_the_subscription(self, shop: Shop) -> None:
        ana = await shop.open("ana")
        ana.register_subscription("SELECT * FROM secrets")
        await ana.sign_in("ana", PASSWORD)
        ana.start()
        await in_step(ana)
        told = explained(ana.replica, "secrets", "s")
        assert codes(told) == ["subscription_refused"]

    async def test_the_device_has_never_met_the_hub(self, shop: Shop) -> None:
        ana = await shop.open("ana")
        (told,) = asked(ana)
        assert told["code"] == "device_behind"
        assert "has never agreed with the hub; nobody is signed in" in told["text"]

    async def test_the_device_is_offline(self, shop: Shop) -> None:
        ana = await offline(shop, "ana")
        shop.write(("inventory", {"_id": "inv_9", "store_id": "store_seattle"}))
        (told,) = asked(ana, "inv_9")
        assert told["code"] == "device_behind"
        assert "agreed at 2026-11-22 12:00:00 UTC with the hub" in told["text"]


class TestWhereItCameFrom:
    async def test_a_peer_brought_it(self, shop: Shop) -> None:
        ana, cleo = await offline(shop, "ana"), await offline(shop, "cleo")
        with cleo.replica.transaction() as tx:
            tx.insert("inventory", {"_id": "inv_9", "store_id": "store_seattle"})
        changed(cleo, notes="by Cleo")
        meet(ana.meet(access), cleo.meet(access))
        told = asked(ana, "inv_9")
        assert codes(told) == ["held_from_peer", "on_device"]
        assert told[0]["text"].startswith("It came from user_cleo on another device")
        assert asked(ana)[0]["text"].startswith("Its newest change came from")

    def test_an_initial_statement_made_it(self) -> None:
        replica = stocked(1)
        replica.execute("INSERT INTO inventory INITIAL DOCUMENTS ({'_id': 'inv_9'})")
        told = explained(replica, "inventory", "inv_9")
        assert codes(told) == ["initial_only", "on_device"]
