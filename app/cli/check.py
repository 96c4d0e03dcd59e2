"""`zava demo --check`: the demo without a person. The same parts, the scenario, one JSON verdict.

Runs the demo itself as a child (hub process, web app, demo data, free ports), opens the worker's
and the rep's device on disk, plays the scenario over real sockets and stops the demo with a signal,
as a person would. Then the hub's file is opened too, and all three must hold the same.
"""

from __future__ import annotations

import asyncio
import http
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.cli import output
from app.cli.data_dir import DataDir
from app.comparison import WHOLE
from app.domain.collections import INVENTORY
from app.scenario import Cast, Counted, Sold, choose_cast, rep_offline, worker_offline
from app.scenario_verdict import Arrivals, Verdict, verify
from datagen.people import DEMO_PASSWORD
from sync.device import Device
from sync.errors import HubFailed
from sync.local import Replica
from sync.system import SystemClock, SystemEntropy

if TYPE_CHECKING:
    from collections.abc import Iterator

STEP_SECONDS_MAX = 30.0
"""For any one thing to happen; on a healthy machine the slowest takes two seconds."""
WORKER, REP = "ana", "ben"
LIVE_ROUNDS = 31
_POLL_SECONDS = 0.005


@dataclass(frozen=True, slots=True)
class Pair:
    """The two devices."""

    worker: Device
    rep: Device

    def both(self, test: Callable[[Device], bool]) -> bool:
        return test(self.worker) and test(self.rep)


def run() -> int:
    """Run the check; exit code 0 only if everything holds."""
    started = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="zava-check-") as folder:
        root = Path(folder)
        with _demo(root / "demo") as ready:
            output.aside.print(f"The demo is up at {ready['url']}; playing the scenario.")
            page_ok = _answers(ready["url"])
            played = asyncio.run(_play(ready["hub_url"], root))
        verdict = _judge(root, played)
    facts: dict[str, Any] = {
        **verdict.to_json(),
        **{"app_ok": page_ok, "order_in_one_commit": played.order_in_one_commit},
        **{"ops": played.counts, "conflicts": played.conflicts},
        **{"live_ms_p50": played.live_ms_p50, "live_ms_max": played.live_ms_max},
        **{"first_download_seconds": played.first_download_seconds},
        "seconds": round(time.perf_counter() - started, 2),
    }
    facts["ok"] = verdict.ok and page_ok and played.order_in_one_commit
    output.say_json(**facts)
    return output.EXIT_OK if facts["ok"] else output.EXIT_FAILED


