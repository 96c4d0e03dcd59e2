"""A file becomes a model, or names every mistake with its line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import pytest
from pydantic import BaseModel, ConfigDict, Field

from sync.config import CONFIG_BYTES_MAX, parse_config, read_config
from sync.errors import ConfigInvalid, ConfigUnreadable


class Rule(BaseModel):
    model_config = ConfigDict(extra="forbid")
    read: str | bool = False
    fields: list[str] | None = None


class Shop(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str
    port: Annotated[int, Field(gt=0)] = 80
    rules: dict[str, Rule] = {}


def mistakes(text: str) -> list[str]:
    with pytest.raises(ConfigInvalid) as caught:
        parse_config(text, "shop.yaml", Shop)
    return [f"{each.line}:{each.column}: {each.message}" for each in caught.value.problems]


def test_a_file_is_read_into_its_model(tmp_path: Path) -> None:
    path = tmp_path / "shop.yaml"
    path.write_bytes(b"\xef\xbb\xbfname: Pike Place\r\nrules:\r\n  orders: {read: true}\r\n")
    config = read_config(path, Shop)
    assert config.value == Shop(name="Pike Place", rules={"orders": Rule(read=True)})


def test_a_misspelt_key_is_named_with_the_one_it_is_near() -> None:
    text = "name: x\nrules:\n  orders:\n    raed: a = 1\n"
    assert mistakes(text) == ["4:5: There is no key `raed` here; did you mean `read`?"]


def test_an_unknown_key_that_is_near_nothing_lists_what_is_known() -> None:
    assert mistakes("name: x\nzzz: 1\n") == [
        "2:1: There is no key `zzz` here; known are name, port, rules."
    ]


def test_every_mistake_is_told_at_once_in_order_of_lines() -> None:
    text = "rules:\n  orders:\n    fields: [a, 7]\nport: -1\n"
    assert mistakes(text) == [
        "1:1: The key `name` is missing here.",
        "3:17: Input should be a valid string.",
        "4:7: Input should be greater than 0.",
    ]


def test_an_error_shows_the_line_and_marks_the_place() -> None:
    with pytest.raises(ConfigInvalid) as caught:
        parse_config("name: x\nport: often\nzzz: 1", "shop.yaml", Shop)
    assert str(caught.value).startswith("shop.yaml:2:7: Input should be a valid integer")
    assert str(caught.value).endswith("(1 more mistake)")
    shown = caught.value.told().splitlines()
    assert shown[1:3] == ["  port: often", "        ^^^^^"]


def test_a_key_stands_once() -> None:
    text = "name: x\nport: 1\nname: y\n"
    assert mistakes(text) == ["3:1: The key `name` stands already in line 1."]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name: [x", "This is no YAML"),
        ("name: x\n\tport: 1", "This is no YAML"),
        ("name: x\n---\nname: y", "expected a single document"),
        ("name: !!python/object/apply:os.system ['true']", "The tag"),
        ("name: &a x\nrules: *a", "An alias cannot stand here"),
        ("name: " + "[" * 200 + "]" * 200, "nested deeper than 32"),
        ("name: \x07", "A control character"),
        ("[a, b]: x\nname: y", "A key is one word or text"),
        ("- a", "Input should be a valid dictionary"),
        ("", "The key `name` is missing"),
    ],
)
def test_what_is_no_plain_yaml_is_refused_at_its_line(text: str, said: str) -> None:
    assert said in mistakes(text)[0]


@pytest.mark.parametrize("word", ["no", "on", "0123", "12:30", "2026-11-21", "NaN"])
def test_plain_words_are_text(word: str) -> None:
    assert parse_config(f"name: {word}", "f", Shop).value.name == word


def test_what_cannot_be_read_says_why(tmp_path: Path) -> None:
    with pytest.raises(ConfigUnreadable, match="No such file"):
        read_config(tmp_path / "none.yaml", Shop)
    large = tmp_path / "large.yaml"
    large.write_text("#" * (CONFIG_BYTES_MAX + 1))
    with pytest.raises(ConfigUnreadable, match="larger than"):
        read_config(large, Shop)
    large.write_bytes(b"name: x\nport: \xff")
    with pytest.raises(ConfigUnreadable, match=r"large\.yaml:2 is no text"):
        read_config(large, Shop)


def test_a_caller_names_places_too() -> None:
    config = parse_config("name: x\nrules:\n  orders:\n    read: a =\n", "shop.yaml", Shop)
    at_value = config.problem(("rules", "orders", "read"), "Odd.")
    at_key = config.problem(("rules", "orders"), "Odd.", key=True)
    assert [(p.line, p.column) for p in (at_value, at_key)] == [(4, 11), (3, 3)]
    assert str(config.invalid([at_value])) == "shop.yaml:4:11: Odd."
