"""pycrdt's part in a workload: one document with a map for each record, and its *update events*.

An update event holds what one transaction did. (The difference to a state vector would hold the
whole delete set besides, again and again: measured against that, anything is fast.)
"""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

from pycrdt import Doc, Map

from benchmarks.merging.blobs import Blobs, packed_bytes
from benchmarks.merging.scene import Fields, Scene, Step

PER_DEVICE = "counted_by"
"""pycrdt has no counters: each device counts in a field of its own. Recounts cannot be told."""


def prepare(wanted: Scene, folder: Path) -> dict[str, Any]:
    """B's update so far and those that will reach it."""
    start = _document(1)
    held = start.get("inventory", type=Map)
    counts = any(step.kind == "count" for step in wanted.incoming)
    with start.transaction():
        for name, fields in wanted.all_documents():
            held[name] = _map(fields)
            if counts:
                held[name][PER_DEVICE] = Map({})
    base = start.get_update()
    if wanted.whole:
        with start.transaction():
            for number in range(0, wanted.documents, 10):
                held[wanted.document(number)[0]]["stock_level"] = number % 499
        own, updates = b"", [start.get_update()]
    else:
        own = _after(base, 2, (*wanted.before, *wanted.after))[0]
        updates = _after(base, 3, wanted.incoming)[1]
    with Blobs.at(folder / "blobs.db") as blobs:
        blobs.put([own] if own else [])
    (folder / "sent.pickle").write_bytes(pickle.dumps(updates))
    return {"bytes": sum(map(len, updates)), "packed": packed_bytes(updates)}


def _document(client: int) -> Any:
    return Doc(client_id=client)


def _after(base: bytes, client: int, steps: tuple[Step, ...]) -> tuple[bytes, list[bytes]]:
    document, updates = _document(client), list[bytes]()
    document.apply_update(base)
    held = document.get("inventory", type=Map)
    subscription = document.observe(lambda event: updates.append(event.update))
    for step in steps:
        with document.transaction():
            for name, fields in step.changes:
                if step.kind == "set":
                    _set(held[name], fields)
                elif step.kind == "count":
                    counts, key = held[name][PER_DEVICE], str(step.device)
                    counts[key] = (counts.get(key) or 0) + fields["stock_level"]
    document.unobserve(subscription)
    return document.get_update(), updates


def _map(fields: Fields) -> Any:
    return Map({k: _map(v) if isinstance(v, dict) else v for k, v in fields.items()})


def _set(target: Any, fields: Fields) -> None:
    for name, value in fields.items():
        if isinstance(value, dict):
            _set(target[name], value)
        else:
            target[name] = value


class Contestant:
    """B with its document in memory; every update is appended to SQLite too."""

    def __init__(self, wanted: Scene, folder: Path) -> None:
        self._scene = wanted
        self._updates: list[bytes] = pickle.loads((folder / "sent.pickle").read_bytes())
        self._blobs = Blobs(folder / "blobs.db", full_sync=wanted.full_sync)
        self._document = _document(2)
        for blob in self._blobs.all():
            self._document.apply_update(blob)
        self._held = self._document.get("inventory", type=Map)

    def run(self) -> None:
        for group in self._blobs.commits(self._updates, self._scene):
            for update in group:
                self._document.apply_update(update)
            self._blobs.put(group)

    def check(self) -> dict[str, Any]:
        """Raise unless all documents are there."""
        count = len(self._held)
        if count != self._scene.documents:
            raise AssertionError(f"{count} documents, not {self._scene.documents}")
        return {"documents": count}

    def close(self) -> None:
        self._blobs.close()


def first_read(folder: Path, name: str) -> Any:
    """Open what a run left behind, and read one document."""
    document = Doc()
    with Blobs.at(folder / "blobs.db") as blobs:
        for blob in blobs.all():
            document.apply_update(blob)
    return document.get("inventory", type=Map)[name].to_py()
