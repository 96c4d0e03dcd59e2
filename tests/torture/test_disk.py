"""A replica whose disk fills up or turns read-only, and processes that race for one file."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from contextlib import closing
from pathlib import Path

import pytest

from tests.helpers.hub_process import ROOT
from tests.helpers.replicas import open_replica

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="limits and rights as on POSIX")

SHOP = """
    import os, resource, sys
    from pathlib import Path
    from sync.errors import DatabaseUnwritable
    from tests.helpers.replicas import PaperHub, fingerprint, open_replica, shelf
    path = Path(sys.argv[1])
    sold = 0
    def sell(replica):
        global sold
        with replica.transaction() as tx:
            tx.insert("orders", {"_id": f"order_{sold:04}", "text": "x" * 2_000})
            tx.increment("inventory", "inv_1", ("stock_level",), -1)
        sold += 1
    def until_full(replica):
        while True:
            before = fingerprint(replica)
            try:
                sell(replica)
            except DatabaseUnwritable:
                assert fingerprint(replica) == before, "half a transaction was left"
                return
    replica = open_replica(path)
    with replica.transaction() as tx:
        tx.insert("inventory", shelf())
"""

FULL = """
    def limit(size):
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    for size in (1_000_000, 2_000_000, 3_500_000):
        limit(size)
        until_full(replica)
        for merge in (lambda: replica.receive([PaperHub().hello()]), replica.sending.take):
            try:
                merge()
            except DatabaseUnwritable:
                pass
        assert replica.get("inventory", "inv_1")["stock_level"] == 40 - sold
        limit(resource.RLIM_INFINITY)
        for _ in range(3):
            sell(replica)
    replica.check()
    print(sold)
    os._exit(9)
"""

HEARD = """
    import os, resource, sys
    from contextlib import closing
    from pathlib import Path
    from sync.errors import DatabaseUnwritable
    from sync.local import journal
    from tests.helpers.heard import Heard
    def limit(size):
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    def levels(replica):
        return sorted(each["stock_level"] for each in replica.find("inventory"))
    journal.JOURNAL_BYTES = 20_000
    heard = Heard(Path(sys.argv[1]))
    replica = heard.replica
    heard.hears(2)
    limit(heard.folder.joinpath("device.db-wal").stat().st_size)
    heard.hears(5)  # the journal has its room
    assert heard.waiting == 6
    for _ in range(2):
        assert levels(replica) == [102, 103, 104]
        assert replica.count("inventory") == 3
        try:
            replica.set_note("x", 1)
            raise AssertionError("the disk is not full")
        except DatabaseUnwritable:
            assert heard.waiting == 6
    part = heard.part(stock_level=7)
    try:
        replica.receive([part])  # somebody has looked: it would be written at once
        raise AssertionError("the disk is not full")
    except DatabaseUnwritable:
        assert levels(replica) == [102, 103, 104]
    with closing(heard.killed()) as again:  # opens as it was before
        assert again.identity.cursor == replica.identity.cursor - 6
    limit(resource.RLIM_INFINITY)
    replica.set_note("x", 2)
    assert heard.waiting == 0
    assert levels(replica) == [102, 103, 104]
    replica.receive([part])
    assert levels(replica) == [7, 102, 104]
    replica.check()
    os._exit(9)
"""

READ_ONLY = """
    if os.geteuid() == 0:
        for each in (path.parent, *path.parent.iterdir()):
            os.chown(each, 65534, 65534)
        replica.close()
        os.setgroups([]); os.setgid(65534); os.setuid(65534)
        replica = open_replica(path)
    sell(replica)
    wal = path.with_name(path.name + "-wal")
    for each in (wal, path, path.parent):
        each.chmod(0o500 if each.is_dir() else 0o400)
    sell(replica)  # the files are open: rights are asked when a file is opened
    replica.close()
    try:
        open_replica(path)
        print("opened")
    except DatabaseUnwritable as error:
        pass
    for each in (path.parent, path, wal):
        if each.exists():
            each.chmod(0o700 if each.is_dir() else 0o600)
    replica = open_replica(path)
    sell(replica)
    replica.check()
    print(sold)
    os._exit(9)
"""


def told(code: str, *arguments: object, before: str = SHOP) -> str:
    """What a process running the shop and then this code has said when it dies."""
    text = textwrap.dedent(before) + textwrap.dedent(code)
    command = [sys.executable, "-c", text, *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 9, done.stderr
    return done.stdout.strip()


def assert_sold(path: Path, sold: int) -> None:
    with closing(open_replica(path)) as replica:
        assert replica.count("orders") == sold
        stock = replica.get("inventory", "inv_1")
        assert stock is not None
        assert stock["stock_level"] == 40 - sold
        replica.check()


def test_a_disk_that_fills_up_again_and_again_costs_nothing(tmp_path: Path) -> None:
    path = tmp_path / "some.db"
    sold = int(told(FULL, path))
    assert sold > 20
    assert_sold(path, sold)


def test_a_full_disk_keeps_nobody_from_what_was_received(tmp_path: Path) -> None:
    told(HEARD, tmp_path, before="")


def test_a_folder_that_turns_read_only_is_named_and_heals(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    if os.geteuid() == 0:
        for each in (tmp_path, *tmp_path.parents):
            if not each.stat().st_mode & 0o001:
                each.chmod(each.stat().st_mode | 0o001)
    assert_sold(folder / "some.db", int(told(READ_ONLY, folder / "some.db")))


@pytest.mark.slow
def test_a_small_disk_that_fills_up_costs_nothing(tmp_path: Path) -> None:
    """A file system of its own, where that may be mounted."""
    mounted = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(tmp_path)]
    if os.geteuid() != 0 or subprocess.run(mounted, capture_output=True).returncode != 0:
        pytest.skip("only who may mount can make a small disk")
    try:
        code = """
            stones = [path.with_name(f"stone{number}") for number in range(4)]
            for stone in stones:
                stone.write_bytes(bytes(300_000))
            for stone in stones:
                until_full(replica)
                replica.close()
                replica = open_replica(path)  # reading needs no room
                assert replica.count("orders") == len(replica.find("orders")) == sold
                stone.unlink()
                sell(replica)
            print(sold)
            os._exit(9)
        """
        assert_sold(tmp_path / "some.db", int(told(code, tmp_path / "some.db")))
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)


RACE = """
import sys
from sync.errors import DatabaseLocked
from tests.helpers.replicas import open_replica
name, path = sys.argv[1:]
opened = 0
for turn in range(40):
    try:
        replica = open_replica(path, seed=turn + 100 * len(name))
    except DatabaseLocked:
        continue
    with replica.transaction() as tx:
        tx.insert("orders", {"_id": f"order_{name}_{turn}"})
    opened += 1
    replica.close()
print(opened)
"""


def test_processes_that_race_for_one_file_never_share_it(tmp_path: Path) -> None:
    """Each opening is refused or has the file to itself, the very first included."""
    path = tmp_path / "some.db"
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", RACE, name, str(path)],
            **{"cwd": ROOT, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True},
        )
        for name in ("a", "bb", "ccc")
    ]
    said = [racer.communicate() for racer in racers]
    assert [racer.returncode for racer in racers] == [0, 0, 0], said
    with closing(open_replica(path)) as replica:
        assert replica.count("orders") == sum(int(out) for out, _ in said) == replica.identity.n
        replica.check()
