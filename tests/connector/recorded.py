"""The change events that a real replica set delivered, and what was written to cause them.

``change-events.jsonl`` holds every event one stream of a MongoDB 4.2 database gave, in order.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bson import json_util

from sync.connector.events import Event, event_of

_FILE = Path(__file__).with_name("change-events.jsonl")


def raw_events() -> list[dict[str, Any]]:
    """The documents of the stream, as the driver decodes them."""
    options = json_util.CANONICAL_JSON_OPTIONS.with_options(tz_aware=True)
    lines = _FILE.read_text(encoding="utf-8").splitlines()
    return [json_util.loads(line, json_options=options) for line in lines]


def events() -> list[Event]:
    """The events that are somebody's data."""
    found = (event_of(raw) for raw in raw_events())
    return [event for event in found if event is not None]
