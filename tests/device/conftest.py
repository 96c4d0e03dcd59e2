"""A replica in step with a quiet hub, and sessions over it that are stopped in the end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from sync.device.session import Session
from sync.local import Replica
from tests.helpers.replicas import (
    PaperHub,
    everything_settled,
    stocked,
)
from tests.helpers.scripted_link import ScriptedLink, session_of
from tests.helpers.sessions import Run


@pytest.fixture
def replica() -> Replica:
    """A replica that is in step with a hub that has nothing to say."""
    replica = stocked(2)
    everything_settled(PaperHub(), replica)
    return replica


@pytest.fixture
async def run(replica: Replica) -> AsyncIterator[Run]:
    """Starts sessions and stops them in the end."""
    sessions: list[Session] = []

    def start(link: ScriptedLink, **options: Any) -> Session:
        link.hub.seq, link.hub.chain = replica.identity.cursor, replica.identity.cursor_chain
        sessions.append(session_of(replica, link, **options))
        sessions[-1].start()
        return sessions[-1]

    yield start
    for session in sessions:
        await session.stop()
    replica.close()
