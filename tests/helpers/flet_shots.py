"""Takes pictures of every screen at three sizes, light and dark, to be looked at by a person.

python -m tests.helpers.flet_shots build/shots [phone|tablet|desktop ...]
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.conftest import find_chromium
from tests.helpers.flet_driver import Flet

SIZES = {"phone": (390, 844), "tablet": (1024, 768), "desktop": (1440, 900)}
ARGUMENTS = ["--no-sandbox", "--disable-gpu"]
SETTLE_MS = 500
START_TRIES = 200
Shoot = Callable[[str], None]


@contextmanager
def stage(status: str = "up_to_date") -> Iterator[str]:
    """The address of a stage process of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "tests.helpers.flet_stage", str(port), status]
    process = subprocess.Popen(command, stderr=subprocess.STDOUT)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def opened(page: Page, url: str) -> Flet:
    """The app, once the stage answers."""
    for _ in range(START_TRIES):
        try:
            page.request.get(url)
            break
        except Exception as error:
            if "ECONNREFUSED" not in str(error):
                raise
            page.wait_for_timeout(100)
    return Flet(page, url)


def tour(flet: Flet, shoot: Shoot) -> None:
    """Every screen of a worker."""
    flet.id("login").wait_for(state="attached")
    flet.page.wait_for_timeout(1_500)
    shoot("sign-in")
    flet.fill(flet.id("login"), "ana")
    flet.fill(flet.id("password"), "wrong")
    flet.tap("sign-in")
    flet.id("sign-in-trouble").wait_for(state="attached")
    shoot("sign-in-refused")
    flet.tap("demo-ana")
    flet.id("find").wait_for(state="attached")
    shoot("find-empty")
    flet.fill("find", "hammer")
    flet.id("hit-HND-HAMMER-003").wait_for(state="attached")
    shoot("find-results")
    flet.fill("find", "zzzz")
    shoot("find-none")
    flet.fill("find", "HND-HAMMER-003")
    shoot("find-exact")
    flet.tap("hit-HND-HAMMER-003")
    flet.id("do-count").wait_for(state="attached")
    shoot("product")
    for name in ("count", "adjust", "move", "note"):
        flet.tap(f"do-{name}")
        flet.id(f"{name}-sheet").wait_for(state="attached")
        if name == "count":
            flet.tap("key-3")
            flet.tap("key-5")
        if name == "adjust":
            flet.tap("adjust-less")
            flet.tap("reason-damaged")
        shoot(name)
        if name == "count":
            flet.tap("save-count")
            flet.id("notice").wait_for(state="attached")
            shoot("counted")
        else:
            flet.page.keyboard.press("Escape")
            flet.id(f"{name}-sheet").wait_for(state="detached")
    flet.tap("sync-pill")
    flet.id("sync-sheet").wait_for(state="attached")
    shoot("sync")


def walk(flet: Flet, shoot: Shoot) -> None:
    """The low-stock walk: the list, a count from its row, what is done."""
    flet.id("demo-ana").wait_for(state="attached")
    flet.tap("demo-ana")
    flet.id("low-stock-link").wait_for(state="attached")
    shoot("find-low")
    flet.tap("low-stock-link")
    flet.id("walk-progress").wait_for(state="attached")
    shoot("low-stock")
    for done in (1, 2):
        flet.tap(flet.page.locator('[flt-semantics-identifier^="tick-"]'))
        flet.expect("walk-progress", f"^{done} of")
    flet.page.wait_for_timeout(SETTLE_MS)
    flet.tap(flet.page.locator('[flt-semantics-identifier^="count-"]'))
    flet.id("count-sheet").wait_for(state="attached")
    flet.tap("key-4")
    flet.tap("save-count")
    flet.id("count-sheet").wait_for(state="detached")
    flet.tap("done")
    shoot("low-stock-done")


def troubled(flet: Flet, shoot: Shoot) -> None:
    """The sheet of a device with a refused change."""
    flet.id("demo-ana").wait_for(state="attached")
    flet.tap("demo-ana")
    flet.id("find").wait_for(state="attached")
    flet.tap("sync-pill")
    flet.id("sync-sheet").wait_for(state="attached")
    shoot("sync-refused")
    flet.tap(flet.page.locator('[flt-semantics-identifier^="edit-"]'))
    flet.id("field-cust_new-email").wait_for(state="attached")
    flet.fill("field-cust_new-email", "rose")
    flet.page.mouse.move(*(side / 2 for side in _size(flet.page)))
    flet.page.mouse.wheel(0, 3_000)
    flet.page.wait_for_timeout(SETTLE_MS)
    flet.tap(flet.page.locator('[flt-semantics-identifier^="send-"]'))
    shoot("sync-refused-edit")
    flet.page.mouse.wheel(0, -3_000)
    shoot("sync-refused-edit-top")


def _size(page: Page) -> tuple[int, int]:
    viewport = page.viewport_size
    assert viewport is not None
    return viewport["width"], viewport["height"]


def shoot_all(
    browser: Browser,
    url: str,
    folder: Path,
    sizes: list[str],
    way: Callable[[Flet, Shoot], None] = tour,
) -> None:
    """A way through the app at each size, light and dark."""
    for size in sizes:
        width, height = SIZES[size]
        for scheme in ("light", "dark"):
            context = browser.new_context(
                viewport={"width": width, "height": height}, color_scheme=scheme
            )
            page = context.new_page()
            prefix = f"{size}-{scheme}"

            def shoot(name: str, page: Page = page, prefix: str = prefix) -> None:
                page.wait_for_timeout(SETTLE_MS)
                page.screenshot(path=folder / f"{prefix}-{name}.png")

            way(opened(page, url), shoot)
            context.close()


def main() -> None:
    """Take the pictures into the folder named first."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    chromium = find_chromium(os.environ)
    assert chromium is not None, "needs Chromium"
    sizes = sys.argv[2:] or list(SIZES)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium), args=ARGUMENTS)
        with stage() as url:
            shoot_all(browser, url, folder, sizes)
            shoot_all(browser, url, folder, sizes, walk)
        with stage("needs_you") as url:
            shoot_all(browser, url, folder, sizes, troubled)
        browser.close()


if __name__ == "__main__":
    main()
