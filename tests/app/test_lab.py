"""The lab without a page: links, edits, the verdict, the scenario, and a hub that is not there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.config import DemoAccount
from app.domain.errors import DomainError
from app.state.lab import LabState
from app.state.lab_bench import A, B, Bench, bench_in
from app.state.wake import LoopWake
from sync.system import SystemClock
from tests.app.lab_shop import lab_documents
from tests.helpers.clocks import SeededEntropy
from tests.helpers.hub_process import PASSWORD
from tests.helpers.two_devices import Shop, open_shop, until

ACCOUNTS = tuple(DemoAccount(login, PASSWORD, login, "") for login in ("ana", "ben"))


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with open_shop(tmp_path, up=False) as shop:
        shop.write(*lab_documents())
        yield shop


def lab_of(shop: Shop, folder: Path) -> LabState:
    bench = Bench(folder / "lab", shop.stand.url, ACCOUNTS, shop.clock, SeededEntropy(3))
    wake = LoopWake(asyncio.get_running_loop())
    return LabState(bench, shop.clock, wake, step_seconds=0)


@pytest.fixture
async def lab(shop: Shop, tmp_path: Path) -> AsyncIterator[LabState]:
    await shop.stand.up()
    lab = lab_of(shop, tmp_path)
    await lab.enter()
    assert lab.trouble is None
    await until(lambda: lab.agreement.state == "converged" and lab.cast)
    yield lab
    await lab.leave()


def shelves(lab: LabState) -> list[tuple[int, str, bool]]:
    found = [pane.shelf for pane in lab.panes]
    return [(each.stock, each.note, each.removed) for each in found if each]


async def agreed(lab: LabState) -> None:
    await until(lambda: lab.agreement.state == "converged" and len(set(shelves(lab))) == 1)


async def test_two_devices_of_one_store_show_the_same(lab: LabState) -> None:
    names = [(pane.person, pane.role, pane.device_name) for pane in lab.panes]
    assert names == [("Ana", "worker", "Ana’s handheld"), ("Ben", "rep", "Ben’s tablet")]
    assert shelves(lab) == [(40, "", False)] * 2
    assert lab.agreement.documents > 10


async def test_apart_they_differ_and_healed_they_agree(lab: LabState, shop: Shop) -> None:
    lab.cut_all()
    lab.count(A, 37)
    lab.write_note(A, " ana ")
    shop.clock.move(1_000)
    lab.sell_one(B)
    lab.write_note(B, "ben")
    assert shelves(lab) == [(37, "ana", False), (39, "ben", False)]
    assert lab.agreement.state == "apart"
    await until(lambda: lab.agreement.difference is not None)
    lab.heal_all()
    await agreed(lab)
    assert shelves(lab) == [(36, "ben", False)] * 2
    note = next(each for each in lab.history if each.field == "Note")
    assert (note.lost.value, note.lost.who, note.lost.device) == (
        "ana",
        "Ana Morales",
        "Ana’s handheld",
    )
    await until(lambda: all(each.on_both for each in lab.history))
    assert [pane.order and pane.order.items_here for pane in lab.panes] == [1, 1]


async def test_a_removed_place_can_be_put_back(lab: LabState) -> None:
    lab.remove(A, True)
    await until(lambda: all(removed for _, _, removed in shelves(lab)))
    lab.remove(B, False)
    await until(lambda: not any(removed for _, _, removed in shelves(lab)))


async def test_a_change_is_timed_on_its_way_to_the_other_device(lab: LabState) -> None:
    await until(lambda: all(pane.pill.tone == "ok" for pane in lab.panes))
    lab.move(A)
    await until(lambda: lab.latency_ms is not None)


async def test_a_console_follows_the_other_device_and_outlives_a_reset(lab: LabState) -> None:
    console = lab.consoles[A]
    console.draft.put("SELECT stock_level FROM inventory WHERE _id = 'inv_1'")
    await console.run()
    lab.consoles[B].draft.put(
        "UPDATE inventory SET stock_level = stock_level - 3 WHERE _id = 'inv_1'"
    )
    await lab.consoles[B].run()
    assert lab.log[-1].who == B
    await until(lambda: console.shown and console.shown.rows.rows[0].cells[0].strip() == "37")
    await lab.reset()
    assert not console.shown.live
    await console.run()
    assert console.shown.live


async def test_a_console_says_why_a_record_is_here(lab: LabState) -> None:
    console = lab.consoles[A]
    console.draft.put("EXPLAIN SYNC inventory 'inv_1'")
    await console.run()
    assert console.told is not None
    assert not console.told.code
    assert console.told.head
    assert console.told.remedy


async def test_the_scenario_is_played_and_told(lab: LabState) -> None:
    await lab.play()
    told = [line.text for line in lab.log if line.tone == "ok"]
    assert len(told) == 5, [line.text for line in lab.log]
    assert not [line for line in lab.log if line.tone == "bad"]
    assert lab.agreement.state == "converged"


async def test_reset_gives_two_new_devices(lab: LabState) -> None:
    before = [device.replica.id for device in lab.bench.devices.values()]
    lab.count(A, 17)
    await agreed(lab)
    await lab.reset()
    await until(lambda: lab.agreement.state == "converged" and len(lab.panes) == 2 and lab.cast)
    after = [device.replica.id for device in lab.bench.devices.values()]
    assert not set(before) & set(after)
    await until(lambda: shelves(lab) == [(17, "", False)] * 2)
    assert lab.phase == "ready"


async def test_without_a_hub_the_lab_says_so_and_goes_on_when_there_is_one(
    shop: Shop, tmp_path: Path
) -> None:
    await shop.stand.up()
    lab = lab_of(shop, tmp_path)
    await shop.stand.down()
    await lab.enter()
    assert lab.phase == "failed"
    assert lab.trouble is not None
    assert lab.trouble.code == "hub_unreachable"
    with pytest.raises(DomainError) as refused:
        lab.sell_one(A)
    assert refused.value.code == "lab_not_ready"
    await shop.stand.up()
    await lab.again()
    await until(lambda: lab.agreement.state == "converged" and lab.cast)
    await lab.leave()
    assert lab.bench.devices == {}


async def test_tabs_share_one_bench(tmp_path: Path) -> None:
    given = ("http://127.0.0.1:9", ACCOUNTS, SystemClock(), SeededEntropy(1))
    assert bench_in(tmp_path, *given) is bench_in(tmp_path, *given)
    assert bench_in(tmp_path / "other", *given) is not bench_in(tmp_path, *given)


async def test_an_account_the_hub_lacks_is_named(shop: Shop, tmp_path: Path) -> None:
    await shop.stand.up()
    lab = lab_of(shop, tmp_path)
    lab.bench.accounts = ACCOUNTS[1:]
    await lab.enter()
    assert lab.trouble is not None
    assert lab.trouble.code == "lab_account_missing"
    await lab.leave()
