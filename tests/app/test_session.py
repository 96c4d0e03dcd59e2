"""Signing in and out, and the devices tabs share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from app.state.devices import Devices, device_file
from app.state.session import AFRESH, NEEDS_HUB_ONCE, Session
from app.state.stock_writes import count
from sync.errors import (
    DatabaseCorrupt,
    DatabaseForeign,
    DatabaseLocked,
    HubUnreachable,
    UnsentWork,
)
from tests.app.conftest import DOCUMENTS, SHELF
from tests.helpers.flet_device import (
    PASSWORD,
    CountingEntropy,
    KeptInMemory,
    StandInDevice,
    StillClock,
    replica_with,
)


class Shop:
    """Devices on stand-ins, one a file, and browsers that use them."""

    def __init__(self, folder: Path, wake: Any) -> None:
        self.folder, self.wake = folder, wake
        self.clock, self.entropy = StillClock(), CountingEntropy()
        self.opened: dict[Path, StandInDevice] = {}
        self.damaged: dict[Path, Exception] = {}
        self.devices = Devices(self.open_device)

    async def open_device(self, path: Path) -> Any:
        if path in self.damaged:
            raise self.damaged[path]
        kept = self.opened.get(path)
        device = StandInDevice(replica_with(DOCUMENTS, self.clock))
        device.profile = kept.profile if kept else None
        self.opened[path] = device
        return device

    def tab(self, browser: KeptInMemory) -> Session:
        return Session(self.folder, self.devices, browser, self.clock, self.entropy, self.wake)


@pytest.fixture
def shop(tmp_path: Path, wake: Any) -> Shop:
    return Shop(tmp_path, wake)


async def signed_in(shop: Shop, browser: KeptInMemory, login: str = "ana") -> Session:
    tab = shop.tab(browser)
    await tab.start()
    await tab.sign_in(login, PASSWORD)
    return tab


async def test_a_new_browser_starts_signed_out_and_lands_on_the_roles_home(shop: Shop) -> None:
    tab = shop.tab(KeptInMemory())
    await tab.start()
    assert (tab.phase, tab.workspace, tab.home) == ("signed_out", None, "/")
    await tab.sign_in("ana", PASSWORD)
    assert (tab.phase, tab.home) == ("signed_in", "/find")
    assert (await signed_in(shop, KeptInMemory(), "ben")).home == "/customers"


async def test_a_wrong_password_is_told_and_the_file_is_let_go(shop: Shop) -> None:
    tab = shop.tab(KeptInMemory())
    await tab.start()
    await tab.sign_in("ana", "wrong")
    assert tab.trouble is not None
    assert (tab.trouble.code, tab.phase, tab.busy) == ("sign_in_refused", "signed_out", False)
    assert all(device.closed for device in shop.opened.values())


@pytest.mark.parametrize(("login", "password"), [("", PASSWORD), ("ana", ""), ("  ", PASSWORD)])
async def test_an_empty_form_asks_for_both(shop: Shop, login: str, password: str) -> None:
    tab = shop.tab(KeptInMemory())
    await tab.start()
    await tab.sign_in(login, password)
    assert tab.trouble is not None
    assert tab.trouble.code == "sign_in_incomplete"


async def test_a_reload_goes_straight_to_work(shop: Shop) -> None:
    browser = KeptInMemory()
    first = await signed_in(shop, browser)
    await first.leave()
    again = shop.tab(browser)
    await again.start()
    assert (again.phase, again.home) == ("signed_in", "/find")


async def test_tabs_of_one_browser_share_the_device_and_the_last_one_closes_it(shop: Shop) -> None:
    browser = KeptInMemory()
    first, second = await signed_in(shop, browser), await signed_in(shop, browser)
    assert first.workspace is not None
    assert second.workspace is not None
    assert first.workspace.device is second.workspace.device
    await first.leave()
    assert second.workspace.replica.get("inventory", SHELF) is not None
    device: Any = second.workspace.device
    await second.leave()
    assert device.closed


async def test_two_browsers_are_two_devices(shop: Shop) -> None:
    await signed_in(shop, KeptInMemory())
    await signed_in(shop, KeptInMemory())
    assert len(shop.opened) == 2


async def test_a_write_in_one_tab_shows_in_the_other(shop: Shop) -> None:
    browser = KeptInMemory()
    first, second = await signed_in(shop, browser), await signed_in(shop, browser)
    assert first.workspace is not None
    assert second.workspace is not None
    rows = second.workspace.observe("SELECT * FROM inventory", lambda: None)
    count(first.workspace, SHELF, 12)
    assert {row["stock_level"] for row in rows.rows if row["_id"] == SHELF} == {12}
    rows.close()


async def test_signing_out_with_unsent_work_is_refused(shop: Shop) -> None:
    tab = await signed_in(shop, KeptInMemory())
    assert tab.workspace is not None
    device: Any = tab.workspace.device
    device.become(waiting=2, state="offline")
    with pytest.raises(UnsentWork):
        await tab.sign_out()
    refused = await tab.try_sign_out()
    assert refused is not None
    assert (refused.code, tab.phase) == ("unsent_work", "signed_in")
    assert refused.message == "2 changes on this device have not gone out yet."
    device.become(waiting=0)
    assert await tab.try_sign_out() is None
    assert (tab.phase, tab.workspace) == ("signed_out", None)


async def test_the_first_sign_in_without_the_hub_says_what_it_needs(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unreachable(_device: StandInDevice, _login: str, _password: str) -> None:
        raise HubUnreachable("The hub cannot be reached.")

    monkeypatch.setattr(StandInDevice, "sign_in", unreachable)
    tab = shop.tab(KeptInMemory())
    await tab.start()
    await tab.sign_in("ana", PASSWORD)
    assert tab.trouble is not None
    assert (tab.trouble.code, tab.trouble.remedy) == ("hub_unreachable", NEEDS_HUB_ONCE)


def test_a_login_cannot_leave_its_folder(tmp_path: Path) -> None:
    for login in ("../../etc/passwd", "a/b", "..", "C:\\x"):
        file = device_file(tmp_path, "browser", login)
        assert file.parent.parent == tmp_path / "devices"
    assert device_file(tmp_path, "b", " Ana ") == device_file(tmp_path, "b", "ana")


async def test_leaving_ends_every_live_query_of_the_tab_and_no_others(shop: Shop) -> None:
    browser = KeptInMemory()
    first, second = await signed_in(shop, browser), await signed_in(shop, browser)
    assert first.workspace is not None
    assert second.workspace is not None
    told: list[str] = []
    gone = first.workspace.observe("SELECT * FROM inventory", lambda: told.append("first"))
    stays = second.workspace.observe("SELECT * FROM inventory", lambda: told.append("second"))
    await first.leave()
    count(second.workspace, SHELF, 12)
    assert told == ["second"]
    gone.close()
    stays.close()


@pytest.mark.parametrize("error", [DatabaseCorrupt, DatabaseForeign])
async def test_a_damaged_file_is_kept_aside_and_a_new_one_begins(
    shop: Shop, error: type[Exception]
) -> None:
    browser = KeptInMemory()
    tab = await signed_in(shop, browser)
    (file,) = shop.opened
    await tab.leave()
    file.write_bytes(b"what is left of it")
    file.with_name(file.name + "-wal").write_bytes(b"and its log")
    shop.damaged[file] = error(f"{file}: a bad page.")
    again = shop.tab(browser)
    await again.start()
    assert (again.phase, again.damaged) == ("signed_out", file)
    await again.sign_in("ana", PASSWORD)
    assert again.trouble is not None
    assert again.trouble.remedy == AFRESH
    shop.damaged.clear()
    await again.start_afresh()
    assert again.damaged is None
    kept = sorted(each.name for each in file.parent.iterdir())
    stamp = shop.clock.ms // 1_000
    assert kept == [f"ana.damaged-{stamp}.sqlite3", f"ana.damaged-{stamp}.sqlite3-wal"]
    assert (file.parent / kept[0]).read_bytes() == b"what is left of it"
    assert again.trouble.message == f"The damaged file is kept as {kept[0]}."
    await again.sign_in("ana", PASSWORD)
    assert (again.phase, again.trouble) == ("signed_in", None)


async def test_a_file_that_others_have_open_is_never_put_aside(shop: Shop) -> None:
    browser = KeptInMemory()
    await signed_in(shop, browser)
    (file,) = shop.opened
    file.write_bytes(b"in use")
    await shop.devices.set_aside(file, "damaged-1")
    assert file.read_bytes() == b"in use"
    shop.damaged[file] = DatabaseLocked(f"{file} is open elsewhere.")
    other = shop.tab(KeptInMemory())
    await other.start()
    await other.start_afresh()
    assert (other.damaged, other.trouble) == (None, None)
