"""``.watch``: the answer of a statement, shown again whenever somebody's commit changed it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from app.cli.shell.replica_file import ReplicaFile

LOOK_SECONDS = 0.2
"""How often the file is looked at: two calls that read no content."""

Items = list[dict[str, Any]]


def watch(
    file: ReplicaFile,
    answer: Callable[[], Items],
    show: Callable[[Items], None],
    stop: threading.Event,
) -> None:
    """Show the answer now, and again after each change of it, until ``stop`` is set."""
    seen = None
    shown: Items | None = None
    while not stop.is_set():
        stamp = file.stamp()
        if stamp != seen:
            seen = stamp
            items = answer()
            if items != shown:
                show(items)
                shown = items
        stop.wait(LOOK_SECONDS)
