"""Fields of documents have names for people, and what is typed into them is checked."""

from __future__ import annotations

from typing import Any

import pytest

from app.domain.errors import DomainError
from app.domain.fields import Kind, Named, named, read, text_of


@pytest.mark.parametrize(
    ("path", "value", "shown"),
    [
        ("notes", "n", Named("Note", Kind.TEXT)),
        ("stock_level", 4, Named("Stock", Kind.WHOLE)),
        ("stock_level", "-3", Named("Stock", Kind.CHANGE)),
        ("base_price", 9.5, Named("Price", Kind.AMOUNT)),
        ("extra.bought_on", "x", Named("Bought on", Kind.TEXT)),
        ("vip", True, Named("Vip", Kind.FLAG)),
        ("tags", ["a"], Named("Tags", Kind.FIXED)),
    ],
)
def test_a_field_has_a_name_and_a_way_to_type_it(path: str, value: Any, shown: Named) -> None:
    assert named(path, value) == shown


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (Kind.WHOLE, " 1,200 ", 1200),
        (Kind.CHANGE, "−3", -3),
        (Kind.CHANGE, "+3", 3),
        (Kind.AMOUNT, "$1,234.5", 1234.5),
        (Kind.AMOUNT, ".005", 0.01),
        (Kind.PERCENT, "12.5 %", 12.5),
        (Kind.PERCENT, "10", 10),
        (Kind.FLAG, "yes", True),
        (Kind.EMAIL, "rose.o'hara+shop@mail.example.com", "rose.o'hara+shop@mail.example.com"),
        (Kind.EMAIL, "", ""),
        (Kind.PHONE, "(206) 555-0111", "(206) 555-0111"),
        (Kind.PHONE, "+420 601 123 456", "+420 601 123 456"),
        (Kind.TEXT, " Back door ", "Back door"),
    ],
)
def test_what_people_type_is_understood(kind: Kind, text: str, value: Any) -> None:
    assert read("Field", kind, text) == value


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (Kind.WHOLE, "-1"),
        (Kind.WHOLE, "1.5"),
        (Kind.WHOLE, "9999999"),
        (Kind.WHOLE, ""),
        (Kind.CHANGE, "some"),
        (Kind.AMOUNT, "-1"),
        (Kind.AMOUNT, "1e9"),
        (Kind.AMOUNT, "nan"),
        (Kind.PERCENT, "101"),
        (Kind.EMAIL, "rose@"),
        (Kind.EMAIL, "rose@example"),
        (Kind.EMAIL, "rose example@example.com"),
        (Kind.EMAIL, "a@-example.com"),
        (Kind.PHONE, "555"),
        (Kind.PHONE, "call Rose 2065550111"),
        (Kind.TEXT, "x" * 501),
    ],
)
def test_what_cannot_be_is_refused_with_what_would_do(kind: Kind, text: str) -> None:
    with pytest.raises(DomainError) as refused:
        read("Field", kind, text)
    assert refused.value.code == "field_invalid"
    assert "“Field”" in refused.value.message
    assert refused.value.remedy.endswith(".")


@pytest.mark.parametrize(
    ("kind", "value"),
    [(Kind.AMOUNT, 12.5), (Kind.WHOLE, 7), (Kind.PERCENT, 12.5), (Kind.FLAG, False)],
)
def test_a_form_gives_back_what_it_was_given(kind: Kind, value: Any) -> None:
    assert read("Field", kind, text_of(kind, value)) == value


def test_what_has_parts_is_shown_as_its_parts() -> None:
    assert text_of(Kind.FIXED, {"aisle": "3", "shelf": "B"}) == "3 · B"
    assert text_of(Kind.FIXED, ["a", "b"]) == "a, b"
    assert text_of(Kind.TEXT, None) == ""
