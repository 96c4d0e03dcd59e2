"""The connector's file: what it may say, and how mistakes are told."""

from __future__ import annotations

from pathlib import Path

import pytest

from sync.config import parse_config
from sync.connector.config import ConnectorFile, Plan, checked, plan_of, read_plan
from sync.connector.rules import CounterRule, IdRule
from sync.errors import ConfigInvalid
from tests.tidy.source import ROOT

DITTO = Path(__file__).with_name("ditto_connector_config.yaml")
"""As it is printed in the documents this project was made from."""


def plan(text: str, **environment: str) -> Plan:
    return plan_of(
        checked(
            parse_config(
                text, "c.yaml", ConnectorFile, environment=environment, unset_is_error=False
            )
        ).value
    )


def mistakes(text: str) -> list[str]:
    with pytest.raises(ConfigInvalid) as caught:
        plan(text)
    return [f"{each.line}: {each.message}" for each in caught.value.problems]


def test_a_file_of_dittos_connector_is_taken_as_it_is() -> None:
    found = plan_of(read_plan(DITTO, {}).value)
    assert found.database == "zava"
    assert found.uri is None
    assert "product_embeddings" not in found.rules.collections
    rules = found.rules.collections
    assert rules["inventory"].ids == IdRule("multiple_fields", ("store_id", "product_id"))
    assert rules["inventory"].counters == (CounterRule(("stock_level",), ("last_counted",)),)
    assert rules["customers"].ids == IdRule("single_field", ("customer_id",))
    assert rules["order_items"].ids == IdRule("match_ids")
    assert found.limits["orders"].documents_per_second == 100


def test_our_own_file_is_sound() -> None:
    file = read_plan(ROOT / "config" / "connector.yaml", {"MONGODB_CONNECTION_STRING": "db://x"})
    found = plan_of(file.value)
    assert found.uri is not None
    assert found.uri.get_secret_value() == "db://x"
    assert found.rules.collections["inventory"].ids == IdRule("match_ids")
    assert found.limits["orders"].documents_per_second is None


def test_the_address_is_shown_nowhere() -> None:
    text = "mongodb:\n  connection_string: mongodb://u:s3cret@h/\ncollections: [{name: orders}]"
    assert "s3cret" not in repr(plan(text))


def test_a_collection_may_say_otherwise_than_the_settings() -> None:
    text = """
collections:
  - {name: orders, initial_sync: true, batch_size: 7, rate_limit_per_second: 3, direction: out}
  - {name: inventory, counters: [], hard_deletes: true}
  - {name: shelves, counters: [stock.here, sold]}
settings: {initial_sync: false, batch_size: 9}
"""
    found = plan(text)
    orders, inventory, shelves = found.rules.collections.values()
    assert (orders.initial_sync, orders.direction) == (True, "out")
    assert (inventory.initial_sync, inventory.counters, inventory.hard_deletes) == (False, (), True)
    assert shelves.counters == (CounterRule(("stock", "here")), CounterRule(("sold",)))
    assert found.limits["orders"].batch_documents == 7
    assert found.limits["inventory"].batch_documents == 9


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("  - {name: a, id_mapping: {mode: single_field}}", "2: The mode single_field takes"),
        ("  - {name: a, id_mapping: {mode: match_ids, field: b}}", "2: The mode match_ids takes"),
        ("  - {name: a, id_mapping: {mode: multiple_fields, fields: [b, b]}}", "2: A field stands"),
        ("  - {name: a, direction: up}", "2: Input should be 'both', 'in' or 'out'."),
        ("  - {name: a, sync: true}", "2: There is no key `sync` here;"),
        ("  - {name: a}\n  - {name: a}", "3: A is named twice."),
        ("  - {name: product_embeddings}", "2: Product_embeddings is never synced"),
        ("  - {name: zava_connector}", "2: Zava_connector is the connector's own."),
        ("  - {name: a, batch_size: 5000}", "2: Input should be less than or equal to 1000."),
        ("  - {name: a, counters: ['x..y']}", "2: String should match"),
    ],
)
def test_a_mistake_is_told_with_its_line(line: str, told: str) -> None:
    (found,) = mistakes(f"collections:\n{line}\n")
    assert found.lower().startswith(told.lower())


def test_a_file_without_collections_is_none() -> None:
    assert mistakes("name: x\ncollections: []") == ["2: There is no collection to sync."]


def test_a_newer_version_of_the_form_is_refused() -> None:
    assert mistakes("connector_version: 2.0\ncollections: [{name: a}]") == [
        "1: This program reads version 1.0."
    ]
