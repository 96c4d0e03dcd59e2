"""What has to be known of a customer, and who is known already."""

from __future__ import annotations

import pytest

from app.domain.customers import Contact, build_customer, is_same, troubles
from app.domain.errors import DomainError

ROSE = Contact("  Rose  Anne ", "Samson", "Rose@Example.com", "(206) 555-0111")
AT = "2026-11-20T18:00:00Z"


def test_the_document_is_tidy_and_whole() -> None:
    document = build_customer(ROSE, "cust_1", "store_seattle", "user_ben", AT)
    assert document == {
        "_id": "cust_1",
        "customer_id": "cust_1",
        "first_name": "Rose Anne",
        "last_name": "Samson",
        "email": "rose@example.com",
        "phone": "(206) 555-0111",
        "primary_store_id": "store_seattle",
        "assigned_rep_id": "user_ben",
        "created_at": AT,
        "updated_at": AT,
        "deleted": False,
    }


@pytest.mark.parametrize(
    ("contact", "fields"),
    [
        (Contact("Rose", "Samson", "rose@example.com"), set()),
        (Contact("Rose", "Samson", "", "206 555 0111"), set()),
        (Contact("Zoë", "Ďuriš", "zoe@example.cz"), set()),
        (Contact(" ", "Samson", "rose@example.com"), {"first_name"}),
        (Contact("Rose", "S" * 61, "rose@example.com"), {"last_name"}),
        (Contact("Rose", "Samson"), {"phone"}),
        (Contact("Rose", "Samson", "rose@", "55"), {"email", "phone"}),
        (Contact("", ""), {"first_name", "last_name", "phone"}),
    ],
)
def test_what_is_wrong_is_said_at_its_field(contact: Contact, fields: set[str]) -> None:
    found = troubles(contact)
    assert set(found) == fields
    assert all(said.endswith(".") for said in found.values())
    if fields:
        with pytest.raises(DomainError) as refused:
            build_customer(contact, "cust_1", "store_seattle", "user_ben", AT)
        assert refused.value.code == "customer_incomplete"


def test_an_address_that_is_none_is_told_with_an_example() -> None:
    said = troubles(Contact("Rose", "Samson", "rose@"))["email"]
    assert said == "This is no e-mail address. Write it like rose@example.com."


@pytest.mark.parametrize(
    ("known", "same"),
    [
        ({"email": "ROSE@example.com", "phone": ""}, True),
        ({"email": "", "phone": "206-555-0111"}, True),
        ({"email": "other@example.com", "phone": "206-555-0112"}, False),
        ({}, False),
    ],
)
def test_who_is_reached_the_same_way_is_known(known: dict[str, str], same: bool) -> None:
    assert is_same(ROSE, known) is same


def test_nothing_typed_is_nobody() -> None:
    assert not is_same(Contact("Rose", "Samson"), {"email": "", "phone": ""})
