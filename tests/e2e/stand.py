"""A small demo for browser tests: a hub in one process, the app in another, generated data.

python -m tests.e2e.stand DATA_DIR HUB_URL PORT      serves the app alone
"""

from __future__ import annotations

import asyncio
import socket
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from app.config import AppConfig
from app.main import run
from datagen.generate import generate
from datagen.load import load_hub
from datagen.people import DEMO_ACCOUNTS
from datagen.presets import Preset
from sync.hub import Hub
from sync.system import SystemClock, SystemEntropy
from tests.helpers.hub_process import ROOT, hub_process

SMALL = Preset("small", customers=60, orders=150, recent_share=0.3)
AS_OF = "2026-11-20T12:00:00Z"
SEATTLE_STAFF = 3
STARTS_MAX = 600
START_SECONDS = 0.1


def make_data(folder: Path) -> Path:
    """A hub's file with the small data set and the three demo accounts of Seattle."""
    path = folder / "hub.sqlite3"
    hub = Hub.open(path, clock=SystemClock(), entropy=SystemEntropy())
    try:
        load_hub(hub, generate(SMALL, seed=7, as_of=AS_OF), DEMO_ACCOUNTS[:SEATTLE_STAFF])
    finally:
        hub.close()
    return path


@asynccontextmanager
async def demo(folder: Path) -> AsyncIterator[str]:
    """The address of the app, with its hub running behind it."""
    with hub_process(make_data(folder)) as (_, hub_url):
        port = _free_port()
        arguments = [sys.executable, "-m", "tests.e2e.stand", str(folder), hub_url, str(port)]
        with (folder / "app.log").open("w") as log:
            app = await asyncio.create_subprocess_exec(*arguments, cwd=ROOT, stdout=log, stderr=log)
            try:
                url = f"http://127.0.0.1:{port}"
                await _answers(url, app, folder / "app.log")
                yield url
            except BaseException:
                print(said(folder / "app.log"))
                raise
            finally:
                app.terminate()
                await app.wait()
    assert "Traceback" not in said(folder / "app.log"), said(folder / "app.log")


async def _answers(url: str, app: Process, log: Path) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        for _ in range(STARTS_MAX):
            assert app.returncode is None, said(log)
            try:
                await client.get(url)
            except httpx.TransportError:
                await asyncio.sleep(START_SECONDS)
            else:
                return
    raise AssertionError(f"the app does not answer: {said(log)}")


def said(log: Path) -> str:
    """What the app logged so far."""
    return log.read_text()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    run(
        AppConfig(
            Path(sys.argv[1]),
            hub_url=sys.argv[2],
            port=int(sys.argv[3]),
            demo=True,
            view="server",
        )
    )
