"""The console drawn on a fake page: typed into, run with the keyboard, and followed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import flet as ft
import pytest

from app.config import AppConfig
from app.scenario import Cast
from app.state.app_state import AppState
from app.state.lab_console import Console
from app.state.lab_examples import examples
from app.state.layout import Layout
from app.state.notices import Notices
from app.state.wake import LoopWake
from app.views.lab.console import ConsoleView
from sync.local import Replica
from tests.app.lab_shop import STORE, lab_documents
from tests.helpers.flet_device import StillClock, replica_with
from tests.helpers.flet_harness import Client, start

STOCK = "SELECT _id, stock_level FROM inventory WHERE product_id = :p"
CAST = Cast(STORE, "prod_1", "inv_1", ("prod_2", "prod_3"), "inv_2", "cust_sam")


@dataclass
class Key:
    """What a page tells of a key."""

    key: str
    ctrl: bool = False
    alt: bool = False
    meta: bool = False


@dataclass
class Opened:
    """A console on a page."""

    client: Client
    app: AppState
    console: Console
    replica: Replica

    @property
    def field(self) -> ft.TextField:
        return cast(ft.TextField, self.client.find("lab-a-dql")[-1].content)

    async def press(self, key: Key) -> None:
        assert self.app.on_key is not None, "the field has the focus"
        answer = self.app.on_key(key)
        if answer is not None:
            await cast(Any, answer)
        await self.client.settle()


@pytest.fixture
async def opened(tmp_path: Path) -> AsyncIterator[Opened]:
    replica = replica_with(lab_documents(), StillClock())
    made: list[tuple[AppState, Console]] = []

    def main(page: ft.Page) -> None:
        wake = LoopWake(asyncio.get_running_loop())
        config, layout = AppConfig(tmp_path), Layout(wide=True)
        app = AppState(config, cast(Any, None), Notices(wake), layout, lambda _path: None)
        console = Console(lambda: replica, wake, lambda _text: None)
        made.append((app, console))
        page.render(ConsoleView, app, "a", console, console.draft, examples(CAST), layout)

    client = await start(main)
    (app, console), *_ = made
    yield Opened(client, app, console, replica)
    assert not client.crashes
    console.close()
    replica.close()


async def test_it_begins_with_statements_to_choose_from(opened: Opened) -> None:
    assert "Nothing was asked yet." in opened.client.says("lab-a-dql-empty-answer")
    await opened.client.tap("lab-a-dql-example-0")
    assert ":product" in str(opened.field.value)
    assert opened.client.find("lab-a-dql-value-product")
    await opened.client.tap("lab-a-dql-run")
    await opened.client.until(lambda: "1 row" in opened.client.says("lab-a-dql-count"))


async def test_control_enter_runs_and_what_changes_is_marked(opened: Opened) -> None:
    client = opened.client
    await client.fire(opened.field, "focus")
    await client.type("lab-a-dql", STOCK)
    await client.type("lab-a-dql-value-p", "prod_1")
    await opened.press(Key("Enter", ctrl=True))
    await client.until(lambda: bool(client.find("lab-a-dql-live")))
    with opened.replica.transaction() as tx:
        tx.increment("inventory", "inv_1", ("stock_level",), -3)
    await client.until(lambda: "1 changed" in client.says("lab-a-dql-count"))
    (line,) = [each for each in client.all(ft.Text) if str(each.value).startswith("~")]
    marked = [span.text for span in line.spans or [] if span.style]
    assert marked == ["37"]


async def test_the_up_key_brings_earlier_statements_back(opened: Opened) -> None:
    client = opened.client
    await client.fire(opened.field, "focus")
    for text in ("SELECT 1 AS one FROM stores", "SELECT 2 AS two\nFROM stores"):
        await client.type("lab-a-dql", text)
        await opened.press(Key("Enter", meta=True))
    await client.type("lab-a-dql", "")
    seen = []
    for name in ("Arrow Up", "Arrow Up", "Arrow Down"):
        await opened.press(Key(name))
        seen.append(str(opened.field.value)[:8])
    assert seen == ["SELECT 2", "SELECT 1", "SELECT 2"]


async def test_in_a_text_of_several_lines_the_up_key_belongs_to_the_caret(opened: Opened) -> None:
    await opened.client.fire(opened.field, "focus")
    await opened.client.type("lab-a-dql", "SELECT 1 AS one FROM stores")
    await opened.press(Key("Enter", ctrl=True))
    await opened.client.type("lab-a-dql", "SELECT 2\nFROM")
    await opened.press(Key("Arrow Up"))
    assert opened.field.value == "SELECT 2\nFROM"
    await opened.press(Key("Arrow Up", ctrl=True))
    assert opened.field.value == "SELECT 1 AS one FROM stores"


async def test_without_the_focus_keys_are_not_the_consoles(opened: Opened) -> None:
    await opened.client.fire(opened.field, "focus")
    await opened.client.fire(opened.field, "blur")
    assert opened.app.on_key is None


async def test_a_word_is_completed_at_a_tap(opened: Opened) -> None:
    await opened.client.type("lab-a-dql", "SELECT * FROM inv")
    await opened.client.tap("lab-a-dql-offer-0")
    assert opened.field.value == "SELECT * FROM inventory "


async def test_a_wrong_statement_shows_the_place(opened: Opened) -> None:
    await opened.client.type("lab-a-dql", "SELECT _id FRM inventory")
    await opened.client.tap("lab-a-dql-run")
    await opened.client.until(lambda: bool(opened.client.find("lab-a-dql-marked")))
    assert "^^^" in opened.client.says("lab-a-dql-marked")
    assert "did you mean FROM" in opened.client.says("lab-a-dql-told")


async def test_a_plan_is_drawn_and_its_advice_can_be_taken(opened: Opened) -> None:
    await opened.client.type("lab-a-dql", "EXPLAIN SELECT _id FROM inventory WHERE notes = 'x'")
    await opened.client.tap("lab-a-dql-run")
    await opened.client.until(lambda: bool(opened.client.find("lab-a-dql-plan")))
    await opened.client.tap("lab-a-dql-advice-0")
    assert str(opened.field.value).startswith("CREATE INDEX")


async def test_an_answer_is_copied_and_put_away(opened: Opened) -> None:
    await opened.client.type("lab-a-dql", "SELECT _id FROM inventory")
    await opened.client.tap("lab-a-dql-run")
    await opened.client.tap("lab-a-dql-copy")
    notice = opened.app.notices.current
    assert notice and notice.message == "5 rows on the clipboard, as JSON."
    await opened.client.tap("lab-a-dql-clear")
    await opened.client.until(lambda: bool(opened.client.find("lab-a-dql-empty-answer")))
    opened.app.notices.dismiss()
