"""A condition with SELECTs in it selects what DQL would answer, one document at a time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.ids import Collection, Document
from sync.query import Node, evaluate
from sync.query.errors import ParameterMissing
from sync.query.related import After, Find, Fresh
from sync.query.selecting import rule_of, selection_of
from sync.query.selection import Selection
from sync.query.subscription import Subscription
from sync.query.subscription_errors import SubscriptionInvalid
from tests.query.over_dicts import answer_over_dicts

Data = dict[str, list[Document]]

ITEMS = Collection("items")
USER = {"store_id": "s1", "user_id": "u1"}
RULE = "order_id IN (SELECT order_id FROM orders WHERE store_id = $user.store_id)"

CONDITIONS = [
    "o IN (SELECT o FROM orders WHERE s = 's1')",
    "o IN (SELECT _id FROM orders)",
    "o NOT IN (SELECT o FROM orders WHERE s = 's1')",
    "EXISTS (SELECT 1 FROM orders WHERE s = 's2')",
    "NOT EXISTS (SELECT * FROM orders WHERE orders.o = items.o)",
    "EXISTS (SELECT * FROM orders r WHERE r.o = items.o AND items.q = 1 AND r.s = 's1')",
    "q IN (SELECT r.q FROM orders r WHERE r.o = items.o)",
    "o IN (SELECT o FROM orders WHERE c IN (SELECT _id FROM people WHERE r = 'u1'))",
    "o IN (SELECT o FROM orders WHERE NOT EXISTS (SELECT 1 FROM people WHERE _id = orders.c))",
    "q = 1 OR o IN (SELECT o FROM orders WHERE s = 's1') AND q = 2",
    "ANY each IN l SATISFIES EXISTS (SELECT 1 FROM orders WHERE o = each) END",
    "o IN (SELECT o FROM items WHERE q = 2)",
    "EXISTS (SELECT 1 FROM orders WHERE EXISTS (SELECT 1 FROM people WHERE _id = items.o))",
    "CASE WHEN o IN (SELECT o FROM orders) THEN q = 1 ELSE q = 2 END",
]


def found_in(data: Data) -> Find:
    def find(name: Collection, node: Node) -> Iterable[Document]:
        return [document for document in data.get(name, []) if evaluate(node, document)]

    return find


def ids(selection: Selection, data: Data) -> set[str]:
    related = Fresh(found_in(data))
    documents = found_in(data)(selection.collection, selection.narrowed(related))
    return {each["_id"] for each in documents if selection.selects(each, related)}


texts = st.sampled_from(["o1", "o2", None])
items = st.fixed_dictionaries(
    {}, optional={"o": texts, "q": st.integers(1, 2), "l": st.lists(texts, max_size=2)}
)
orders = st.fixed_dictionaries(
    {},
    optional={
        "o": st.sampled_from(["o1", "o2"]),
        "q": st.integers(1, 2),
        "s": st.sampled_from(["s1", "s2"]),
        "c": st.sampled_from(["p1", "p2"]),
    },
)
people = st.fixed_dictionaries({"r": st.sampled_from(["u1", "u2"])})


def documents(fields: st.SearchStrategy[Any], prefix: str) -> st.SearchStrategy[list[Document]]:
    def numbered(found: list[Any]) -> list[Document]:
        return [{"_id": f"{prefix}{n}", **each} for n, each in enumerate(found, 1)]

    return st.lists(fields, max_size=3).map(numbered)


states = st.fixed_dictionaries(
    {
        "items": documents(items, "i"),
        "orders": documents(orders, "o"),
        "people": documents(people, "p"),
    }
)


@pytest.mark.parametrize("condition", CONDITIONS)
@given(data=states)
def test_it_selects_what_a_query_answers(condition: str, data: Data) -> None:
    text = f"SELECT * FROM items WHERE {condition}"
    expected = {each["_id"] for each in answer_over_dicts(data, text, {})}
    assert ids(selection_of(Subscription.of(text)), data) == expected


@pytest.mark.parametrize("condition", CONDITIONS)
@given(before=states, after=states)
def test_what_a_batch_changes_is_known_before_it_is_in(
    condition: str, before: Data, after: Data
) -> None:
    changes = {
        Collection(name): {
            doc_id: (_by_id(before, name).get(doc_id), _by_id(after, name).get(doc_id))
            for doc_id in sorted({*_by_id(before, name), *_by_id(after, name)})
        }
        for name in before
        if before[name] != after[name]
    }
    selection = selection_of(Subscription.of(f"SELECT * FROM items WHERE {condition}"))
    related = After(Fresh(found_in(before)), found_in(before), changes)
    met = {each["_id"] for each in after["items"] if selection.selects(each, related)}
    assert met == ids(selection, after)


def _by_id(data: Data, name: str) -> dict[str, Document]:
    return {each["_id"]: each for each in data[name]}


DATA: Data = {
    "items": [{"_id": "i1", "order_id": "o1"}, {"_id": "i2", "order_id": "o2"}],
    "orders": [
        {"_id": "x1", "order_id": "o1", "store_id": "s1"},
        {"_id": "x2", "order_id": "o2", "store_id": "s2"},
    ],
}


class TestRules:
    def test_a_rule_is_about_a_person(self) -> None:
        assert ids(rule_of(ITEMS, RULE, USER), DATA) == {"i1"}
        assert ids(rule_of(ITEMS, RULE, {"store_id": "s2"}), DATA) == {"i2"}

    def test_people_for_whom_a_rule_says_the_same_share_its_name(self) -> None:
        one, other = rule_of(ITEMS, RULE, USER), rule_of(ITEMS, RULE, {**USER, "user_id": "u2"})
        assert one.name == other.name
        assert [each.name for each in one.inner] == [each.name for each in other.inner]
        assert rule_of(ITEMS, RULE, {"store_id": "s2"}).name != one.name

    def test_it_knows_what_it_looks_at(self) -> None:
        rule = rule_of(ITEMS, RULE, USER)
        assert rule.paths == {("order_id",)}
        assert rule.reads == {"orders"}
        (inner,) = rule.inner
        assert inner.paths | inner.selection.paths == {("order_id",), ("store_id",)}
        assert rule.probes[0].paths == (("order_id",),)

    def test_true_is_everything(self) -> None:
        assert rule_of(ITEMS, "true", USER).is_everything
        assert ids(rule_of(ITEMS, "false", USER), DATA) == set()

    def test_a_value_nobody_has_is_named_with_the_nearest(self) -> None:
        with pytest.raises(ParameterMissing, match=r"\$user\.stor_id.*\$user\.store_id"):
            rule_of(ITEMS, "store_id = $user.stor_id", USER)

    def test_a_window_is_of_the_day(self) -> None:
        text = "order_date >= date_sub(clock(), 'day', 1)"
        assert rule_of(ITEMS, text, USER, 86_400_000 * 3 + 5).day == 3
        inner = f"order_id IN (SELECT order_id FROM orders WHERE {text})"
        assert rule_of(ITEMS, inner, USER, 86_400_000 * 3 + 5).day == 3


@pytest.mark.parametrize(
    "within",
    [
        "o IN (SELECT o FROM orders LIMIT 1)",
        "o IN (SELECT COUNT(*) FROM orders)",
        "o IN (SELECT orders.o FROM orders JOIN people ON people._id = orders.c)",
        "o IN (SELECT items.q FROM orders)",
        "EXISTS (SELECT 1 FROM orders WHERE orders.q > items.q)",
        "EXISTS (SELECT 1 FROM orders WHERE c IN (SELECT _id FROM people WHERE r = items.o))",
        "EXISTS (SELECT name FROM system:collections)",
    ],
)
def test_what_cannot_be_followed_is_refused(within: str) -> None:
    with pytest.raises(SubscriptionInvalid, match="cannot be followed"):
        selection_of(Subscription.of(f"SELECT * FROM items WHERE {within}"))


def test_a_subscription_can_name_its_person_but_not_give_out_to_be_another() -> None:
    asked = Subscription.of("SELECT * FROM items WHERE o = $user.user_id", {})
    assert ids(selection_of(asked, user=USER), {"items": [{"_id": "i", "o": "u1"}]}) == {"i"}
    lie = Subscription.of(asked.text, {"$user.user_id": "u2"})
    assert not ids(selection_of(lie, user=USER), {"items": [{"_id": "i", "o": "u2"}]})


def test_what_a_select_yields_of_another_type_says_nothing_of_a_value() -> None:
    """Elsewhere in DQL a NOT IN of something that cannot be compared is MISSING: one odd document
    would empty every device."""
    asked = selection_of(Subscription.of("SELECT * FROM items WHERE o NOT IN (SELECT o FROM odd)"))
    data: Data = {"items": [{"_id": "i", "o": "o1"}], "odd": [{"_id": "1", "o": 7}]}
    assert ids(asked, data) == {"i"}
