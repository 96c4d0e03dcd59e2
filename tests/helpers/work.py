"""Counting what a piece of the engine does, where a clock would tell of the machine instead.

*Statements*: every statement that SQLite starts, each row of an ``executemany`` by itself. *Parses*
and *dumps*: texts of JSON read and made, by whatever library. *Calls*: functions entered, Python's
and C's. *Bytes*: what the write-ahead log has grown by.
"""

from __future__ import annotations

import gc
import sqlite3
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import pytest


@dataclass(slots=True)
class Work:
    """What was done, counted."""

    statements: int = 0
    parses: int = 0
    dumps: int = 0
    calls: int = 0
    bytes: int = 0

    def each(self, ops: int) -> dict[str, float]:
        """The same for one op, rounded to what a reader takes in."""
        return {name: round(count / ops, 2) for name, count in asdict(self).items()}


class Counting:
    """Counts the work of whatever it is given to run."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._work = Work()
        self._is_on = False
        real = sqlite3.connect

        def connect(*arguments: Any, **options: Any) -> sqlite3.Connection:
            connection: sqlite3.Connection = real(*arguments, **options)
            connection.set_trace_callback(self._statement)
            return connection

        monkeypatch.setattr("sync.local.database.sqlite3.connect", connect)

    def run(self, path: Path, work: Callable[[], object]) -> Work:
        """The work of one call on the database file at ``path``."""
        log = path.with_name(path.name + "-wal")
        before = log.stat().st_size if log.exists() else 0
        self._work, self._is_on = Work(), True
        gc.disable()  # whoever listens to it would be counted
        sys.setprofile(self._call)
        try:
            work()
        finally:
            sys.setprofile(None)
            gc.enable()
            self._is_on = False
        self._work.bytes = log.stat().st_size - before
        return self._work

    def _statement(self, _: str) -> None:
        if self._is_on:
            self._work.statements += 1

    def _call(self, frame: FrameType, event: str, argument: Any) -> None:
        work = self._work
        if event == "call":
            work.calls += 1
            code = frame.f_code
            if code.co_name == "raw_decode":
                work.parses += 1
            elif code.co_name == "encode" and "/json/" in code.co_filename.replace("\\", "/"):
                work.dumps += 1
        elif event == "c_call":
            work.calls += 1
            module = getattr(argument, "__module__", None)
            if module == "orjson":
                name = argument.__name__
                work.parses += name == "loads"
                work.dumps += name == "dumps"
