"""A first download from end to end: a hub as a process of its own, a real device, HTTP between.

Timed from ``start`` until the device says that it is up to date. The hub works in the meantime on
another core, so on a machine with none to spare the figure tells of the machine.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from benchmarks.measure import Figure, Pace, amount, duration
from benchmarks.merging.ours import NAME
from benchmarks.merging.scene import OWN_STORE, Scene
from sync.device import Device
from sync.device.status import SyncStatus
from sync.hub import Account, Hub
from sync.hub.accounts import quick_hasher
from sync.ids import UserId
from sync.local.replica import Replica
from sync.system import SystemClock, SystemEntropy

DOCUMENTS, LOAD_DOCUMENTS = 100_000, 2_000
PASSWORD = "drill-42"
CLEO = Account("cleo", UserId("user_cleo"), "manager", OWN_STORE, "SEA", "Cleo")
SECONDS_MAX = 600.0


def figures(pace: Pace) -> Iterator[Figure]:
    """Documents a second over HTTP, and what the device's process worked for one."""
    scene = Scene("W2", "", round(DOCUMENTS * pace.scale), whole=True)
    taken: list[tuple[float, float]] = []
    with tempfile.TemporaryDirectory(prefix="zava-download-") as name:
        folder = Path(name)
        _fill(folder / "hub.sqlite3", scene)
        with _hub(folder / "hub.sqlite3") as url:
            for number in range(pace.rounds):
                path = folder / f"device{number}.sqlite3"
                taken.append(asyncio.run(_download(path, url, scene.documents)))
    many, goal = f"W2 over HTTP: {scene.documents:,} documents", "goal ≥ 10,000"
    each = [scene.documents / wall for wall, _ in taken]
    yield amount(f"{many}, a second", each, goal, of="HTTP", who="ours")
    worked = [worked / scene.documents for _, worked in taken]
    yield duration(f"{many}: the device worked for one", worked, of="HTTP", who="ours")


def _fill(path: Path, scene: Scene) -> None:
    clock, entropy = SystemClock(), SystemEntropy()
    replica = Replica.open(path, clock=clock, entropy=entropy, kind="hub")
    with closing(Hub.start(replica, clock, entropy, quick_hasher())) as hub:
        hub.accounts.add(CLEO, PASSWORD)
        documents = [{"_id": doc_id, **fields} for doc_id, fields in scene.all_documents()]
        for start in range(0, len(documents), LOAD_DOCUMENTS):
            with hub.replica.transaction() as tx:
                tx.insert_new(NAME, documents[start : start + LOAD_DOCUMENTS])


@contextmanager
def _hub(path: Path) -> Iterator[str]:
    """Its address."""
    command = [sys.executable, "-m", "sync.serve", "--json", "--port", "0"]
    command += ["--until-stdin-closes", "--data", str(path)]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, text=True, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{json.loads(process.stdout.readline())['ready']['port']}"
        finally:
            process.kill()


async def _download(path: Path, url: str, documents: int) -> tuple[float, float]:
    """Seconds on the wall, and of this process's work."""
    clock, entropy, done = SystemClock(), SystemEntropy(), asyncio.Event()
    device = await Device.open(path, url, name="Bench", clock=clock, entropy=entropy)
    await device.sign_in(CLEO.login, PASSWORD)

    def look(status: SyncStatus) -> None:
        if status.state == "up_to_date":
            done.set()

    device.on_status(look)
    wall, worked = time.perf_counter(), time.process_time()
    device.start()
    async with asyncio.timeout(SECONDS_MAX):
        await done.wait()
    taken = time.perf_counter() - wall, time.process_time() - worked
    if device.replica.count(NAME) != documents:
        raise AssertionError(f"{device.replica.count(NAME)} documents came, not {documents}")
    await device.stop()
    await device.close()
    return taken
