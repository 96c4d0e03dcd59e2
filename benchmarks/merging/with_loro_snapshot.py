"""loro's other way to a first download: a snapshot, which it leaves packed until it is read.

More than three times the bytes on the wire, and next to no work until somebody asks for a document.
"""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

from loro import ExportMode

from benchmarks.merging import with_loro
from benchmarks.merging.blobs import packed_bytes
from benchmarks.merging.scene import Scene

Contestant, first_read = with_loro.Contestant, with_loro.first_read


def prepare(wanted: Scene, folder: Path) -> dict[str, Any]:
    """The snapshot that will reach B."""
    updates = [with_loro.filled(wanted).export(ExportMode.Snapshot())]
    (folder / "sent.pickle").write_bytes(pickle.dumps(updates))
    return {"bytes": len(updates[0]), "packed": packed_bytes(updates)}