def _answers(url: str) -> bool:
    """Whether the app's first page comes."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with direct.open(url, timeout=STEP_SECONDS_MAX) as page:
        return bool(page.status == http.HTTPStatus.OK)


@dataclass(frozen=True, slots=True)
class Played:
    """What the devices did, and figures from the run."""

    cast: Cast
    counted: Counted
    sold: Sold
    order_in_one_commit: bool
    counts: dict[str, dict[str, int]]
    conflicts: int
    live_ms_p50: float
    live_ms_max: float
    first_download_seconds: float


async def _play(hub_url: str, root: Path) -> Played:
    """The scenario on two devices, and the latency of single live changes."""
    started = time.perf_counter()
    worker = await _device(hub_url, root, WORKER)
    pair = Pair(worker, await _device(hub_url, root, REP))
    await _until("the first download", lambda: pair.both(_in_step))
    loaded = time.perf_counter() - started
    cast = choose_cast(pair.rep.replica)
    live_ms = await _live_latency(pair, cast)
    arrivals = Arrivals(pair.worker.replica)
    pair.worker.online = pair.rep.online = False
    await _until("both to be offline", lambda: pair.both(lambda d: d.status.state == "offline"))
    at = datetime.now(UTC)
    counted = worker_offline(pair.worker.replica, cast, at)
    sold = rep_offline(pair.rep.replica, cast, at)
    pair.rep.online = True
    await _until("the rep to be in step", lambda: _in_step(pair.rep))
    pair.worker.online = True
    await _until("both to be in step", lambda: _agreed(pair))
    devices = {"worker": pair.worker, "rep": pair.rep}
    played = Played(
        cast=cast,
        counted=counted,
        sold=sold,
        order_in_one_commit=arrivals.together(sold.order_id),
        counts={name: _counts(device) for name, device in devices.items()},
        conflicts=pair.worker.replica.history.count(),
        live_ms_p50=round(statistics.median(live_ms), 1),
        live_ms_max=round(max(live_ms), 1),
        first_download_seconds=round(loaded, 2),
    )
    for device in devices.values():
        await device.close()
    return played


async def _device(hub_url: str, root: Path, login: str) -> Device:
    path = _path(root, login)
    clock, entropy = SystemClock(), SystemEntropy()
    device = await Device.open(path, hub_url, name=login.title(), clock=clock, entropy=entropy)
    for statement in WHOLE:
        device.register_subscription(statement)
    await device.sign_in(login, DEMO_PASSWORD)
    device.start()
    return device


async def _live_latency(pair: Pair, cast: Cast) -> list[float]:
    """Milliseconds from a commit on the worker's device to the live query on the rep's."""
    taken: list[float] = []
    loop = asyncio.get_running_loop()
    woken = asyncio.Event()
    live = pair.rep.replica.live(INVENTORY)
    live.on_wake(lambda: _set(loop, woken))
    for round_number in range(LIVE_ROUNDS):
        await _until("both to be in step", lambda: pair.both(_in_step))
        live.refresh()
        woken.clear()
        started = time.perf_counter()
        by = 1 if round_number % 2 else -1
        with pair.worker.replica.transaction() as tx:
            tx.increment(INVENTORY, cast.inventory_id, ("stock_level",), by)
        await asyncio.wait_for(woken.wait(), STEP_SECONDS_MAX)
        taken.append((time.perf_counter() - started) * 1_000)
    live.close()
    return taken


def _set(loop: asyncio.AbstractEventLoop, event: asyncio.Event) -> None:
    loop.call_soon_threadsafe(event.set)


def _in_step(device: Device) -> bool:
    return device.status.state == "up_to_date"


def _agreed(pair: Pair) -> bool:
    """Both settled, and as far in the hub's log as each other."""
    cursors = {device.replica.identity.cursor for device in (pair.worker, pair.rep)}
    return pair.both(_in_step) and len(cursors) == 1


def _counts(device: Device) -> dict[str, int]:
    status = device.status
    return {
        **{"pushed": status.pushed, "pulled": status.pulled},
        **{"merged": status.merged, "conflicts": status.conflicts},
    }


async def _until(what: str, test: Callable[[], bool]) -> None:
    """Wait until ``test`` holds; ``HubFailed`` says what did not happen."""
    never = asyncio.Event()
    try:
        async with asyncio.timeout(STEP_SECONDS_MAX):
            while not test():
                with suppress(TimeoutError):
                    await asyncio.wait_for(never.wait(), _POLL_SECONDS)
    except TimeoutError as error:
        message = f"Waited {STEP_SECONDS_MAX:.0f} seconds in vain for {what}."
        raise HubFailed(message) from error


def _judge(root: Path, played: Played) -> Verdict:
    """The verdict over the files the devices and the hub have left behind."""
    clock, entropy = SystemClock(), SystemEntropy()
    hub = DataDir(root / "demo").hub
    paths = {"worker": _path(root, WORKER), "rep": _path(root, REP), "hub": hub}
    with ExitStack() as opened:
        replicas = {
            name: opened.enter_context(
                closing(Replica.open(path, clock=clock, entropy=entropy, kind="device"))
            )
            for name, path in paths.items()
        }
        return verify(replicas, played.cast, played.counted, played.sold)


def _path(root: Path, login: str) -> Path:
    return root / f"{login}.sqlite3"


@contextmanager
def _demo(data_dir: Path) -> Iterator[dict[str, Any]]:
    """The demo as a child process; stopped by Ctrl-C's signal, and it has to end well."""
    command = [sys.executable, "-c", "from app.cli import main; main()"]
    command += ["demo", "--no-open", "--json"]
    command += ["--port", "0", "--data-dir", str(data_dir)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env=os.environ.copy())
    assert process.stdout is not None
    try:
        answer = json.loads(process.stdout.readline() or b"{}")
        if "ready" not in answer:
            raise HubFailed(f"The demo did not start: {answer.get('error', 'it said nothing')}.")
        yield answer["ready"]
        process.send_signal(signal.SIGINT)
        if process.wait(STEP_SECONDS_MAX) != 0:
            raise HubFailed(f"The demo ended with exit code {process.returncode}.")
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
