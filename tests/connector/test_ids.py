"""Which document is which (M1)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from bson import Binary, Int64, ObjectId

from sync.connector.events import Deleted, Inserted
from sync.connector.ids import Unidentified, hub_id, key_for, key_of, key_text
from sync.connector.rules import CollectionRule, IdRule
from tests.connector.bench import Bench

MATCH = IdRule()
SINGLE = IdRule("single_field", ("product_id",))
PAIR = IdRule("multiple_fields", ("store_id", "product_id"))
OBJECT_ID = ObjectId("507f1f77bcf86cd799439011")

KEYS: list[Any] = [
    "text",
    "507f1f77bcf86cd799439011",
    7,
    OBJECT_ID,
    1.5,
    True,
    Binary(UUID(int=7).bytes, 4),
    {"store_id": "s", "product_id": "p"},
    {"product_id": "p", "store_id": "s"},
]


@pytest.mark.parametrize("key", KEYS, ids=repr)
def test_a_key_survives_as_text_and_keeps_its_type(key: Any) -> None:
    assert key_of(key_text(key)) == key
    assert type(key_of(key_text(key))) is type(key)


def test_no_two_keys_have_one_text() -> None:
    assert len({key_text(key) for key in KEYS}) == len(KEYS)
    assert key_text(Int64(7)) == key_text(7), "MongoDB takes these two for one"


def test_ids_of_the_hub_by_mode() -> None:
    document = {"product_id": "prod_x", "store_id": "store_tacoma"}
    assert hub_id(MATCH, OBJECT_ID, document) == str(OBJECT_ID)
    assert hub_id(MATCH, 7, document) == "7"
    assert hub_id(SINGLE, OBJECT_ID, document) == "prod_x"
    assert hub_id(PAIR, OBJECT_ID, document) == '["store_tacoma","prod_x"]'


@pytest.mark.parametrize(
    ("rule", "key", "document", "reason"),
    [
        (MATCH, None, {}, "id_missing"),
        (MATCH, [1], {}, "id_unusable"),
        (MATCH, "", {}, "id_unusable"),
        (SINGLE, "k", {}, "id_missing"),
        (SINGLE, "k", {"product_id": None}, "id_missing"),
        (PAIR, "k", {"store_id": "s"}, "id_missing"),
        (MATCH, "x" * 2_000, {}, "id_unusable"),
    ],
)
def test_what_cannot_be_named_says_why(
    rule: IdRule, key: Any, document: dict[str, Any], reason: str
) -> None:
    with pytest.raises(Unidentified) as caught:
        hub_id(rule, key, document)
    assert caught.value.reason == reason


def test_an_insert_gets_a_key_that_leads_back_to_its_id() -> None:
    assert key_for(MATCH, "order_1", {}) == "order_1"
    assert key_for(SINGLE, "prod_x", {"product_id": "prod_x"}) == "prod_x"
    with pytest.raises(Unidentified, match="prod_x"):
        key_for(SINGLE, "prod_x", {"product_id": "prod_y"})


def test_a_second_document_with_a_bound_id_is_parked_and_the_first_goes_on() -> None:
    bench = Bench(CollectionRule("products", SINGLE))
    bench.take(_insert(OBJECT_ID, "prod_x", 1), _insert("another", "prod_x", 2))
    (letter,) = bench.engine.letters()
    assert (letter.reason, letter.way, letter.key) == ("duplicate_id", "in", "sanother")
    assert letter.remedy
    assert bench.get("products", "prod_x") == {"product_id": "prod_x", "n": 1}


def test_a_document_that_was_deleted_leaves_its_id_to_another() -> None:
    bench = Bench(CollectionRule("products", SINGLE))
    gone = Deleted("products", 3 << 20, "3", None, OBJECT_ID)
    bench.take(_insert(OBJECT_ID, "prod_x", 1), gone, _insert("another", "prod_x", 4))
    assert bench.get("products", "prod_x") == {"product_id": "prod_x", "n": 4}
    assert bench.engine.letters() == []


def _insert(key: Any, product: str, n: int) -> Inserted:
    document = {"_id": key, "product_id": product, "n": n}
    return Inserted("products", n << 20, str(n), None, key, document)
