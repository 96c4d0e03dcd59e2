"""A device and its person: signing in and out, and the work that must not get lost (S5)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sync.core.decode import decode
from sync.device import Device
from sync.errors import HubBusy, HubUnreachable, SignInRefused, UnsentWork
from sync.hub.identity import TOKEN_SECONDS_MAX
from tests.helpers.clocks import DAY_MS, HOUR_MS, NOON_MS
from tests.helpers.hub_process import PASSWORD
from tests.helpers.replicas import waiting_payloads
from tests.helpers.two_devices import Shop, differences, open_shop, until


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with open_shop(tmp_path) as shop:
        yield shop


def noted(device: Device, text: str, doc_id: str = "inv_1") -> None:
    with device.replica.transaction() as tx:
        tx.update("inventory", doc_id, {"notes": text})


def authors(device: Device) -> list[str]:
    return [decode(payload).user for payload in waiting_payloads(device.replica)]


class TestOpening:
    async def test_it_opens_without_a_network_and_without_a_person(self, shop: Shop) -> None:
        device = await shop.open("ana", url="http://127.0.0.1:9")
        assert device.profile is None
        assert (device.status.state, device.status.error) == ("offline", None)
        device.start()
        await device.stop()

    async def test_the_person_is_remembered(self, shop: Shop) -> None:
        device = await shop.join("ana")
        profile = device.profile
        await device.close()
        await shop.stand.down()
        again = await shop.open("ana")
        assert again.profile == profile
        assert again.replica.count("inventory") == 3
        noted(again, "offline, still Ana")
        assert authors(again) == ["user_ana"]

    async def test_a_fresh_person_gets_everything_they_may_read(self, shop: Shop) -> None:
        await shop.join("ana")
        await shop.join("ben")
        await shop.settled()  # Ana hears of Ben's device too
        assert differences(shop) == []


class TestSigningIn:
    async def test_it_tells_who_and_where(self, shop: Shop) -> None:
        device = await shop.open("ana")
        profile = await device.sign_in(" ANA", PASSWORD)
        assert device.profile == profile
        assert (profile.login, profile.role, profile.store_code) == ("ana", "worker", "SEA")
        assert profile.device_code == "A1"
        assert profile.expires_at_ms == NOON_MS + TOKEN_SECONDS_MAX * 1_000
        noted_by = device.replica.author
        assert noted_by == "user_ana"

    async def test_a_wrong_password_is_refused_and_nothing_changes(self, shop: Shop) -> None:
        device = await shop.join("ana")
        with pytest.raises(SignInRefused):
            await device.sign_in("ana", "guess")
        assert device.profile is not None
        assert device.status.state == "up_to_date"

    async def test_guessing_is_slowed_down(self, shop: Shop) -> None:
        device = await shop.open("ana")
        for _ in range(5):
            with pytest.raises(SignInRefused):
                await device.sign_in("ana", "guess")
        with pytest.raises(HubBusy):
            await device.sign_in("ana", PASSWORD)

    async def test_without_a_hub_it_is_named(self, shop: Shop) -> None:
        await shop.stand.down()
        device = await shop.open("ana")
        with pytest.raises(HubUnreachable):
            await device.sign_in("ana", PASSWORD)
        assert device.profile is None

    async def test_the_same_person_again_renews_the_token(self, shop: Shop) -> None:
        device = await shop.join("ana")
        shop.clock.move(HOUR_MS)
        noted(device, "unsent does not matter")
        profile = await device.sign_in("ana", PASSWORD)
        assert profile.expires_at_ms == NOON_MS + HOUR_MS + TOKEN_SECONDS_MAX * 1_000
        await shop.settled(device)

    @pytest.mark.parametrize(
        "off_ms", [-20 * 365 * DAY_MS, -2 * DAY_MS, 2 * DAY_MS, 30_000 * DAY_MS]
    )
    async def test_a_device_whose_clock_is_wrong_works_all_the_same(
        self, shop: Shop, off_ms: int
    ) -> None:
        """Tokens run out by the hub's clock, not by ours (C1)."""
        device = await shop.open("ana")
        shop.clocks["ana"].move(off_ms)
        await device.sign_in("ana", PASSWORD)
        device.start()
        await shop.settled(device)
        noted(device, "with a wrong clock")
        await shop.settled(device)
        assert differences(shop) == []
        assert shop.hub.replica.get("inventory", "inv_1")["notes"] == "with a wrong clock"  # type: ignore[index]


