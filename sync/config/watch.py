"""A configuration file that is read again whenever it changes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Final, TypeVar

from pydantic import BaseModel
from watchfiles import awatch

from sync.config.file import Config
from sync.errors import ConfigError

LOOK_MS_MAX: Final = 2_000
"""How long a change can stay unseen where the system tells of none, as on network disks."""
SETTLE_MS: Final = 100
"""An editor writes a file in several steps; what follows sooner counts as one change."""

M = TypeVar("M", bound=BaseModel)


async def watched(
    path: Path,
    read: Callable[[], Config[M]],
    seen: str,
    stop: asyncio.Event | None = None,
) -> AsyncIterator[Config[M] | ConfigError]:
    """Each new state of a file after the text ``seen``: what ``read`` makes of it, or its error.

    A broken file is told once and nothing is lost by it: the caller keeps what it has. When the
    file is good again it is told again, even if it is as before. The folder is watched rather than
    the file, because editors and deployments put a new file in the old one's place.
    """
    last = ("", seen)
    changes = awatch(
        path.parent,
        watch_filter=None,
        recursive=False,
        step=SETTLE_MS // 2,
        debounce=SETTLE_MS * 4,
        rust_timeout=LOOK_MS_MAX,
        yield_on_timeout=True,
        stop_event=stop,
    )
    async for _ in changes:
        found: Config[M] | ConfigError
        try:
            found = await asyncio.to_thread(read)
            state = ("", found.text)
        except ConfigError as error:
            found, state = error, (error.code, str(error))
        if state != last:
            last = state
            yield found
