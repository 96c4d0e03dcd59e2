"""How names and literal values are written, so that they are read as the same."""

from __future__ import annotations

import json
import re
from typing import Final

from sync.ids import Json
from sync.query.expressions import Path
from sync.query.lexer import RESERVED, capitals

# Words with a meaning of their own where a name may also stand.
_MISTAKABLE: Final = RESERVED | {"COLLECTION", "IDS", "IF", "INDEX", "LIST", "SYSTEM"}
_WORD = re.compile(r"[^\W\d]\w*")


def name_text(name: str) -> str:
    """A collection, alias, index or variable; in backticks where it has to be."""
    if _WORD.fullmatch(name) and capitals(name) not in _MISTAKABLE:
        return name
    return _backticks(name)


def path_text(path: Path) -> str:
    """``a.b.c``"""
    return name_text(path[0]) + "".join(map(step_text, path[1:]))


def step_text(key: str) -> str:
    """``.key`` after a field, where reserved words need no backticks."""
    if _WORD.fullmatch(key):
        return f".{key}"
    return f".{_backticks(key)}" if key else "['']"


def parameter_text(name: str) -> str:
    """``:name``, or ``$user.name``."""
    return name if name.startswith("$") else f":{name}"


def value_text(value: Json) -> str:
    """A JSON value as a literal."""
    if isinstance(value, str):
        return string_text(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(value_text, value))}]"
    if isinstance(value, dict):
        entries = [f"{string_text(key)}: {value_text(item)}" for key, item in value.items()]
        return "{" + ", ".join(entries) + "}"
    return json.dumps(value)


def string_text(value: str) -> str:
    """A text in single quotes; one in it is doubled, the rest escaped as in JSON."""
    inner = json.dumps(value, ensure_ascii=False)[1:-1]
    return "'" + inner.replace('\\"', '"').replace("'", "''") + "'"


def _backticks(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"
