"""``kill -9`` at random moments under load: what was reported saved is there, and nothing half."""

from __future__ import annotations

import random
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from sync.core.batch import digest_of
from sync.core.decode import decode
from tests.helpers.clocks import SteppingClock
from tests.helpers.replicas import fingerprint, open_replica

ROOT = Path(__file__).resolve().parents[2]
KILLS = 10
LINES_MAX = 60

WRITER = """
import itertools, sys
from tests.helpers.clocks import SteppingClock
from tests.helpers.replicas import open_replica

path, start = sys.argv[1], int(sys.argv[2])
replica = open_replica(path, clock=SteppingClock(ms=1_795_348_800_000 + start * 1_000_000))
for number in itertools.count(start):
    with replica.transaction(author="user_ana") as tx:
        tx.insert("orders", {"_id": f"order_{number:06}", "lines": 3})
        for line in range(3):
            tx.insert("order_items", {"_id": f"item_{number:06}_{line}", "order": number})
        if number == 0:
            tx.insert("inventory", {"_id": "inv_1", "stock_level": 1_000_000})
        else:
            tx.increment("inventory", "inv_1", ("stock_level",), -3)
        text = "x" * (number % 300 * 10)
        tx.upsert("customers", {"_id": "cust_1", "last_order": number, "text": text})
    print(number, flush=True)
    if number % 5 == 4:
        replica.sending.take()
        print(f"offered {number}", flush=True)
"""


def killed_after(path: Path, start: int, lines: int) -> tuple[int, int]:
    """Run a writer and kill it; the last order it reported as saved, the last as offered."""
    command = [sys.executable, "-c", WRITER, str(path), str(start)]
    saved, offered = start - 1, -1
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for _ in range(lines):
            said = process.stdout.readline().split()
            saved, offered = (saved, int(said[1])) if len(said) == 2 else (int(said[0]), offered)
        process.kill()
        for line in process.stdout:  # said between the last line we read and the kill
            said = line.split()
            if len(said) == 1 and line.endswith("\n"):
                saved = int(said[0])
    return saved, offered


@pytest.mark.skipif(sys.platform == "win32", reason="signals as on POSIX")
def test_killed_again_and_again_it_keeps_what_it_reported(tmp_path: Path) -> None:
    path, chance, start = tmp_path / "some.db", random.Random(20261121), 0
    for _ in range(KILLS):
        saved, offered = killed_after(path, start, chance.randint(1, LINES_MAX))
        with closing(open_replica(path, clock=SteppingClock())) as replica:
            orders = [document["_id"] for document in replica.find("orders")]
            assert orders == [f"order_{number:06}" for number in range(len(orders))]
            assert len(orders) - 1 in (saved, saved + 1)  # the last may have been saved unsaid
            assert replica.count("order_items") == 3 * len(orders)
            shelf = replica.get("inventory", "inv_1")
            assert shelf is not None
            assert shelf["stock_level"] == 1_000_000 - 3 * (len(orders) - 1)
            customer = replica.get("customers", "cust_1")
            assert customer is not None
            assert customer["last_order"] == len(orders) - 1
            entries = replica.parts.log.with_status(("pending", "offered"))
            assert [entry.n for entry in entries] == [*range(1, len(orders) + 1)]
            chain = ["", *(digest_of(entry.payload) for entry in entries)]
            assert [decode(entry.payload).prev for entry in entries] == chain[:-1]
            assert all(entry.status == "offered" for entry in entries[: offered + 1])
            assert replica.parts.database.query("PRAGMA integrity_check") == [("ok",)]
            start = len(orders)


@pytest.mark.skipif(sys.platform == "win32", reason="signals as on POSIX")
def test_killed_it_left_nothing_that_reopening_changes(tmp_path: Path) -> None:
    path = tmp_path / "some.db"
    killed_after(path, 0, 20)
    with closing(open_replica(path)) as replica:
        before = fingerprint(replica)
    with closing(open_replica(path)) as replica:
        assert fingerprint(replica) == before
