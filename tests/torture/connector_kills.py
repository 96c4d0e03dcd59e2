"""``kill -9`` of a hub with a connector in it, under load from both sides, and the reckoning.

    python -m tests.torture.connector_kills --rounds 30 --seed 1

A device sells, another program counts in MongoDB, and the process between them dies again and
again: while it starts, while it reads, between an intent and its write, wherever it happens to be.
In the end every sale and every count of others is there once, on both sides.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pymongo import AsyncMongoClient

from app.cli.data_dir import open_directory
from sync.device import Device
from sync.system import SystemClock, SystemEntropy
from tests.helpers.hub_process import PASSWORD, ROOT, open_hub
from tests.helpers.mongo_server import mongo_server, named_server
from tests.helpers.two_devices import ANA
from tests.torture.kills import free_port

SHELVES = 12
STOCK_AT_FIRST = 10_000
LOOK_SECONDS = 0.01
LOOKS_MAX = 12_000
PAUSE_SECONDS = 0.03
WRITES_A_ROUND_MAX = 80
LOOKS_AT_STATUS_MAX = 60
DATABASE = "zava_kills"
CONFIG = f"""
mongodb: {{database: {DATABASE}}}
collections:
  - {{name: inventory, counters: {{stock_level: last_counted}}}}
  - {{name: orders, id_mapping: {{mode: single_field, field: order_id}}}}