class TestExpiry:
    async def test_local_work_goes_on_and_is_sent_after_the_next_sign_in(self, shop: Shop) -> None:
        device = await shop.join("ana")
        device.online = False
        for clock in (shop.clock, shop.clocks["ana"]):
            clock.move(TOKEN_SECONDS_MAX * 1_000)
        noted(device, "the next morning")
        device.online = True
        await until(lambda: device.status.state == "needs_you")
        assert device.status.error is not None
        assert device.status.error.code == "token_expired"
        noted(device, "and at noon")
        assert device.status.waiting == 2 or device.replica.outbox().waiting == 2
        await device.sign_in("ana", PASSWORD)
        await shop.settled(device)
        assert device.status.error is None
        assert differences(shop) == []


class TestSigningOut:
    async def test_it_forgets_the_person_and_stops(self, shop: Shop) -> None:
        device = await shop.join("ana")
        await device.sign_out()
        assert device.profile is None
        await until(lambda: device.status.state == "offline")
        await device.close()
        assert (await shop.open("ana")).profile is None

    async def test_with_unsent_work_it_asks_first(self, shop: Shop) -> None:
        device = await shop.join("ana")
        device.online = False
        noted(device, "not sent yet")
        with pytest.raises(UnsentWork, match="1 change"):
            await device.sign_out()
        assert device.profile is not None
        device.online = True
        await shop.settled(device)
        await device.sign_out()

    async def test_forced_the_work_stays_and_goes_out_with_its_author(self, shop: Shop) -> None:
        device = await shop.join("ana")
        device.online = False
        noted(device, "left behind")
        await device.sign_out(force=True)
        await device.close()
        device = await shop.open("ana")
        assert device.replica.outbox().waiting == 1
        await device.sign_in("ana", PASSWORD)
        device.start()
        await shop.settled(device)
        assert shop.hub.replica.get("inventory", "inv_1")["notes"] == "left behind"  # type: ignore[index]
        assert differences(shop) == []


class TestSomebodyElse:
    async def test_takes_over_a_device_that_has_nothing_unsent(self, shop: Shop) -> None:
        device = await shop.join("ana")
        await device.sign_in("dara", PASSWORD)
        shop.devices["dara"] = shop.devices.pop("ana")
        await shop.settled(device)
        assert {shelf["store_id"] for shelf in device.replica.find("inventory")} == {
            "store_bellevue"
        }
        assert differences(shop) == []

    async def test_is_refused_while_work_of_the_one_before_waits(self, shop: Shop) -> None:
        device = await shop.join("ana")
        device.online = False
        noted(device, "Ana's")
        with pytest.raises(UnsentWork):
            await device.sign_in("ben", PASSWORD)
        assert device.profile is not None
        assert device.profile.login == "ana"

    async def test_and_the_refusal_does_not_lock_the_one_before_out(self, shop: Shop) -> None:
        """The hub must not have given the device to the other one already."""
        device = await shop.join("ana")
        device.online = False
        noted(device, "Ana's")
        with pytest.raises(UnsentWork):
            await device.sign_in("ben", PASSWORD)
        device.online = True
        await shop.settled(device)
        await until(lambda: device.status.state == "up_to_date")
        assert shop.hub.replica.get("inventory", "inv_1")["notes"] == "Ana's"  # type: ignore[index]

    async def test_is_refused_even_after_a_forced_sign_out(self, shop: Shop) -> None:
        """Under another name the hub would set the work aside as not theirs."""
        device = await shop.join("ana")
        device.online = False
        noted(device, "Ana's")
        await device.sign_out(force=True)
        with pytest.raises(UnsentWork):
            await device.sign_in("ben", PASSWORD)
        assert device.profile is None
        await device.sign_in("ana", PASSWORD)
        device.online = True
        await shop.settled(device)
        assert device.replica.quarantine() == []
        assert shop.hub.replica.get("inventory", "inv_1")["notes"] == "Ana's"  # type: ignore[index]


class TestHubGone:
    async def test_down_and_up_again_it_reads_on(self, shop: Shop) -> None:
        device = await shop.join("ana")
        await shop.stand.down()
        await until(lambda: device.status.state == "offline")
        noted(device, "while the hub was down")
        shop.write(("inventory", {"_id": "inv_2", "notes": "from the hub"}))
        await shop.stand.up()
        shop.clocks["ana"].move(2 * HOUR_MS)  # any pause is over
        device.sync_now()
        await shop.settled(device)
        assert differences(shop) == []
        await until(lambda: device.status.state == "up_to_date")

    async def test_closing_in_the_middle_of_things_is_clean(self, shop: Shop) -> None:
        device = await shop.join("ana")
        for number in range(20):
            noted(device, str(number))
        await device.close()
        again = await shop.open("ana")
        again.start()
        await shop.settled(again)
        assert differences(shop) == []
