"""The main promise, tapped through the lab: two devices apart, both editing, then the same."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

import pytest

from tests.e2e.browser import Tab, browser, tab
from tests.e2e.stand import demo

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

TALL = (1440, 2400)
SALES_TIMED = 7


async def test_two_devices_apart_both_editing_then_the_same(
    chromium: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with (
        demo(tmp_path) as url,
        browser(chromium) as opened,
        tab(opened, f"{url}/lab", *TALL) as lab,
    ):
        await lab.expect("lab-verdict", "^Converged$")
        latencies = [await sell(lab) for _ in range(SALES_TIMED)]
        with capsys.disabled():
            print(
                f"\non-screen latency, tap on A to figure on B:"
                f" median {statistics.median(latencies):.0f} ms, most {max(latencies):.0f} ms;"
                f" as the lab measures it: {await lab.text('lab-latency')}"
            )
        await a_count_a_sale_and_one_note_twice(lab, first="a")
        await a_removal_and_an_edit(lab, first="b")
        await the_scenario_at_one_tap(lab)


async def a_count_a_sale_and_one_note_twice(lab: Tab, first: str) -> None:
    await cut(lab)
    await lab.tap("lab-a-count")
    for key in "37":
        await lab.tap(f"lab-key-{key}")
    await lab.expect("lab-save-count", "37")
    await lab.tap("lab-save-count")
    await lab.expect("lab-a-stock", "37")
    before = await lab.text("lab-a-location")
    await lab.tap("lab-a-move")
    moved = await lab.expect("lab-a-location", lambda said: said != before)
    await write_note(lab, "a", "Ana was here")
    sold_from = int(await stock(lab, "b"))
    await lab.tap("lab-b-sell")
    await lab.expect("lab-b-stock", str(sold_from - 1))
    order = await lab.text("lab-b-order")
    await write_note(lab, "b", "Ben was here")
    await lab.expect("lab-verdict", "^Apart for now$")
    await lab.expect("lab-difference", "inventory")

    await heal(lab, first)
    for key in ("a", "b"):
        await lab.expect(f"lab-{key}-stock", "36")  # the sale came after the count
        await lab.expect(f"lab-{key}-location", lambda said: said == moved)
        await lab.expect(f"lab-{key}-note", "Ben was here")
        await lab.expect(f"lab-{key}-order", lambda said: said == order)
    lost = await lab.expect("lab-conflict-0", "Ana was here")
    for wanted in ("Ana Morales", "Ana’s handheld", "Ben Carter", "Ben’s tablet", "UTC"):
        assert wanted in lost, (wanted, lost)


async def a_removal_and_an_edit(lab: Tab, first: str) -> None:
    await cut(lab)
    await lab.tap("lab-a-remove")
    await lab.there("lab-a-removed")
    await write_note(lab, "b", "Still wanted")
    await heal(lab, first)
    await lab.there("lab-b-removed")
    await lab.expect("lab-a-note", "Still wanted")
    await lab.expect("lab-conflict-0", "Still wanted")


async def the_scenario_at_one_tap(lab: Tab) -> None:
    await lab.tap("lab-play")
    await lab.expect("lab-log-14", "Removed meets edited")
    said = [await lab.text(f"lab-log-{at}") for at in range(10, 15)]
    assert not any("Not so" in line for line in said), said
    await lab.expect("lab-verdict", "^Converged$")


async def sell(lab: Tab) -> float:
    """Sell one on A; milliseconds until B shows it."""
    wanted = str(int(await stock(lab, "b")) - 1)
    started = time.perf_counter()
    await lab.tap("lab-a-sell")
    await lab.expect("lab-b-stock", lambda said: wanted in said.split())
    return (time.perf_counter() - started) * 1_000


async def stock(lab: Tab, key: str) -> str:
    said = await lab.expect(f"lab-{key}-stock", r"\d")
    return next(word.replace("−", "-") for word in said.split() if word.lstrip("-−").isdigit())


async def write_note(lab: Tab, key: str, note: str) -> None:
    await lab.tap(f"lab-{key}-edit-note")
    await lab.fill("lab-note-text", note)
    await lab.tap("lab-save-note")
    await lab.expect(f"lab-{key}-note", note)


async def cut(lab: Tab) -> None:
    await lab.tap("lab-cut-all")
    for key in ("a", "b"):
        await lab.expect(f"lab-{key}-pill", "Offline")


async def heal(lab: Tab, first: str) -> None:
    """One link after the other."""
    for key in (first, "b" if first == "a" else "a"):
        await lab.tap(f"lab-{key}-switch")
        await lab.expect(f"lab-{key}-pill", "Up to date")
    await lab.expect("lab-verdict", "^Converged$")
