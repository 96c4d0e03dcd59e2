"""Values of a statement's parameters as a person gives them: ``--arg name=value``, or a field."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from app.domain.errors import DomainError


def parameters(pairs: Sequence[str]) -> dict[str, Any]:
    """The parameters by name. A value that is JSON is read as such (``5``, ``true``, ``["a"]``,
    ``"5"``); anything else is text. Raises ``DomainError`` (argument_invalid)."""
    found: dict[str, Any] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        name = name.strip().removeprefix(":")
        if not equals or not name:
            raise DomainError(
                "argument_invalid",
                f"{pair!r} is no parameter.",
                "Write --arg name=value, once for each :name of the statement.",
            )
        if name in found:
            raise DomainError(
                "argument_invalid",
                f"The parameter {name!r} is given twice.",
                "Give each :name of the statement one value.",
            )
        found[name] = value_of(value)
    return found


def value_of(text: str) -> Any:
    """What a person means by a value: JSON where it is JSON, otherwise the text itself."""
    try:
        return json.loads(text, parse_constant=_no_json)
    except ValueError:
        return text


def _no_json(word: str) -> Any:
    raise ValueError(f"{word} is no JSON")
