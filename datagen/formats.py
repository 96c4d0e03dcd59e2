"""How documents lie in a file: a line of JSON each, one JSON array, or BSON one after the other.

The first is for programs, the second for `mongoimport --jsonArray`, the third for `mongorestore`.
In BSON a customer's `_id` is an ObjectId, as the data model has it in MongoDB.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

import bson
from bson import ObjectId

from app.domain.collections import CUSTOMERS, Document
from app.domain.errors import DomainError

_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


@dataclass(frozen=True, slots=True)
class Format:
    """One way to write documents. A file is head, documents with `between` them, and tail."""

    name: str
    encode: Callable[[str, Document], bytes]
    read: Callable[[str, Path], Iterator[Document]]
    head: bytes = b""
    between: bytes = b""
    tail: bytes = b""


def format_of(name: str) -> Format:
    """The format with this name. Raises `DomainError` (format_unknown)."""
    if name not in FORMATS:
        raise DomainError(
            "format_unknown",
            f"There is no format called {name!r}.",
            f"Use one of: {', '.join(FORMATS)}.",
        )
    return FORMATS[name]


def in_mongodb(collection: str, document: Document) -> Document:
    """The document as MongoDB holds it."""
    if collection != CUSTOMERS:
        return document
    digest = blake2b(document["customer_id"].encode(), digest_size=12)
    return {**document, "_id": ObjectId(digest.digest())}


def from_mongodb(collection: str, document: Document) -> Document:
    """The inverse of `in_mongodb`."""
    if collection != CUSTOMERS:
        return document
    return {**document, "_id": document["customer_id"]}


def _json_line(collection: str, document: Document) -> bytes:
    return _json(document).encode()


def _bson(collection: str, document: Document) -> bytes:
    return bson.encode(in_mongodb(collection, document))


def _read_lines(collection: str, path: Path) -> Iterator[Document]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def _read_array(collection: str, path: Path) -> Iterator[Document]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if line not in ("[\n", "\n", "]\n"):
                yield json.loads(line.rstrip(",\n"))


def _read_bson(collection: str, path: Path) -> Iterator[Document]:
    with path.open("rb") as file:
        for document in bson.decode_file_iter(file):
            yield from_mongodb(collection, document)


FORMATS: Mapping[str, Format] = {
    each.name: each
    for each in (
        Format("jsonl", _json_line, _read_lines, between=b"\n", tail=b"\n"),
        Format("json", _json_line, _read_array, head=b"[\n", between=b",\n", tail=b"\n]\n"),
        Format("bson", _bson, _read_bson),
    )
}
