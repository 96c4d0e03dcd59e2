"""A stocked hub, and two people of one store on lines to it."""

from __future__ import annotations

import pytest

from sync.hub import Hub
from tests.helpers.lines import Line, stocked_hub
from tests.helpers.replicas import open_replica
from tests.helpers.two_devices import ANA, BEN


@pytest.fixture
def hub() -> Hub:
    return stocked_hub()


@pytest.fixture
def ana(hub: Hub) -> Line:
    return Line.signed_in(hub, ANA, open_replica(seed=1_001))


@pytest.fixture
def ben(hub: Hub) -> Line:
    return Line.signed_in(hub, BEN, open_replica(seed=1_002))
