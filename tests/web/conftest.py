from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from argon2 import PasswordHasher

from sync.hub.accounts import Account, Accounts
from sync.hub.engine import Hub
from sync.ids import UserId
from sync.serve import Ready, listen, serve_hub
from sync.wire.frames import CHECK_HEADER, check_of
from tests.web.doubles import ManualClock, SeededEntropy

PASSWORD = "drill-42"
ANA = Account("ana", UserId("user_ana"), "worker", "store_seattle", "SEA", "Ana Ruiz")
ANA_REPLICA = "a" * 32


@dataclass(slots=True)
class Served:
    """A hub behind a real socket, and a client of it."""

    hub: Hub
    clock: ManualClock
    client: httpx.AsyncClient
    ready: Ready
    stopping: asyncio.Event
    server: asyncio.Task[None]

    async def sign_in(self) -> dict[str, str]:
        """Ana signs in; the headers her device sends from now on."""
        body = {
            "login": "ana",
            "password": PASSWORD,
            "replica_id": ANA_REPLICA,
            "device_name": "Handheld",
        }
        answer = await self.client.post("/v1/sign-in", json=body)
        return {"Authorization": f"Bearer {answer.raise_for_status().json()['token']}"}


async def checked(request: httpx.Request) -> None:
    """Give a request the check a device would, unless it has one or is sent piece by piece."""
    if CHECK_HEADER not in request.headers and isinstance(request.stream, httpx.ByteStream):
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        token = token if scheme == "Bearer" else ""
        request.headers[CHECK_HEADER] = check_of(token.encode(), request.content)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def hub(tmp_path: Path, clock: ManualClock) -> Iterator[Hub]:
    entropy = SeededEntropy()
    hub = Hub.open(tmp_path / "hub.sqlite", clock=clock, entropy=entropy)
    hub.accounts = Accounts(hub.replica.parts.database, clock, entropy, PasswordHasher(1, 64, 1))
    hub.accounts.add(ANA, PASSWORD)
    yield hub
    hub.close()


@pytest.fixture
async def served(hub: Hub, clock: ManualClock) -> AsyncIterator[Served]:
    stopping, started = asyncio.Event(), asyncio.get_running_loop().create_future()
    with listen("127.0.0.1", 0) as listener:
        server = asyncio.create_task(serve_hub(hub, listener, stopping, started.set_result))
        ready = await started
        async with httpx.AsyncClient(
            base_url=ready.url,
            timeout=20,
            trust_env=False,
            event_hooks={"request": [checked]},
        ) as client:
            yield Served(hub, clock, client, ready, stopping, server)
        stopping.set()
        await server
