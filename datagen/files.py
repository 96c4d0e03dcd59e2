"""A data set on disk: one file a collection, and a manifest that proves it whole.

The manifest is written last and by rename, so a folder that has one is complete. An older set in
the folder, whole or half, goes before the new one begins.
"""

from __future__ import annotations

import errno
import hashlib
import json
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from app.domain.collections import Document
from app.domain.errors import DomainError
from datagen.collections import WRITTEN
from datagen.formats import FORMATS, Format, format_of
from datagen.recipe import Recipe

MANIFEST = "manifest.json"
FORMAT_VERSION = 2
BLOCK_DOCUMENTS = 500
"""Documents written at once."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a folder holds: how it was made, and for every collection its size and SHA-256."""

    recipe: Recipe
    format: str
    counts: dict[str, int]
    bytes: dict[str, int]
    sha256: dict[str, str]
    format_version: int = FORMAT_VERSION


class _Sheet:
    """One collection's file while it is written."""

    def __init__(self, path: Path, collection: str, form: Format) -> None:
        self.count = self.size = 0
        self.digest = hashlib.sha256()
        self._collection, self._form = collection, form
        self._waiting: list[bytes] = []
        self._file: IO[bytes] = path.open("wb")
        self._write(form.head)

    def __enter__(self) -> _Sheet:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, document: Document) -> None:
        self._waiting.append(self._form.encode(self._collection, document))
        self.count += 1
        if len(self._waiting) == BLOCK_DOCUMENTS:
            self._flush()

    def finish(self) -> None:
        self._flush()
        self._write(self._form.tail if self.count or self._form.head else b"")
        self._file.flush()

    def _flush(self) -> None:
        if self._waiting:
            is_first = self.count == len(self._waiting)
            block = self._form.between.join(self._waiting)
            self._write(block if is_first else self._form.between + block)
            self._waiting.clear()

    def _write(self, block: bytes) -> None:
        self._file.write(block)
        self.digest.update(block)
        self.size += len(block)


def write_files(
    documents: Iterable[tuple[str, Document]],
    folder: str | Path,
    recipe: Recipe,
    form: str = "jsonl",
) -> Manifest:
    """Write a data set into a folder and return its manifest; an older set there is replaced.

    Raises `DomainError` (format_unknown, folder_unwritable, disk_full).
    """
    folder, chosen = Path(folder), format_of(form)
    with _told(folder), ExitStack() as stack:
        folder.mkdir(parents=True, exist_ok=True)
        _clear(folder)
        sheets = {
            name: stack.enter_context(_Sheet(_path(folder, name, form), name, chosen))
            for name in WRITTEN
        }
        for collection, document in documents:
            sheets[collection].add(document)
        for sheet in sheets.values():
            sheet.finish()
        manifest = Manifest(
            recipe,
            form,
            {name: sheet.count for name, sheet in sheets.items()},
            {name: sheet.size for name, sheet in sheets.items()},
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
        manifest = Manifest(**{**fields, "recipe": Recipe(**fields["recipe"])})
    except (ValueError, TypeError, KeyError) as error:
        raise _damaged(path) from error
    if manifest.format_version != FORMAT_VERSION or manifest.format not in FORMATS:
        raise _damaged(path)
    return manifest


def read_files(folder: str | Path) -> Iterator[tuple[str, Document]]:
    """(collection, document) pairs of a folder in dependency order.

    Each file is proved against the manifest before its first document is given.
    Raises `DomainError` (dataset_missing, dataset_damaged).
    """
    manifest = read_manifest(folder)
    return _pairs(Path(folder), manifest)


def _pairs(folder: Path, manifest: Manifest) -> Iterator[tuple[str, Document]]:
    read = format_of(manifest.format).read
    for collection in WRITTEN:
        path = _path(folder, collection, manifest.format)
        if not path.is_file() or _sha256(path) != manifest.sha256.get(collection):
            raise _damaged(path)
        for document in read(collection, path):
            yield collection, document


def _clear(folder: Path) -> None:
    """Take away what an earlier run wrote, the manifest first."""
    written = [_path(folder, name, form) for form in FORMATS for name in WRITTEN]
    for path in [folder / MANIFEST, folder / f"{MANIFEST}.part", *written]:
        path.unlink(missing_ok=True)


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    """What the disk refuses, in words."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DomainError(
                "disk_full",
                f"The disk of {folder} is full; the data set there is not complete.",
                "Free space or choose another folder, then run the command again.",
            ) from error
        reason = error.strerror or type(error).__name__
        raise DomainError(
            "folder_unwritable",
            f"{error.filename or folder} cannot be written: {reason}.",
            "Choose a folder of yours, or correct its permissions.",
        ) from error


def _path(folder: Path, collection: str, form: str) -> Path:
    return folder / f"{collection}.{form}"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _damaged(path: Path) -> DomainError:
    return DomainError(
        "dataset_damaged",
        f"{path.name} is not what its manifest says.",
        "Generate the data set again.",
    )
