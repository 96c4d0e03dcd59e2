"""EXPLAIN SYNC at the hub: each reason is provoked with real devices and told in words."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from sync.device import Device
from sync.hub.readers import SENT_KEEP_MS, Readers
from sync.ids import Document, ReplicaId
from sync.wire.messages import Position
from tests.helpers.clocks import DAY_MS, HOUR_MS, MINUTE_MS, NOON_MS
from tests.helpers.explained import codes, explained
from tests.helpers.hub_process import PASSWORD
from tests.helpers.replicas import shelf, stocked
from tests.helpers.two_devices import ANA, BELLEVUE, SEATTLE, Shop, open_shop, until

LONG = 3 * 1_048_576
"""Characters of a note; two of them make a document too large."""


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with open_shop(tmp_path) as shop:
        yield shop


def asked(shop: Shop, device: Device | str, doc_id: str = "inv_1") -> list[Document]:
    """What the hub says of a shelf on a device."""
    on = device if isinstance(device, str) else device.replica.id
    return explained(shop.hub.replica, "inventory", doc_id, on)


async def heard(shop: Shop, device: Device) -> None:
    """Have the device tell the hub how far it has read: it opens its pull anew."""
    before = device.replica.identity.cursor
    device.online = False
    await until(lambda: not device.status.reachable)
    shop.clock.move(1)
    device.online = True
    await until(lambda: shop.hub.readers.of(device.replica.id).heard_ms == shop.clock.ms)
    assert shop.hub.readers.of(device.replica.id).read >= before


def changed(device: Device, doc_id: str = "inv_1", **fields: object) -> None:
    with device.replica.transaction() as tx:
        tx.update("inventory", doc_id, fields)


class TestAllIsWell:
    async def test_what_went_out_is_on_its_way_until_the_device_says_so(self, shop: Shop) -> None:
        ana = await shop.join("ana")
        assert codes(asked(shop, ana)) == ["on_its_way"]
        await heard(shop, ana)
        (told,) = asked(shop, ana)
        assert (told["code"], told["details"]["behind"]) == ("on_device", 0)
        assert told["device_name"] == "Ana's handheld"

    async def test_a_pushed_change_says_how_far_its_author_has_read(self, shop: Shop) -> None:
        ana = await shop.join("ana")
        for text in ("made on top of the first download", "made on top of a verdict after it"):
            assert codes(asked(shop, ana)) == ["on_its_way"]
            changed(ana, "inv_2", notes=text)
            await shop.settled(ana)
        assert codes(asked(shop, ana)) == ["on_device"]


class TestWhoIsAsked:
    async def test_a_device_is_found_by_id_code_and_name_and_by_its_person(
        self, shop: Shop
    ) -> None:
        ana = await shop.join("ana")
        assert ana.profile is not None
        names = (ana.replica.id, ana.profile.device_code, "Ana's handheld", "ana", "user_ana")
        for name in names:
            assert [item["device"] for item in asked(shop, name)] == [ana.replica.id]

    async def test_an_unknown_device(self, shop: Shop) -> None:
        assert codes(asked(shop, "nobody")) == ["device_unknown"]

    async def test_a_person_without_a_device(self, shop: Shop) -> None:
        assert codes(asked(shop, "ana")) == ["person_without_device"]

    async def test_without_a_name_every_device_is_explained(self, shop: Shop) -> None:
        ana, ben = await shop.join("ana"), await shop.join("ben")
        told = explained(shop.hub.replica, "inventory", "inv_4")
        found = {item["device"]: item["code"] for item in told}
        assert (found[ana.replica.id], found[ben.replica.id]) == ("permission", "on_its_way")

    async def test_an_unknown_document(self, shop: Shop) -> None:
        ana = await shop.join("ana")
        assert codes(asked(shop, ana, "inv_99")) == ["document_unknown"]
        assert codes(explained(shop.hub.replica, "unheard_of", "x", "ana")) == ["document_unknown"]


class TestTheScope:
    async def test_the_person_may_not_read_it(self, shop: Shop) -> None:
        ana = await shop.join("ana")
        (told,) = asked(shop, ana, "inv_4")
        assert told["code"] == "permission"
        assert "Ana is a worker" in told["text"]
        assert '"store_bellevue"' in told["text"]

    async def test_it_left_the_scope(self, shop: Shop) -> None:
        ana = await shop.join("ana")
        shop.write(("inventory", {"_id": "inv_1", "store_id": BELLEVUE}))
        await shop.settled(ana)
        told = asked(shop, ana)
        assert codes(told) == ["permission", "left_scope"]
        assert told[1]["details"]["field"] == "store_id"
        assert f'the hub changed store_id from "{SEATTLE}" to "{BELLEVUE}"' in told[1]["text"]

    async def test_it_came_back_into_the_scope(self, shop: Shop) -> None:
        ana = await shop.join("ana")
        for store in (BELLEVUE, SEATTLE):
            shop.write(("inventory", {"_id": "inv_1", "store_id": store}))
        await shop.settled(ana)
        assert codes(asked(shop, ana)) == ["on_its_way"]

    async def test_it_left_the_scope_with_a_document_that_it_rests_on(self, shop: Shop) -> None:
        shop.write(
            ("orders", {"_id": "order_1", "store_id": SEATTLE, "status": "open"}),
            ("order_items", {"_id": "item_1", "store_id": SEATTLE, "order_id": "order_1"}),
        )
        ben = await shop.open("ben")
        ben.register_subscription(
            "SELECT * FROM order_items WHERE order_id IN"
            " (SELECT _id FROM orders WHERE status = 'open')"
        )
        await ben.sign_in("ben", PASSWORD)
        ben.start()
        await until(lambda: ben.replica.get("order_items", "item_1"))
        shop.write(("orders", {"_id": "order_1", "status": "shipped"}))
        await until(lambda: not ben.replica.get("order_items", "item_1"))
        told = explained(shop.hub.replica, "order_items", "item_1", "ben")
        assert codes(told) == ["left_scope", "not_asked"]
        assert 'changed status of orders order_1 from "open" to "shipped"' in told[0]["text"]

    async def test_nobody_asked_for_it(self, shop: Shop) -> None:
        ana = await shop.open("ana")
        ana.register_subscription("SELECT * FROM inventory WHERE stock_level > 1000")
        ana.register_subscription("SELECT * FROM products")
        await ana.sign_in("ana", PASSWORD)
        ana.start()
        await shop.settled(ana)
        (told,) = asked(shop, ana)
        assert told["code"] == "not_asked"
        assert len(told["details"]["subscriptions"]) == 1
        ana.register_subscription(told["details"]["would"])
        await until(lambda: ana.replica.get("inventory", "inv_1"))
        assert codes(asked(shop, ana)) == ["on_its_way"]

    async def test_its_subscription_is_refused(self, shop: Shop) -> None:
        ana = await shop.open("ana")
        ana.register_subscription("SELECT * FROM secrets")
        await ana.sign_in("ana", PASSWORD)
        ana.start()
        await shop.settled(ana)
        told = explained(shop.hub.replica, "secrets", "s", "ana")
        assert codes(told) == ["document_unknown"]
        shop.write(("secrets", {"_id": "s"}))
        told = explained(shop.hub.replica, "secrets", "s", "ana")
        assert codes(told) == ["permission", "subscription_refused", "not_asked"]

    async def test_a_subscription_was_cancelled(self, shop: Shop) -> None:
        ana = await shop.open("ana")
        shelves = ana.register_subscription("SELECT * FROM inventory")
        ana.register_subscription("SELECT * FROM products")
        await ana.sign_in("ana", PASSWORD)
        ana.start()
        await shop.settled(ana)
        shelves.cancel()
        await until(lambda: ana.replica.count("inventory") == 0)
        told = asked(shop, ana)
        assert codes(told) == ["scope_changed", "not_asked"]
        assert "'SELECT * FROM inventory' was cancelled" in told[0]["text"]

    async def test_the_day_of_a_window_has_passed(self, shop: Shop) -> None:
        shop.write(("inventory", shelf("inv_9", seen="2026-11-22T00:00:00Z")))
        ana = await shop.open("ana")
        ana.register_subscription("SELECT * FROM inventory WHERE seen >= clock()")
        await ana.sign_in("ana", PASSWORD)
        ana.start()
        await shop.settled(ana)
        assert codes(asked(shop, ana, "inv_9")) == ["on_its_way"]
        shop.clock.move(DAY_MS)
        told = asked(shop, ana, "inv_9")
        assert codes(told) == ["scope_changed", "not_asked"]
        assert "the day moved on" in told[0]["text"]

    async def test_the_rights_of_the_person_changed(self, shop: Shop) -> None:
        ana = await shop.join("ana")
        shop.hub.accounts.add(replace(ANA, store_id=BELLEVUE), PASSWORD)
        assert codes(asked(shop, ana)) == ["permission", "scope_changed"]

    async def test_the_account_is_closed(self, shop: Shop) -> None:
        ana = await shop.join("ana")
        shop.hub.accounts.set_disabled("ana", True)
        assert codes(asked(shop, ana)) == ["account_closed"]


class TestWhatBecameOfIt:
    async def test_it_was_deleted(self, shop: Shop) -> None:
        ana, cleo = await shop.join("ana"), await shop.join("cleo")
        with cleo.replica.transaction() as tx:
            tx.delete("inventory", "inv_1")
        await shop.settled(ana, cleo)
        told = asked(shop, ana)
        assert codes(told) == ["deleted", "on_its_way"]
        assert told[0]["text"].startswith("Cleo deleted it on Cleo's handheld at 2026-11-22")
        await heard(shop, ana)
        assert codes(asked(shop, ana)) == ["deleted"]

    async def test_it_was_marked_as_deleted(self, shop: Shop) -> None:
        ana, cleo = await shop.join("ana"), await shop.join("cleo")
        changed(cleo, deleted=True)
        await shop.settled(ana, cleo)
        told = asked(shop, ana)
        assert codes(told) == ["soft_deleted", "on_its_way"]
        assert told[0]["text"].startswith(
            "Cleo marked it as deleted on Cleo's handheld at 2026-11-22"
        )

    async def test_a_change_was_refused(self, shop: Shop) -> None:
        ana = await shop.join("ana")
        changed(ana, store_id=BELLEVUE)
        await until(lambda: ana.replica.quarantine())
        told = asked(shop, ana)
        assert codes(told)[0] == "refused"
        assert told[0]["details"]["error"] == "out_of_scope"
        assert told[0]["remedy"].startswith("Correct the store")

    async def test_a_change_made_later_was_taken(self, shop: Shop) -> None:
        ana = await shop.join("ana")
        changed(ana, store_id=BELLEVUE)
        await until(lambda: ana.replica.quarantine())
        changed(ana, notes="better")
        await shop.settled(ana)
        assert "refused" not in codes(asked(shop, ana))

    async def test_what_made_it_was_refused(self, shop: Shop) -> None:
        ana, ben = await shop.join("ana"), await shop.join("ben")
        with ana.replica.transaction() as tx:
            tx.insert("orders", {"_id": "order_1", "store_id": BELLEVUE})
        await until(lambda: ana.replica.quarantine())
        told = explained(shop.hub.replica, "orders", "order_1", ben.replica.id)
        assert codes(told) == ["document_unknown", "refused"]
        assert "of Ana's handheld" in told[1]["text"]

    async def test_it_would_be_too_large(self, shop: Shop) -> None:
        ana, ben = await shop.join("ana"), await shop.join("ben")
        ana.online = ben.online = False
        changed(ana, notes="a" * LONG)
        changed(ben, remark="b" * LONG)
        ana.online = True
        await shop.settled(ana)
        ben.online = True
        await until(lambda: ben.replica.quarantine())
        assert codes(asked(shop, ben))[0] == "too_large"

    async def test_the_clock_of_the_device_was_ahead(self, shop: Shop) -> None:
        ana = await shop.join("ana")
        ana.online = False
        shop.clocks["ana"].move(HOUR_MS)
        changed(ana, notes="from the future")
        ana.replica.sending.take()  # as when a peer has seen it, so that its stamp is final
        ana.online = True
        await until(lambda: ana.replica.quarantine())
        told = asked(shop, ana)
        assert codes(told)[0] == "clock_ahead"
        assert "60 minutes in the future" in told[0]["text"]


class TestHowFarTheDeviceIs:
    async def test_it_has_never_asked(self, shop: Shop) -> None:
        ana = await shop.open("ana")
        await ana.sign_in("ana", PASSWORD)
        assert codes(asked(shop, ana)) == ["never_read"]

    async def test_it_is_behind(self, shop: Shop) -> None:
        ana = await shop.join("ana")
        await heard(shop, ana)
        ana.online = False
        await until(lambda: not ana.status.reachable)
        seq = shop.hub.replica.identity.seq
        shop.write(("inventory", shelf("inv_9")))
        shop.clock.move(5 * MINUTE_MS)
        (told,) = asked(shop, ana, "inv_9")
        assert told["code"] == "device_behind"
        reading = told["details"]
        assert (reading["read"], reading["newest"], reading["behind"]) == (seq, seq + 1, 1)
        assert "last heard of at 2026-11-22 12:00:00 UTC" in told["text"]

    async def test_it_has_an_older_form(self, shop: Shop) -> None:
        ana = await shop.join("ana")
        await heard(shop, ana)
        ana.online = False
        await until(lambda: not ana.status.reachable)
        shop.write(("inventory", {"_id": "inv_1", "notes": "newer"}))
        assert codes(asked(shop, ana)) == ["older_form"]

    async def test_it_still_has_what_left_its_scope(self, shop: Shop) -> None:
        ana = await shop.join("ana")
        await heard(shop, ana)
        ana.online = False
        await until(lambda: not ana.status.reachable)
        shop.write(("inventory", {"_id": "inv_1", "store_id": BELLEVUE}))
        assert codes(asked(shop, ana)) == ["permission", "left_scope", "older_form"]

    async def test_it_is_in_its_first_download(self, shop: Shop) -> None:
        ana = await shop.open("ana")
        await ana.sign_in("ana", PASSWORD)
        shop.hub.readers.opened(ana.replica.id, 0, "", shop.clock.ms)
        assert codes(asked(shop, ana)) == ["device_loading"]


class TestWhatIsKept:
    async def test_a_hub_that_starts_again_knows_its_devices(self, shop: Shop) -> None:
        ana = await shop.join("ana")
        await ana.stop()
        await shop.stand.down()
        again = Readers(shop.hub.replica.parts.database)
        known = again.of(ana.replica.id)
        assert known is not None
        assert (known.read, known.sent) == (0, shop.hub.replica.identity.seq)

    def test_what_goes_out_is_written_now_and_then(self) -> None:
        replica, device = stocked(1), ReplicaId("d" * 32)
        readers = Readers(replica.parts.database)
        readers.opened(device, 0, "", NOON_MS)
        before = replica.parts.database.query("SELECT * FROM readers")
        for seq in range(1, 100):
            assert not readers.went_out(device, Position(seq, ""), NOON_MS + seq)
        assert replica.parts.database.query("SELECT * FROM readers") == before
        assert readers.of(device).sent == 99
        assert readers.went_out(device, Position(100, ""), NOON_MS + SENT_KEEP_MS)
        readers.keep(device)
        assert replica.parts.database.query("SELECT sent FROM readers") == [(100,)]
