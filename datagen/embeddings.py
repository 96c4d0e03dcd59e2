"""Vectors of the products: computed once, kept as a pack of bytes, read by `generate`.

A pack is a line of JSON (model, dimensions, hash of what was embedded, ids, scales) and a signed
byte for every number: 163 kB for the catalogue, small enough for a phone. It counts only for the
catalogue it was made from; nothing is ever made up in its place.
"""

from __future__ import annotations

import hashlib
import json
import math
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

from app.domain.collections import Document
from app.domain.errors import DomainError

FOLDER = Path(__file__).resolve().parent.parent / "assets" / "embeddings"
DESCRIPTIONS = FOLDER / "descriptions.pack"
IMAGES = FOLDER / "images.pack"
"""Only there where a CLIP service was configured."""
BYTE_MAX = 127
DECIMALS = 5
"""What a byte of a vector of length one can carry."""


class Model(Protocol):
    """What makes vectors of texts or pictures."""

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """One vector each."""


@dataclass(frozen=True, slots=True)
class _Head:
    model: str
    dimensions: int
    catalogue: str
    ids: list[str]
    scales: list[float]


@dataclass(frozen=True, slots=True)
class Pack:
    """The vectors of a catalogue, each of length one."""

    model: str
    dimensions: int
    vectors: dict[str, list[float]]


def described(product: Document) -> str:
    """What is embedded of a product."""
    return f"{product['product_name']}. {product['product_description']}"


def catalogue_hash(products: Sequence[Document]) -> str:
    """The hash of all that is embedded of a catalogue."""
    texts = [[product["_id"], described(product)] for product in products]
    return hashlib.sha256(json.dumps(texts).encode()).hexdigest()


def write_pack(
    path: Path, products: Sequence[Document], model: str, vectors: Sequence[Sequence[float]]
) -> None:
    """Keep vectors, one a product, as bytes. Raises `DomainError` (embeddings_invalid)."""
    sizes = {len(vector) for vector in vectors}
    if len(vectors) != len(products) or len(sizes) != 1:
        raise DomainError(
            "embeddings_invalid",
            f"{len(vectors)} vectors of {len(sizes)} sizes came for {len(products)} products.",
            "Check the service that makes them.",
        )
    scales = [max(map(abs, vector)) / BYTE_MAX or 1.0 for vector in vectors]
    head = _Head(
        model, sizes.pop(), catalogue_hash(products), [p["_id"] for p in products],
        [float(f"{scale:.6g}") for scale in scales],
    )  # fmt: skip
    rows = b"".join(
        array("b", [round(number / scale) for number in vector]).tobytes()
        for vector, scale in zip(vectors, scales, strict=True)
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(json.dumps(asdict(head), separators=(",", ":")).encode() + b"\n" + rows)


def read_pack(path: Path, products: Sequence[Document]) -> Pack:
    """The vectors of these products. Raises `DomainError` (embeddings_stale) if the pack was made
    from other texts."""
    first, _, rows = path.read_bytes().partition(b"\n")
    head = _Head(**json.loads(first))
    if head.catalogue != catalogue_hash(products):
        raise DomainError(
            "embeddings_stale",
            f"{path.name} was made from another catalogue.",
            "Run: zava data embed",
        )
    size = head.dimensions
    vectors = {}
    for place, (product_id, scale) in enumerate(zip(head.ids, head.scales, strict=True)):
        row = array("b", rows[place * size : (place + 1) * size])
        vectors[product_id] = _of_length_one([number * scale for number in row])
    return Pack(head.model, size, vectors)


def embedding_documents(products: Sequence[Document]) -> Iterator[Document]:
    """The `product_embeddings` collection; `image_embedding` only where a service made it."""
    texts = read_pack(DESCRIPTIONS, products)
    images = read_pack(IMAGES, products) if IMAGES.exists() else None
    for product in products:
        document = {
            "_id": product["_id"],
            "product_id": product["_id"],
            "description_embedding": texts.vectors[product["_id"]],
            "model": texts.model,
            "dimensions": texts.dimensions,
        }
        if images is not None:
            document |= {
                "image_embedding": images.vectors[product["_id"]],
                "image_model": images.model,
                "image_dimensions": images.dimensions,
            }
        yield document | {
            "image_url": product["image_url"],
            "created_at": product["created_at"],
            "deleted": False,
        }


def _of_length_one(vector: list[float]) -> list[float]:
    length = math.sqrt(sum(number * number for number in vector)) or 1.0
    return [round(number / length, DECIMALS) for number in vector]
