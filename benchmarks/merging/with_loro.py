"""loro's part in a workload: one document with a map for each record, and the updates that its
commits hand out.
"""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

from loro import ExportMode, LoroCounter, LoroDoc, LoroMap, VersionVector

from benchmarks.merging.blobs import Blobs, packed_bytes
from benchmarks.merging.scene import Fields, Scene, Step

COUNTER = "counted"
"""A counter of loro's: it adds up, and knows no recount."""


def prepare(wanted: Scene, folder: Path) -> dict[str, Any]:
    """B's update so far and those that will reach it."""
    base = _everything(filled(wanted))
    if wanted.whole:
        own, updates = b"", [base]
    else:
        own = _after(base, 2, (*wanted.before, *wanted.after))[0]
        updates = _after(base, 3, wanted.incoming)[1]
    with Blobs.at(folder / "blobs.db") as blobs:
        blobs.put([own] if own else [])
    (folder / "sent.pickle").write_bytes(pickle.dumps(updates))
    return {"bytes": sum(map(len, updates)), "packed": packed_bytes(updates)}


def filled(wanted: Scene) -> LoroDoc:
    """A document with everything there is at the start, and in a first download some changes."""
    document = _document(1)
    held = document.get_map("inventory")
    counts = any(step.kind == "count" for step in wanted.incoming)
    for name, fields in wanted.all_documents():
        record = held.insert_container(name, LoroMap())
        _fill(record, fields)
        if counts:
            record.insert_container(COUNTER, LoroCounter())
    document.commit()
    if wanted.whole:
        for number in range(0, wanted.documents, 10):
            _at(held, wanted.document(number)[0]).insert("stock_level", number % 499)
        document.commit()
    return document


def _document(peer: int) -> LoroDoc:
    document = LoroDoc()
    document.peer_id = peer
    return document


def _everything(document: LoroDoc) -> bytes:
    return document.export(ExportMode.Updates(VersionVector()))


def _after(base: bytes, peer: int, steps: tuple[Step, ...]) -> tuple[bytes, list[bytes]]:
    document, updates = _document(peer), list[bytes]()
    document.import_(base)
    held = document.get_map("inventory")
    subscription = document.subscribe_local_update(lambda update: updates.append(update) or True)
    for step in steps:
        for name, fields in step.changes:
            record = _at(held, name)
            if step.kind == "set":
                _set(record, fields)
            elif step.kind == "count":
                _at(record, COUNTER).increment(fields["stock_level"])
        document.commit()
    del subscription
    return _everything(document), updates


def _at(holder: Any, name: str) -> Any:
    return holder.get(name).container


def _fill(record: Any, fields: Fields) -> None:
    for name, value in fields.items():
        if isinstance(value, dict):
            _fill(record.insert_container(name, LoroMap()), value)
        else:
            record.insert(name, value)


def _set(record: Any, fields: Fields) -> None:
    for name, value in fields.items():
        if isinstance(value, dict):
            _set(_at(record, name), value)
        else:
            record.insert(name, value)


class Contestant:
    """B with its document in memory; every update is appended to SQLite too."""

    def __init__(self, wanted: Scene, folder: Path) -> None:
        self._scene = wanted
        self._updates: list[bytes] = pickle.loads((folder / "sent.pickle").read_bytes())
        self._blobs = Blobs(folder / "blobs.db", full_sync=wanted.full_sync)
        self._document = _document(2)
        for blob in self._blobs.all():
            self._document.import_(blob)
        self._held = self._document.get_map("inventory")

    def run(self) -> None:
        for group in self._blobs.commits(self._updates, self._scene):
            for update in group:
                self._document.import_(update)
            self._blobs.put(group)

    def check(self) -> dict[str, Any]:
        """Raise unless all documents are there."""
        count = len(self._held.keys())
        if count != self._scene.documents:
            raise AssertionError(f"{count} documents, not {self._scene.documents}")
        return {"documents": count}

    def close(self) -> None:
        self._blobs.close()


def first_read(folder: Path, name: str) -> Any:
    """Open what a run left behind, and read one document."""
    document = LoroDoc()
    with Blobs.at(folder / "blobs.db") as blobs:
        document.import_batch(blobs.all())
    return _at(document.get_map("inventory"), name).get_deep_value()
