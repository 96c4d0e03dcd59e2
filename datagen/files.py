"""A data set on disk: one JSONL file a collection, and a manifest that proves it whole.

The manifest is written last and by rename, so a folder that has one is complete.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from app.domain.collections import SYNCED, Document
from app.domain.errors import DomainError
from app.domain.times import iso_z

MANIFEST = "manifest.json"
FORMAT_VERSION = 1
BLOCK_LINES = 500

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a folder holds: how it was made, and for every collection its size and SHA-256."""

    preset: str
    seed: int
    as_of: str
    counts: dict[str, int]
    sha256: dict[str, str]
    format_version: int = FORMAT_VERSION


class _Sheet:
    """One collection's file while it is written."""

    def __init__(self, path: Path) -> None:
        self.count = 0
        self.digest = hashlib.sha256()
        self._lines: list[str] = []
        self._file: IO[bytes] = path.open("wb")

    def add(self, document: Document) -> None:
        self._lines.append(_encode(document))
        self.count += 1
        if len(self._lines) == BLOCK_LINES:
            self._write()

    def close(self) -> None:
        """Write what is left, unless the disk is full, and close the file in any case."""
        with self._file:
            self._write()

    def _write(self) -> None:
        block = "".join(f"{line}\n" for line in self._lines).encode()
        self._lines.clear()
        self._file.write(block)
        self.digest.update(block)


def write_jsonl(
    documents: Iterable[tuple[str, Document]],
    folder: str | Path,
    *,
    preset: str,
    seed: int,
    as_of: str | datetime,
) -> Manifest:
    """Write a data set into a folder and return its manifest; an older set there is replaced."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MANIFEST).unlink(missing_ok=True)
    sheets = {name: _Sheet(_path(folder, name)) for name in SYNCED}
    try:
        for collection, document in documents:
            sheets[collection].add(document)
    finally:
        for sheet in sheets.values():
            sheet.close()
    manifest = Manifest(
        preset,
        seed,
        iso_z(as_of),
        {name: sheet.count for name, sheet in sheets.items()},
        {name: sheet.digest.hexdigest() for name, sheet in sheets.items()},
    )
    part = folder / f"{MANIFEST}.part"
    part.write_text(json.dumps(asdict(manifest), indent=2) + "\n", encoding="utf-8")
    part.replace(folder / MANIFEST)
    return manifest


def read_manifest(folder: str | Path) -> Manifest:
    """The manifest of a folder. Raises `DomainError` (dataset_missing, dataset_damaged)."""
    path = Path(folder) / MANIFEST
    if not path.is_file():
        raise DomainError(
            "dataset_missing",
            f"There is no complete data set in {folder}.",
            "Generate one first.",
        )
    try:
        fields: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        manifest = Manifest(**fields)
    except (ValueError, TypeError) as error:
        raise _damaged(path) from error
    if manifest.format_version != FORMAT_VERSION:
        raise _damaged(path)
    return manifest


def load_jsonl(folder: str | Path) -> Iterator[tuple[str, Document]]:
    """(collection, document) pairs of a folder in dependency order.

    Each file is proved against the manifest before its first document is given.
    Raises `DomainError` (dataset_missing, dataset_damaged).
    """
    manifest = read_manifest(folder)
    return _pairs(Path(folder), manifest)


def _pairs(folder: Path, manifest: Manifest) -> Iterator[tuple[str, Document]]:
    for collection in SYNCED:
        path = _path(folder, collection)
        if not path.is_file() or _sha256(path) != manifest.sha256.get(collection):
            raise _damaged(path)
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                yield collection, json.loads(line)


def _path(folder: Path, collection: str) -> Path:
    return folder / f"{collection}.jsonl"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _damaged(path: Path) -> DomainError:
    return DomainError(
        "dataset_damaged",
        f"{path.name} is not what its manifest says.",
        "Generate the data set again.",
    )
