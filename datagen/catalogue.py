"""The catalogue: families of products in `assets/catalogue`, expanded into documents.

A file holds one category with its product types; a type holds families; a family is a template for
name, description and specifications, and a table with one row a product. The place of a row in its
type is the number in its SKU, so new rows go to the end of a type. Retail prices follow from cost
(`app.domain.money`).
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.domain import codes, money
from app.domain.collections import Document
from app.domain.times import iso_z
from datagen.randomness import moment

CATALOGUE = Path(__file__).resolve().parent.parent / "assets" / "catalogue"
OPENED = datetime(2019, 6, 1, tzinfo=UTC)
LISTED_UNTIL = datetime(2019, 12, 31, tzinfo=UTC)
"""The range is complete before the first order of 2020."""

_WHOLE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Categories, product types and products as documents, in catalogue order."""

    categories: tuple[Document, ...]
    types: tuple[Document, ...]
    products: tuple[Document, ...]


def expand(rng: random.Random, as_of: datetime, folder: Path = CATALOGUE) -> Catalogue:
    """Every document of the catalogue; dates are drawn from `rng` and end at `as_of`."""
    categories: list[Document] = []
    types: list[Document] = []
    products: list[Document] = []
    for path in sorted(folder.glob("*.json")):
        entry = json.loads(path.read_text(encoding="utf-8"))
        categories.append(_category(entry["category"]))
        for kind in entry["types"]:
            types.append(_product_type(kind, entry["category"]["id"]))
            for number, (family, row) in enumerate(_rows(kind), start=1):
                barcode = codes.in_store_barcode(len(types) * 1_000 + number)
                product = _product(kind, types[-1], number, barcode, family, row)
                products.append(product | _dates(rng, as_of))
    return Catalogue(tuple(categories), tuple(types), tuple(products))


def _rows(kind: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], dict[str, Any]]]:
    for family in kind["families"]:
        for row in family["rows"]:
            yield family, dict(zip(family["columns"], row, strict=True))


def _category(entry: Mapping[str, Any]) -> Document:
    return {
        "_id": entry["id"],
        "category_id": entry["id"],
        "category_name": entry["name"],
        "seasonal_multipliers": entry["seasonal_multipliers"],
        "deleted": False,
    }


def _product_type(entry: Mapping[str, Any], category_id: str) -> Document:
    return {
        "_id": entry["id"],
        "type_id": entry["id"],
        "type_name": entry["name"],
        "category_id": category_id,
        "deleted": False,
    }


def _product(
    kind: Mapping[str, Any],
    product_type: Document,
    number: int,
    barcode: str,
    family: Mapping[str, Any],
    row: Mapping[str, Any],
) -> Document:
    sku = f"{kind['sku']}-{number:03d}"
    product_id = f"prod_{sku.lower().replace('-', '_')}"
    cost_cents = money.to_cents(row["cost"])
    filled = {key: _fill(value, row) for key, value in family["specifications"].items()}
    specifications = {key: value for key, value in filled.items() if value is not None}
    return {
        "_id": product_id,
        "product_id": product_id,
        "sku": sku,
        "barcode": barcode,
        "product_name": _fill(family["name"], row),
        "category_id": product_type["category_id"],
        "type_id": product_type["type_id"],
        "cost": money.from_cents(cost_cents),
        "base_price": money.from_cents(money.retail_cents(cost_cents)),
        "gross_margin_percent": money.GROSS_MARGIN_PERCENT,
        "product_description": _fill(family["description"], row),
        "image_url": picture_of(product_type["type_id"]),
        "specifications": {"brand": family["brand"], **specifications},
    }


def picture_of(type_id: str) -> str:
    """The picture of a product type, a path in `assets`."""
    return f"pictures/{type_id.removeprefix('type_')}.svg"


def _fill(template: Any, row: Mapping[str, Any]) -> Any:
    """A template with the row's values; one that is a single placeholder keeps the value's type."""
    if not isinstance(template, str):
        return template
    whole = _WHOLE.fullmatch(template)
    return row[whole[1]] if whole else template.format_map(row)


def _dates(rng: random.Random, as_of: datetime) -> Document:
    created = moment(rng, OPENED, LISTED_UNTIL)
    return {
        "created_at": iso_z(created),
        "updated_at": iso_z(moment(rng, max(created, as_of.replace(month=1, day=1)), as_of)),
        "deleted": False,
    }
