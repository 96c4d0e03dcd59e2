"""A stocked hub and people of two stores, each signed in and in step, with the hub out of reach."""

from __future__ import annotations

import pytest

from sync.hub import Hub
from tests.helpers.lines import Line, stocked_hub
from tests.helpers.replicas import open_replica
from tests.helpers.two_devices import ANA, BEN, CLEO, DARA


@pytest.fixture
def hub() -> Hub:
    return stocked_hub()


def joined(hub: Hub, account: object, seed: int) -> Line:
    line = Line.signed_in(hub, account, open_replica(seed=seed))  # type: ignore[arg-type]
    line.sync()
    return line


@pytest.fixture
def ana(hub: Hub) -> Line:
    return joined(hub, ANA, 1_001)


@pytest.fixture
def ben(hub: Hub) -> Line:
    return joined(hub, BEN, 1_002)


@pytest.fixture
def cleo(hub: Hub) -> Line:
    return joined(hub, CLEO, 1_003)


@pytest.fixture
def dara(hub: Hub) -> Line:
    """Of the other store."""
    return joined(hub, DARA, 1_004)
