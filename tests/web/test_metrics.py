"""The page that Prometheus reads."""

from __future__ import annotations

import re
from typing import Any

from sync.web.metrics import MEDIA_TYPE, page
from tests.web.conftest import Served

HUB: dict[str, Any] = {"seq": 7, "accounts": 2, "documents": {"orders": 3}, "conflicts": 0}
CONNECTOR: dict[str, Any] = {
    "state": "running",
    "lag_ms": 12,
    "heard_ms": 900,
    "events": 5,
    "images": 0,
    "skipped": 0,
    "reconnects": 1,
    "under_way": 2,
    "due": 0,
    "writes": {"applied": 4, "refused": 1},
    "dead_letters": {'odd "name"\n': 1},
    "collections": {"orders": {"done": 10, "total": 40}, "products": {"done": 3}},
}
LINE = re.compile(r'# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z]+="[^\n]*"\})? [-+.e0-9]+')


def test_a_hub_alone_tells_its_counts() -> None:
    text = page(HUB)
    assert "zava_hub_commits 7\n" in text
    assert 'zava_hub_documents{collection="orders"} 3\n' in text
    assert "connector" not in text


def test_a_connector_tells_state_lag_and_what_waits() -> None:
    text = page({**HUB, "connector": CONNECTOR})
    assert 'zava_connector_state{state="running"} 1\n' in text
    assert 'zava_connector_state{state="stalled"} 0\n' in text
    assert "zava_connector_heartbeat_lag_seconds 0.012\n" in text
    assert 'zava_connector_writes_total{outcome="refused"} 1\n' in text
    assert 'zava_connector_initial_sync_documents{collection="orders"} 40\n' in text
    assert 'collection="products"' not in text


def test_every_line_is_of_the_format_and_types_come_before_samples() -> None:
    text = page({**HUB, "connector": {**CONNECTOR, "lag_ms": None}})
    assert "heartbeat_lag" not in text
    assert 'reason="odd \\"name\\"\\n"' in text
    typed: set[str] = set()
    for line in text.splitlines():
        assert LINE.fullmatch(line), line
        if line.startswith("# TYPE"):
            typed.add(line.split()[2])
        elif not line.startswith("#"):
            assert re.split(r"[ {]", line)[0] in typed


async def test_the_hub_serves_it(served: Served) -> None:
    answer = await served.client.get("/v1/metrics")
    assert answer.headers["content-type"] == MEDIA_TYPE
    assert "zava_hub_accounts 1\n" in answer.text
