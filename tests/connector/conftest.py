"""A server that speaks the MongoDB protocol, and a database of one's own on it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from pymongo import AsyncMongoClient

from tests.helpers.mongo_server import SETTING, MongoServer, mongo_server, named_server

_numbers = count(1)


@pytest.fixture(scope="session")
def mongo_uri(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The server all tests share: the one that the environment names, or nx-27017."""
    if named := named_server():
        yield named
        return
    with mongo_server(tmp_path_factory.mktemp("mongo")) as server:
        yield server.uri


@pytest.fixture
async def mongo(mongo_uri: str) -> AsyncIterator[AsyncMongoClient[dict[str, Any]]]:
    """A client of that server, as another program would have."""
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(mongo_uri, tz_aware=True)
    yield client
    await client.close()


@pytest.fixture
async def database(mongo: AsyncMongoClient[dict[str, Any]]) -> AsyncIterator[str]:
    """The name of a database that nobody else uses; dropped afterwards."""
    name = f"zava_test_{next(_numbers)}"
    await mongo.drop_database(name)
    yield name
    await mongo.drop_database(name)


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[MongoServer]:
    """A server that the test may kill; skips where the server is somebody else's."""
    if named_server():
        pytest.skip(f"{SETTING} names a server that tests must not kill")
    with mongo_server(tmp_path / "mongo") as server:
        yield server


@pytest.fixture(autouse=True)
def _real_server(request: pytest.FixtureRequest) -> None:
    """Tests marked ``mongo`` show what only a real MongoDB can."""
    if request.node.get_closest_marker("mongo") and not named_server():
        pytest.skip(f"needs a real MongoDB: name one in {SETTING}")
