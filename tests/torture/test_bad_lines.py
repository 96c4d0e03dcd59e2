"""A line that lies: whatever it does to the bytes, nothing merges wrong and nobody is needed."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from sync import backoff
from sync.device import Device, hub_link
from tests.helpers.replicas import shelf
from tests.helpers.tcp_proxy import FAULTS, Fault, TcpProxy
from tests.helpers.two_devices import PASSWORD, SEATTLE, Shop, differences, open_shop

LIE = 0.25
LOOKS_A_SALE = 5
FAULTS_MIN = 25
LOOK_SECONDS = 0.002
LOOKS_MAX = 10_000
DEVICES_AT_FIRST = 6
MORE_SEEDS = [pytest.param(seed, marks=pytest.mark.slow) for seed in range(10, 20)]


@asynccontextmanager
async def behind_a_proxy(
    folder: Path, seed: int, faults: tuple[Fault, ...] = FAULTS
) -> AsyncIterator[tuple[Shop, TcpProxy]]:
    """A shop of one clock; Ana behind the proxy, Ben on a good line, both up to date."""
    async with open_shop(folder, seed=seed) as shop:
        proxy = TcpProxy(shop.stand.port, seed, faults)
        await proxy.up()
        try:
            for login, url in (("ana", proxy.url), ("ben", shop.stand.url)):
                shop.clocks[login] = shop.clock
                device = await shop.open(login, url=url)
                await device.sign_in(login, PASSWORD)
                device.start()
            await until(lambda: all(in_step(shop, device) for device in shop.devices.values()))
            yield shop, proxy
        finally:
            await proxy.down()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A device gives a silent hub up after a second instead of half a minute, and tries again
    after milliseconds instead of up to a minute."""
    monkeypatch.setattr(hub_link, "_TIMEOUT", httpx.Timeout(1))
    monkeypatch.setattr(hub_link, "_STREAM_TIMEOUT", httpx.Timeout(1))
    monkeypatch.setattr(backoff, "BACKOFF_MS_MAX", 20)


async def until(condition: Callable[[], object]) -> None:
    """Look again and again until something holds."""
    for _ in range(LOOKS_MAX):
        if condition():
            return
        await asyncio.sleep(LOOK_SECONDS)
    raise AssertionError("what the test waits for does not come")


def in_step(shop: Shop, device: Device) -> bool:
    """Whether a device has read and sent everything, a first download included."""
    return device.status.state == "up_to_date" and shop.is_settled(device)


def sell(device: Device, number: int) -> None:
    """An order and a counted item, in one batch."""
    order = f"order_{device.name[:3].lower()}_{number}"
    with device.replica.transaction() as tx:
        tx.insert("orders", {"_id": order, "store_id": SEATTLE, "text": f"{number:040x}"})
        tx.increment("inventory", "inv_1", ("stock_level",), -1)
        tx.update("inventory", "inv_2", {"notes": order})


async def busy_under_faults(shop: Shop, proxy: TcpProxy) -> int:
    """Both sell, and hub and devices go on trying, until the proxy has lied often enough; how many
    sales each has made."""
    looks = 0

    def enough() -> bool:
        nonlocal looks
        looks += 1
        shop.clock.move(5)  # so that backing off comes to an end
        if looks % LOOKS_A_SALE == 0:
            for device in shop.devices.values():
                sell(device, looks // LOOKS_A_SALE)
        return sum(proxy.done[fault] for fault in FAULTS) >= FAULTS_MIN

    proxy.lie = LIE
    await until(enough)
    return looks // LOOKS_A_SALE


@pytest.mark.parametrize("seed", [1, 2, *MORE_SEEDS])
async def test_a_line_that_lies_costs_nothing_and_needs_nobody(tmp_path: Path, seed: int) -> None:
    async with behind_a_proxy(tmp_path, seed) as (shop, proxy):
        sales = await busy_under_faults(shop, proxy)
        await recovered(shop, proxy)
        assert_all_sold(shop, sales)


@pytest.mark.parametrize("fault", FAULTS)
async def test_each_kind_of_lie_alone(tmp_path: Path, fault: Fault) -> None:
    async with behind_a_proxy(tmp_path, 7, (fault,)) as (shop, proxy):
        sales = await busy_under_faults(shop, proxy)
        await recovered(shop, proxy)
        assert_all_sold(shop, sales)


async def recovered(shop: Shop, proxy: TcpProxy) -> None:
    """The line is good again; nobody touches anything, and all agree."""
    proxy.turn_honest()

    def settled() -> bool:
        shop.clock.move(5)
        return all(in_step(shop, device) for device in shop.devices.values())

    await until(settled)


def assert_all_sold(shop: Shop, sales: int) -> None:
    assert differences(shop) == []
    hub = shop.hub.replica
    orders = Counter(str(order["_id"])[:9] for order in hub.find("orders"))
    assert orders == {"order_ana": sales, "order_ben": sales}
    stock = hub.get("inventory", "inv_1")
    assert stock is not None
    assert stock["stock_level"] == shelf()["stock_level"] - 2 * sales
    for device in shop.devices.values():
        assert device.replica.quarantine() == []
        assert device.status.state == "up_to_date"
    assert len(hub.find("devices")) == DEVICES_AT_FIRST + len(shop.devices)


async def test_a_line_that_goes_dead_is_given_up(tmp_path: Path) -> None:
    """Nothing arrives and nothing is refused: silence alone must end the wait."""
    async with behind_a_proxy(tmp_path, 1, ("drop",)) as (shop, proxy):
        ana = shop.devices["ana"]
        proxy.lie = 1.0
        sell(ana, 1)
        await until(lambda: ana.status.error is not None and not ana.status.reachable)
        proxy.lie = 0.0

        def heard() -> bool:
            shop.clock.move(5)
            return ana.replica.outbox().waiting == 0

        await until(heard)