settings: {{batch_size: 5}}
"""
Mongo = AsyncMongoClient[dict[str, Any]]


@dataclass
class Report:
    """The figures of one run."""

    seed: int
    kills: int = 0
    while_starting: int = 0
    sold: Counter[str] = field(default_factory=Counter)
    counted: Counter[str] = field(default_factory=Counter)
    orders: set[str] = field(default_factory=set)
    notes: dict[str, str] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    audit: dict[str, Any] = field(default_factory=dict)
    status: dict[str, Any] = field(default_factory=dict)

    @property
    def is_clean(self) -> bool:
        return not self.wrong and bool(self.audit.get("clean"))

    def __str__(self) -> str:
        writes = f"sold {self.sold.total()} in {len(self.orders)} orders"
        told = {name: value for name, value in self.audit.items() if name != "told"}
        lines = [
            f"kills {self.kills} ({self.while_starting} while it started)  seed {self.seed}",
            f"{writes}, counted by others {self.counted.total()}, noted {len(self.notes)}",
            f"wrong {len(self.wrong)}  audit {json.dumps(told)}",
            f"status {json.dumps({k: self.status.get(k) for k in ('state', 'dead_letters')})}",
            *self.wrong[:20],
            *map(str, self.audit.get("told", [])[:20]),
        ]
        return "\n".join(lines)


class HubProcess:
    """`zava hub` with a connector, as an operator runs it."""

    def __init__(self, folder: Path, uri: str) -> None:
        self._folder = folder
        self._uri = uri
        self.port = free_port()
        self._process: asyncio.subprocess.Process | None = None
        self._log = (folder / "hub.log").open("ab")

    async def start(self) -> None:
        command = ["--data-dir", str(self._folder / "data"), "--port", str(self.port)]
        command += ["--connector", str(self._folder / "connector.yaml"), "--json"]
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", "import sys; from app.cli import main; sys.exit(main())"),
            *("hub", "--mongodb", self._uri, *command),
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
            stderr=self._log,
        )

    async def ready(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        line = await self._process.stdout.readline()
        assert b"ready" in line, f"the hub does not start: {line!r}"

    async def end(self, number: signal.Signals) -> int:
        assert self._process is not None
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._process.pid, number)
        code = await self._process.wait()
        await self._process.communicate()
        return code

    async def ask(self, *order: str) -> dict[str, Any]:
        """`zava connector …`, from a process of its own."""
        asking = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", "import sys; from app.cli import main; sys.exit(main())"),
            *("connector", *order, "--json", "--data-dir", str(self._folder / "data")),
            *("--config", str(self._folder / "connector.yaml")),
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
            stderr=self._log,
        )
        said, _ = await asking.communicate()
        found: dict[str, Any] = json.loads(said.splitlines()[-1])
        return found

    def close(self) -> None:
        self._log.close()


class Campaign:
    """One run over one MongoDB."""

    def __init__(self, folder: Path, uri: str, seed: int) -> None:
        self._folder = folder
        self._uri = uri
        self._random = random.Random(seed)
        self.report = Report(seed)
        self._hub = HubProcess(folder, uri)
        self._writes = 0
        self._over = False
        self._working: list[asyncio.Task[None]] = []

    async def run(self, rounds: int) -> Report:
        (self._folder / "connector.yaml").write_text(CONFIG, encoding="utf-8")
        with closing(open_hub(open_directory(self._folder / "data").hub, (ANA,), SystemClock())):
            pass
        async with Mongo(self._uri) as mongo, self._writers(mongo) as device:
            for _ in range(rounds):
                await self._one_round()
            await self._heal(mongo, device)
        self._hub.close()
        return self.report

    @asynccontextmanager
    async def _writers(self, mongo: Mongo) -> AsyncIterator[Device]:
        await mongo.drop_database(DATABASE)
        database = mongo[DATABASE]
        await database["orders"].create_index([("order_id", 1)], unique=True)
        await database["inventory"].insert_many([_shelf(n) for n in range(SHELVES)])
        url = f"http://127.0.0.1:{self._hub.port}"
        entropy = SystemEntropy()
        device = await Device.open(
            self._folder / "ana.db", url, name="ana", clock=SystemClock(), entropy=entropy
        )
        await self._hub.start()
        await self._hub.ready()
        await device.sign_in("ana", PASSWORD)
        device.start()
        await _until(lambda: device.replica.count("inventory") == SHELVES)
        self._working = [
            asyncio.create_task(self._sell(device)),
            asyncio.create_task(self._count(mongo)),
        ]
        try:
            yield device
        finally:
            await self._stop_writing()
            await device.close()
            await self._hub.end(signal.SIGTERM)

    async def _stop_writing(self) -> None:
        """Let both finish what they are at: what is written has to be in the ledger."""
        self._over = True
        await asyncio.gather(*self._working)

    async def _sell(self, device: Device) -> None:
        """Orders, each with what it takes off a shelf."""
        number = 0
        while not self._over:
            number += 1
            shelf, by = f"inv_{self._random.randrange(SHELVES)}", self._random.randint(1, 5)
            order = {"_id": f"order_{number}", "order_id": f"order_{number}", "shelf": shelf}
            with device.replica.transaction() as tx:
                tx.insert("orders", {**order, "store_id": ANA.store_id, "by": by})
                tx.increment("inventory", shelf, ("stock_level",), -by)
            self.report.orders.add(order["_id"])
            self.report.sold[shelf] += by
            self._writes += 1
            await asyncio.sleep(PAUSE_SECONDS)

    async def _count(self, mongo: Mongo) -> None:
        """Another program: movements, and notes on other fields of the same documents."""
        inventory = mongo[DATABASE]["inventory"]
        while not self._over:
            shelf, by = f"inv_{self._random.randrange(SHELVES)}", self._random.randint(1, 9)
            change: dict[str, Any] = {"$inc": {"stock_level": by}}
            if self._random.random() < 0.3:
                note = f"note {self._writes}"
                change["$set"] = {"erp_note": note}
                self.report.notes[shelf] = note
            await inventory.update_one({"_id": shelf}, change)
            self.report.counted[shelf] += by
            self._writes += 1
            await asyncio.sleep(PAUSE_SECONDS)

    async def _one_round(self) -> None:
        after = self._writes + self._random.randrange(WRITES_A_ROUND_MAX)
        await _until(lambda: self._writes >= after)
        await self._hub.end(signal.SIGKILL)
        self.report.kills += 1
        await self._hub.start()
        if self._random.random() < 0.2:
            soon = self._writes + self._random.randrange(WRITES_A_ROUND_MAX)
            await _until(lambda: self._writes >= soon)
            await self._hub.end(signal.SIGKILL)
            self.report.kills += 1
            self.report.while_starting += 1
            await self._hub.start()
        await self._hub.ready()

    async def _heal(self, mongo: Mongo, device: Device) -> None:
        """Nobody writes or dies any more: wait until all agree, then reckon."""
        await self._stop_writing()
        await _until(lambda: device.replica.outbox().waiting == device.replica.outbox().sent == 0)
        for _ in range(LOOKS_AT_STATUS_MAX):
            self.report.status = await self._hub.ask("status")
            is_idle = not self.report.status["due"] and not self.report.status["under_way"]
            if is_idle and self.report.status["state"] == "running":
                break
        self.report.audit = await self._hub.ask("audit")
        await self._reckon(mongo, device)

    async def _reckon(self, mongo: Mongo, device: Device) -> None:
        report = self.report
        wanted = {
            f"inv_{n}": STOCK_AT_FIRST - report.sold[f"inv_{n}"] + report.counted[f"inv_{n}"]
            for n in range(SHELVES)
        }
        there = {each["_id"]: each async for each in mongo[DATABASE]["inventory"].find({})}
        with contextlib.suppress(AssertionError):  # told below, shelf by shelf
            await _until(lambda: _levels(device) == wanted)
        for shelf, level in wanted.items():
            found, here = there[shelf]["stock_level"], _levels(device)[shelf]
            if found != level:
                report.wrong.append(f"MongoDB: {shelf} has {found}, not {level}")
            if here != level:
                report.wrong.append(f"device: {shelf} has {here}, not {level}")
            note = report.notes.get(shelf)
            if there[shelf].get("erp_note") != note:
                report.wrong.append(f"MongoDB: {shelf} lost the note {note}")
        orders = {each["order_id"] async for each in mongo[DATABASE]["orders"].find({})}
        report.wrong += [f"MongoDB lacks {order}" for order in report.orders - orders]
        report.wrong += [f"MongoDB has {order} too much" for order in orders - report.orders]


def _shelf(number: int) -> dict[str, Any]:
    shelf = {"_id": f"inv_{number}", "store_id": ANA.store_id, "product_id": f"prod_{number}"}
    return {**shelf, "stock_level": STOCK_AT_FIRST}


def _levels(device: Device) -> dict[str, Any]:
    return {str(e["_id"]): e.get("stock_level") for e in device.replica.find("inventory")}


async def _until(condition: Any) -> None:
    for _ in range(LOOKS_MAX):
        if condition():
            return
        await asyncio.sleep(LOOK_SECONDS)
    raise AssertionError("what the test waits for does not come")


async def campaign(folder: Path, rounds: int, seed: int) -> Report:
    """A run over the server that the environment names, or one of its own."""
    with contextlib.ExitStack() as held:
        named = named_server()
        uri = named or held.enter_context(mongo_server(folder / "mongo")).uri
        return await Campaign(folder, uri, seed).run(rounds)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.torture.connector_kills")
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="zava-kills-") as folder:
        report = asyncio.run(campaign(Path(folder), chosen.rounds, chosen.seed))
    print(report)
    return 0 if report.is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
