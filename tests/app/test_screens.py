"""The screens, drawn on a fake page and pressed: one way through each of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import flet as ft
import pytest

from app.state.finder import Finder
from sync.errors import DatabaseCorrupt
from sync.local import Quarantined
from tests.app.conftest import DRILL, SHELF, App
from tests.helpers.flet_device import NOW_MS

Open = Callable[..., Any]


async def signed_in(app_on: Open, who: str = "ana", **page: Any) -> App:
    app: App = await app_on(**page)
    await app.client.tap(f"demo-{who}")
    await app.client.until(lambda: bool(app.client.find("sync-pill")))
    await app.client.settle()
    return app


async def on_product(app_on: Open, **page: Any) -> App:
    app = await signed_in(app_on, **page)
    await app.client.type("find", "drill", submit=False)
    await app.client.tap("hit-PWR-DRILL-001")
    await app.client.until(lambda: bool(app.client.find("do-count")))
    return app


async def test_sign_in_names_no_account_outside_the_demo(app_on: Open) -> None:
    app = await app_on(demo=False)
    assert not app.client.find("demo-ana")
    assert app.client.find("sign-in")


async def test_a_wrong_password_is_told_in_the_form(app_on: Open) -> None:
    app = await app_on()
    await app.client.type("login", "ana")
    await app.client.type("password", "wrong")
    await app.client.tap("sign-in")
    await app.client.until(lambda: bool(app.client.find("sign-in-trouble")))
    assert "Login or password is wrong." in app.client.says("sign-in-trouble")


async def test_find_shows_the_place_on_the_row(app_on: Open) -> None:
    app = await signed_in(app_on)
    assert app.client.page.route == "/find"
    await app.client.type("find", "drill")
    await app.client.until(lambda: bool(app.client.find("hit-PWR-DRILL-001")))
    said = app.client.says("hit-PWR-DRILL-001")
    assert "A3 · B · 12" in said
    assert "41" in said
    assert "counted 2 d ago" in said


async def test_find_says_when_nothing_matches(app_on: Open) -> None:
    app = await signed_in(app_on)
    await app.client.type("find", "zzzz")
    await app.client.until(lambda: "Nothing found" in app.client.texts())


async def test_a_scan_opens_the_product_and_leaves_the_field_empty(app_on: Open) -> None:
    app = await signed_in(app_on)
    await app.client.type("find", "2000000000015", submit=True)
    await app.client.until(lambda: app.client.page.route == f"/product/{DRILL}")
    assert app.state.workspace.keep(Finder).text == ""


async def test_a_wide_window_has_list_and_product_side_by_side(app_on: Open) -> None:
    app = await on_product(app_on, width=1440, height=900)
    assert app.client.page.route == "/find"
    assert app.client.find("hit-PWR-DRILL-001")
    assert app.client.says("location") == "A3 · B · 12"


async def test_count_on_the_keypad_then_undo(app_on: Open) -> None:
    app = await on_product(app_on)
    await app.client.tap("do-count")
    for key in "35":
        await app.client.tap(f"key-{key}")
    assert "(−2)" in app.client.says("was-now")
    await app.client.tap("save-count")
    await app.client.until(lambda: app.client.says("stock") == "35")
    assert "was 37, now 35 (−2)" in app.client.says("notice")
    await app.client.tap("notice-undo")
    await app.client.until(lambda: app.client.says("stock") == "37")


async def test_adjust_with_a_reason(app_on: Open) -> None:
    app = await on_product(app_on)
    await app.client.tap("do-adjust")
    await app.client.tap("adjust-less")
    await app.client.tap("adjust-less")
    await app.client.tap("reason-damaged")
    await app.client.tap("save-adjust")
    await app.client.until(lambda: app.client.says("stock") == "35")
    assert "Damaged: −2." in app.client.says("notice")


async def test_move_by_scanning_a_label_into_any_field(app_on: Open) -> None:
    app = await on_product(app_on)
    await app.client.tap("do-move")
    await app.client.until(lambda: bool(app.client.find("move-bin")))
    await app.client.type("move-bin", "SEA-12-C-4")
    assert app.client.says("move-to") == "A12 · C · 4"
    await app.client.tap("save-move")
    await app.client.until(lambda: app.client.says("location") == "A12 · C · 4")


async def test_a_note_is_written(app_on: Open) -> None:
    app = await on_product(app_on)
    await app.client.tap("do-note")
    await app.client.until(lambda: bool(app.client.find("note-text")))
    await app.client.type("note-text", "top shelf is full")
    await app.client.tap("save-note")
    await app.client.until(lambda: app.client.says("note") == "top shelf is full")


async def test_what_others_write_appears_by_itself(app_on: Open) -> None:
    app = await on_product(app_on)
    with app.device.replica.transaction(author="user_ben") as tx:
        tx.increment("inventory", SHELF, ("stock_level",), -5)
    await app.client.until(lambda: app.client.says("stock") == "32")


async def test_the_pill_follows_the_device_and_opens_the_sheet(app_on: Open) -> None:
    app = await signed_in(app_on)
    app.device.become(state="offline", waiting=3)
    await app.client.until(lambda: "Offline · 3 waiting" in app.client.says("sync-pill"))
    await app.client.tap("sync-pill")
    await app.client.until(lambda: bool(app.client.find("sync-sentence")))
    assert "3 changes saved here." in app.client.says("sync-sentence")
    await app.client.tap("sign-out")
    await app.client.until(lambda: bool(app.client.find("sign-out-blocked")))


async def test_a_refused_change_is_told_with_its_remedy_sent_again_or_given_up(
    app_on: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = await signed_in(app_on)
    held = Quarantined(
        n=7,
        code="permission_denied",
        message="A worker may not write this.",
        remedy="Ask a manager for access, or discard the change.",
        at_ms=NOW_MS - 60_000,
        changes=[("inventory", SHELF, {"notes": "broken box", "last_updated": "x"})],
    )
    given_up: list[int] = []
    sent: list[tuple[int, str]] = []

    def resend(n: int, author: str) -> bool:
        sent.append((n, author))
        return True

    monkeypatch.setattr(app.device.replica, "resend", resend)
    monkeypatch.setattr(app.device.replica, "quarantine", lambda: [held])
    monkeypatch.setattr(app.device.replica, "discard", given_up.append)
    app.device.become(state="needs_you", quarantined=1)
    await app.client.tap("sync-pill")
    await app.client.until(lambda: bool(app.client.find("refused-7")))
    said = app.client.says("refused-7")
    assert "20V Cordless Drill · Note: broken box" in said
    assert "Ask a manager" in said
    await app.client.tap("resend-7")
    assert sent == [(7, "user_ana")]
    await app.client.tap("discard-7")
    assert given_up == []
    await app.client.tap("sure-7")
    assert given_up == [7]


async def test_signing_out_leads_back_to_the_form(app_on: Open) -> None:
    app = await signed_in(app_on)
    await app.client.tap("sync-pill")
    await app.client.tap("sign-out")
    await app.client.until(lambda: bool(app.client.find("sign-in")))
    assert app.device.profile is None


async def test_a_failing_handler_is_a_notice_and_the_app_goes_on(
    app_on: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = await on_product(app_on)

    def broken(*_given: object) -> None:
        raise RuntimeError("no such luck")

    monkeypatch.setattr("app.state.stock_writes.count", broken)
    await app.client.tap("do-count")
    await app.client.tap("key-5")
    await app.client.tap("save-count")
    await app.client.until(lambda: bool(app.client.find("notice")))
    assert "Something went wrong" in app.client.says("notice")
    assert app.client.crashes == []


async def test_what_cannot_be_drawn_is_fenced_off(
    app_on: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = await signed_in(app_on)

    def broken(*_given: object) -> None:
        raise RuntimeError("no such luck")

    monkeypatch.setattr("app.views.worker.product.hero", broken)
    await app.client.type("find", "2000000000015", submit=True)
    await app.client.until(lambda: bool(app.client.find("not-drawn")))
    monkeypatch.undo()
    app.state.go("/find")
    await app.client.until(lambda: bool(app.client.find("find")))
    assert app.client.crashes == []


async def test_an_unknown_address_offers_the_way_home(app_on: Open) -> None:
    app = await signed_in(app_on)
    app.state.go("/nowhere")
    await app.client.until(lambda: "There is no such page" in app.client.texts())
    await app.client.tap("go-home")
    await app.client.until(lambda: bool(app.client.find("find")))


async def test_everything_one_can_press_is_large_enough(app_on: Open) -> None:
    app = await on_product(app_on)
    sized = [each for each in app.client.all(ft.IconButton) if each.height is not None]
    assert sized
    assert all((each.height or 0) >= 48 and (each.width or 0) >= 48 for each in sized)
    unnamed = [each for each in app.client.all(ft.IconButton) if not each.tooltip]
    assert unnamed == []


async def test_a_damaged_device_file_is_put_aside_from_the_sign_in(
    app_on: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    app: App = await app_on()

    async def broken(path: Path) -> None:
        raise DatabaseCorrupt(f"{path.name}: a bad page.")

    opener = app.devices._opener
    monkeypatch.setattr(app.devices, "_opener", broken)
    await app.client.tap("demo-ana")
    await app.client.until(lambda: bool(app.client.find("start-afresh")))
    assert "not gone out yet are only in the kept file" in app.client.says("sign-in-trouble")
    monkeypatch.setattr(app.devices, "_opener", opener)
    await app.client.tap("start-afresh")
    await app.client.until(lambda: "is kept as" in app.client.says("sign-in-trouble"))
    assert not app.client.find("start-afresh")
    await app.client.tap("demo-ana")
    await app.client.until(lambda: bool(app.client.find("find")))
