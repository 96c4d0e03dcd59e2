from __future__ import annotations

import copy

import pytest

from datagen import checks
from datagen.generate import generate
from datagen.presets import Preset

AS_OF = "2026-11-20T18:00:00Z"
SMALL = Preset("small", customers=60, orders=120, recent_share=0.1)


@pytest.fixture(scope="module")
def documents():
    return list(generate(SMALL, as_of=AS_OF))


def failed(documents) -> set[str]:
    return {result.name for result in checks.run(documents, as_of=AS_OF) if not result.ok}


def changed(documents, collection, change, place=0):
    """A copy of the data set with one document of a collection changed."""
    broken = list(documents)
    places = [i for i, (name, _) in enumerate(broken) if name == collection]
    name, document = broken[places[place]]
    document = copy.deepcopy(document)
    change(document)
    broken[places[place]] = (name, document)
    return broken


@pytest.mark.parametrize("seed", [1, 2, 7])
def test_the_demo_keeps_every_promise(seed):
    made = generate("demo", seed=seed, as_of=AS_OF)
    for result in checks.run(made, as_of=AS_OF):
        assert result.ok, f"{result.name}: {result.detail}"


@pytest.mark.parametrize("as_of", ["2021-01-01T00:00:00Z", "2024-02-29T23:59:59Z", "2031-05-31"])
def test_other_dates_keep_every_promise(as_of):
    assert all(result.ok for result in checks.run(generate(SMALL, as_of=as_of), as_of=as_of))


@pytest.mark.parametrize(
    ("collection", "fields", "check"),
    [
        ("products", {"sku": "PWR-DRILL-001"}, "SKUs are unique"),
        ("products", {"barcode": "2000000010015"}, "barcodes are valid in-store numbers"),
        ("products", {"base_price": 149.99}, "prices follow from cost"),
        ("products", {"colour": "red"}, "documents have the form of the data model"),
        ("customers", {"phone": 5550100}, "documents have the form of the data model"),
        ("customers", {"first_name": "x" * 700}, "documents are small"),
        ("product_embeddings", {"dimensions": 512}, "vectors are whole"),
        ("products", {"type_id": "type_nothing"}, "references lead somewhere"),
        ("products", {"product_id": "prod_other"}, "id fields repeat the id"),
        ("customers", {"created_at": "2030-01-01T00:00:00Z"}, "dates are UTC and in the past"),
        ("customers", {"updated_at": "2024-01-01 10:00"}, "dates are UTC and in the past"),
        ("orders", {"total": 0.01}, "order totals agree"),
        ("orders", {"item_count": 99}, "order totals agree"),
        ("order_items", {"line_total": 0.01}, "order lines add up"),
        ("order_items", {"store_id": "store_nowhere"}, "items agree with their order"),
        ("inventory", {"stock_level": -1}, "stock and labels are sound"),
        ("inventory", {"label_code": "SEA-99-Z-99"}, "stock and labels are sound"),
    ],
)
def test_a_broken_promise_is_named(documents, collection, fields, check):
    broken = changed(documents, collection, lambda document: document.update(fields))
    assert check in failed(broken)


def test_a_shelf_older_than_its_last_sale_is_named(documents):
    old = {"last_updated": "2020-01-01T00:00:00Z"}
    aged = [(name, {**doc, **old} if name == "inventory" else doc) for name, doc in documents]
    assert failed(aged) == {"shelves know of the last sales"}


def test_a_shared_email_is_named(documents):
    first = next(document for name, document in documents if name == "customers")
    broken = changed(documents, "customers", lambda d: d.update(email=first["email"]), place=1)
    assert failed(broken) == {"e-mails are unique"}


def test_a_document_given_twice_is_named(documents):
    assert "ids are unique" in failed([*documents, documents[0]])


def test_a_missing_field_is_named_and_not_a_crash(documents):
    without = changed(documents, "products", lambda d: d.pop("sku"))
    assert {"SKUs are unique", "documents have the form of the data model"} <= failed(without)


def test_a_missing_collection_is_named(documents):
    without = [pair for pair in documents if pair[0] != "stores"]
    assert {"counts are in range", "references lead somewhere"} <= failed(without)


def test_a_failed_check_says_where_and_what_to_do(documents):
    broken = changed(documents, "products", lambda d: d.update(base_price=1.0))
    [result] = [r for r in checks.run(broken) if r.name == "prices follow from cost"]
    assert result.detail.startswith("prod_hnd_hammer_001 costs 1.0")
    assert result.remedy
